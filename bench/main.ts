import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_CLIENT } from '#platform/kafka/index.ts';
import { arquivoDaCarga } from './carga.ts';
import type { Contexto, Medida } from './linhas/contexto.ts';
import { escala } from './linhas/escala.ts';
import { importacao } from './linhas/importacao.ts';
import { EVENTOS_POR_SEGUNDO } from './linhas/latencia.ts';
import { leitura } from './linhas/leitura.ts';
import { custoPorTamanho, memoriaPorCliente } from './linhas/memoria.ts';
import { partes } from './linhas/partes.ts';
import { pontaAPonta } from './linhas/ponta-a-ponta.ts';
import { porta } from './linhas/porta.ts';
import { pontaAPontaQuente } from './linhas/quente.ts';
import { peer } from './peer.ts';
import { limpa, type Pastas, preparaPastas } from './servidores.ts';
import { resume, tabela } from './tabela.ts';

const GRUPOS = {
  'ponta-a-ponta': pontaAPonta,
  quente: pontaAPontaQuente,
  partes,
  memoria: memoriaPorCliente,
  custo: custoPorTamanho,
  escala,
  porta,
  leitura,
  importacao,
} as const;
type Grupo = keyof typeof GRUPOS;
/** Long, or the same from one run to the next. */
const UMA_VEZ: ReadonlySet<Grupo> = new Set(['custo', 'memoria', 'escala']);

interface Opcoes {
  eventos: number;
  rodadas: number;
  semente: number;
  latencia: number;
  rows: Grupo[];
  quick?: boolean;
  full?: boolean;
  peer?: boolean;
  perfil?: boolean;
  json?: boolean;
}

const diz = (texto: string): void => void process.stderr.write(`${texto}\n`);

function inteiro(texto: string): number {
  const n = Number(texto.replaceAll('_', ''));
  if (Number.isSafeInteger(n) && n >= 0) return n;
  throw new InvalidArgumentError('precisa ser um número inteiro');
}

function grupos(texto: string): Grupo[] {
  const pedidos = texto.split(',').map((g) => g.trim());
  const desconhecido = pedidos.find((g) => !(g in GRUPOS));
  if (desconhecido !== undefined) throw new InvalidArgumentError(`há ${Object.keys(GRUPOS).join(', ')}`);
  return pedidos as Grupo[];
}

function leOpcoes(): Opcoes {
  const programa = new Command('bench')
    .description(
      'Mede a linha sobre servidores próprios, do zero, com uma carga que é sempre a mesma. Cada rodada só vale se a ' +
        'auditoria confere. A tabela sai na saída padrão; os números, em $ATENDIDO_HOME/bench/resultados.json.',
    )
    .option('--quick', 'cerca de um minuto: 100 mil eventos, uma rodada, sem a memória por cliente')
    .option('--full', 'mede também o custo por evento com 200 mil e com 5 milhões de clientes no Redis')
    .option('--eventos <n>', 'tamanho da carga', inteiro, 1_000_000)
    .option('--rodadas <n>', 'quantas vezes medir cada linha', inteiro, 3)
    .option('--semente <n>', 'a mesma semente dá a mesma carga', inteiro, 42)
    .option(
      '--latencia <segundos>',
      'quanto tempo manter 5.000 eventos/s, a primeira metade para aquecer (0: não mede)',
      inteiro,
      60,
    )
    .option('--rows <linhas>', `o que medir: ${Object.keys(GRUPOS).join(',')}`, grupos, [
      'ponta-a-ponta',
      'quente',
      'partes',
      'memoria',
    ])
    .option('--peer', 'mede também a mesma linha em Kafka Streams (bench/peer), com os mesmos eventos, alternando')
    .option('--perfil', 'guarda o perfil de CPU de cada serviço em $ATENDIDO_HOME/bench/perfis')
    .option('--json', 'escreve os resultados em JSON na saída padrão')
    .addHelpText('after', '\nO cliente de Kafka é o de ATENDIDO_KAFKA_CLIENTE; as partições, as de ATENDIDO_PARTICOES.')
    .parse();
  const opcoes = programa.opts<Opcoes>();
  const dada = (nome: string): boolean => programa.getOptionValueSource(nome) === 'cli';
  if (opcoes.quick) {
    if (!dada('eventos')) opcoes.eventos = 100_000;
    if (!dada('rodadas')) opcoes.rodadas = 1;
    if (!dada('latencia')) opcoes.latencia = 5;
    if (!dada('rows')) opcoes.rows = ['ponta-a-ponta', 'partes'];
  }
  if (opcoes.full && !opcoes.rows.includes('custo')) opcoes.rows = [...opcoes.rows, 'custo'];
  return opcoes;
}

async function contextoDe(opcoes: Opcoes, pastas: Pastas): Promise<Contexto> {
  const { eventos, semente, latencia, perfil } = opcoes;
  diz(`Preparando a carga de ${eventos.toLocaleString('pt-BR')} eventos (só na primeira vez)…`);
  const carga = await arquivoDaCarga(pastas.base, { eventos, semente, execucao: 'b' });
  const continua = { eventos: Math.max(1, latencia) * EVENTOS_POR_SEGUNDO, semente, execucao: 'l' };
  return {
    pastas,
    eventos,
    semente,
    carga,
    cargaContinua: await arquivoDaCarga(pastas.base, continua),
    segundosDeLatencia: latencia,
    perfil: perfil ? join(pastas.base, 'perfis') : null,
    diz,
  };
}

/** @param guarda told of everything measured so far at the end of each run: a long bench may be cut short */
async function rodadas(
  opcoes: Opcoes,
  contexto: Contexto,
  guarda: (medidas: readonly Medida[]) => void,
): Promise<Medida[]> {
  const medidas: Medida[] = [];
  for (let r = 1; r <= opcoes.rodadas; r += 1) {
    for (const grupo of opcoes.rows) {
      if (r > 1 && UMA_VEZ.has(grupo)) continue;
      diz(`Rodada ${r}: ${grupo}`);
      medidas.push(...(await GRUPOS[grupo](contexto)));
    }
    await limpa(contexto.pastas);
    if (opcoes.peer) medidas.push(...(await peer(contexto)));
    guarda(medidas);
  }
  return medidas;
}

async function main(): Promise<void> {
  const opcoes = leOpcoes();
  const cliente = process.env.ATENDIDO_KAFKA_CLIENTE || DEFAULT_CLIENT;
  const pastas = await preparaPastas();
  const contexto = await contextoDe(opcoes, pastas);
  try {
    const { eventos, semente } = opcoes;
    const maquina = { cpus: cpus().length, modelo: cpus()[0]?.model.trim() ?? '?', node: process.version };
    const saidaDe = (medidas: readonly Medida[]) => {
      return { quando: new Date().toISOString(), cliente, eventos, semente, maquina, resumos: resume(medidas) };
    };
    const arquivo = join(pastas.base, 'resultados.json');
    const guarda = (medidas: readonly Medida[]): void => {
      writeFileSync(arquivo, `${JSON.stringify(saidaDe(medidas), null, 1)}\n`);
    };
    const saida = saidaDe(await rodadas(opcoes, contexto, guarda));
    const cabeca = `Cliente de Kafka: ${cliente}; ${eventos.toLocaleString('pt-BR')} eventos; ${maquina.cpus} núcleos.`;
    process.stdout.write(opcoes.json ? `${JSON.stringify(saida)}\n` : `${cabeca}\n\n${tabela(saida.resumos)}\n`);
  } finally {
    await limpa(pastas);
  }
}

await main();
