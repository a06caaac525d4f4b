import type { Command } from 'commander';

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

async function tabela(cabeca: string, linhas: readonly (readonly [string, Medidas])[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({ head: [cabeca, 'clientes', 'atendimentos'], colAligns: ['left', 'right', 'right'] });
  for (const [nome, { clientes, atendimentos }] of linhas) {
    table.push([nome, clientes.toLocaleString('pt-BR'), atendimentos.toLocaleString('pt-BR')]);
  }
  return table.toString();
}

async function texto(indicadores: readonly Indicador[]): Promise<string> {
  const resumo = indicadores.map((i) => [`${i.nome} (${i.periodo})`, i] as const);
  const partes = [await tabela('indicador', resumo)];
  for (const indicador of indicadores) {
    partes.push(`\n${indicador.nome}, ${indicador.periodo}`);
    for (const [corte, nome] of CORTES) partes.push(await tabela(nome, Object.entries(indicador[corte])));
  }
  return partes.join('\n');
}

async function report({ periodo, unidade, json }: Opcoes): Promise<void> {
  const { consulta } = await import('../api.ts');
  const busca = new URLSearchParams({ ...(periodo && { periodo }), ...(unidade && { unidade }) });
  const codigos = await consulta<{ codigo: string; periodo: 'ano' | 'mes' }[]>('/v1/indicadores');
  const doPeriodo = codigos.filter((i) => periodo === undefined || i.periodo === (periodo.length > 4 ? 'mes' : 'ano'));
  const indicadores = await Promise.all(
    doPeriodo.map(({ codigo }) => consulta<Indicador>(`/v1/indicadores/${encodeURIComponent(codigo)}?${busca}`)),
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
