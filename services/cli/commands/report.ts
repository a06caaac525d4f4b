import type { Command } from 'commander';
import { numero } from '../formato.ts';

interface Medidas {
  clientes: number;
  atendimentos: number;
}

interface Indicador extends Medidas {
  codigo: string;
  nome: string;
  periodo: string;
  unidade: string | null;
  porUnidade: Record<string, Medidas>;
  porTipo: Record<string, Medidas>;
  porModalidade: Record<string, Medidas>;
  porMes: Record<string, Medidas>;
}

interface Opcoes {
  periodo?: string;
  unidade?: string;
  json?: boolean;
}

const CORTES = [
  ['porTipo', 'tipo'],
  ['porUnidade', 'unidade'],
  ['porModalidade', 'modalidade'],
  ['porMes', 'mês'],
] as const;

const linha = (nome: string, { clientes, atendimentos }: Medidas): string[] => [
  nome,
  numero(clientes),
  numero(atendimentos),
];

async function texto(indicadores: readonly Indicador[]): Promise<string> {
  const { tabela } = await import('../tabela.ts');
  const com = (cabeca: string, linhas: string[][]): string => tabela([cabeca, 'clientes', 'atendimentos'], 1, linhas);
  const resumo = indicadores.map((i) => linha(`${i.nome} (${i.periodo})`, i));
  const partes = [com('indicador', resumo)];
  for (const indicador of indicadores) {
    partes.push(`\n${indicador.nome}, ${indicador.periodo}`);
    for (const [corte, nome] of CORTES) {
      const linhas = Object.entries(indicador[corte]).map(([valor, medidas]) => linha(valor, medidas));
      partes.push(com(nome, linhas));
    }
  }
  return partes.join('\n');
}

async function report({ periodo, unidade, json }: Opcoes): Promise<void> {
  const { consulta } = await import('../api.ts');
  const busca = new URLSearchParams({ ...(periodo && { periodo }), ...(unidade && { unidade }) });
  const codigos = await consulta<{ codigo: string; periodo: 'ano' | 'mes' }[]>('/v1/indicadores');
  const doPeriodo = codigos.filter((i) => periodo === undefined || i.periodo === (periodo.length > 4 ? 'mes' : 'ano'));
  // Where none has such a period, it is the api that says what is wrong with it.
  const pedidos = doPeriodo.length > 0 ? doPeriodo : codigos;
  const indicadores = await Promise.all(
    pedidos.map(({ codigo }) => consulta<Indicador>(`/v1/indicadores/${encodeURIComponent(codigo)}?${busca}`)),
  );
  process.stdout.write(`${json ? JSON.stringify({ indicadores }, null, 2) : await texto(indicadores)}\n`);
}

export function register(program: Command): void {
  program
    .command('report')
    .summary('os indicadores de um período')
    .description('Mostra os indicadores de um período, com seus cortes: as mesmas respostas de GET /v1/indicadores.')
    .option('--periodo <periodo>', 'ano (2026), ou mês (2026-03) para indicadores por mês; sem ele, o atual')
    .option('--unidade <unidade>', 'só uma unidade: uma UF ou NA')
    .option('--json', 'escreve JSON')
    .action(report);
}
