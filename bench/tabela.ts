import type { Medida } from './linhas/contexto.ts';
import { cpuTotal, type Gasto } from './processos.ts';

/** What a row is called for people, its unit, and the goal it is held against. */
interface Rotulo {
  texto: string;
  unidade: string;
  meta: string;
}

const ROTULOS: Record<string, Rotulo> = {
  'ponta-a-ponta': {
    texto: 'ponta a ponta: tópicos crus → status no Redis, frio',
    unidade: 'eventos/s',
    meta: 'peer frio',
  },
  'ponta-a-ponta-quente': { texto: 'ponta a ponta, quente', unidade: 'eventos/s', meta: 'peer quente' },
  classificador: { texto: 'classificador sozinho', unidade: 'eventos/s', meta: 'classificador do peer' },
  'classificador-2': {
    texto: 'classificador sozinho, dois processos',
    unidade: 'eventos/s',
    meta: 'classificador do peer',
  },
  agregador: { texto: 'agregador sozinho', unidade: 'lançamentos/s', meta: '≥ 100.000' },
  'agregador-2': { texto: 'agregador sozinho, dois processos', unidade: 'lançamentos/s', meta: '≥ 100.000' },
  'status-p50': { texto: 'do aceite ao status a 5.000 eventos/s, p50', unidade: 'ms', meta: '≤ 100' },
  'status-p99': { texto: 'do aceite ao status a 5.000 eventos/s, p99', unidade: 'ms', meta: '≤ 400' },
  'status-ritmo': { texto: 'ritmo mantido enquanto isso', unidade: 'eventos/s', meta: '5.000' },
  'redis-por-cliente': { texto: 'Redis por cliente com duas entregas', unidade: 'bytes', meta: '≤ 300' },
  'redis-de-uma-chave': { texto: 'a chave de um deles (MEMORY USAGE)', unidade: 'bytes', meta: '–' },
  'redis-por-cliente-da-carga': { texto: 'Redis por cliente desta carga', unidade: 'bytes', meta: '–' },
  auditoria: { texto: 'recontagem da auditoria', unidade: 'eventos/s', meta: '≥ 100.000' },
  'memoria-do-servico': { texto: 'pico de memória do maior serviço', unidade: 'MiB', meta: '≤ 300' },
  'custo-200000': { texto: 'CPU por evento com 200 mil clientes', unidade: 'µs', meta: '–' },
  'custo-5000000': { texto: 'CPU por evento com 5 milhões de clientes', unidade: 'µs', meta: 'até 15% a mais' },
  'porta-nua-1': { texto: 'fastify que só responde 202, um evento por pedido', unidade: 'eventos/s', meta: '–' },
  'ingest-1': { texto: 'porta de entrada, um evento por pedido', unidade: 'eventos/s', meta: '–' },
  'porta-razao-1': { texto: 'porta / fastify, um evento por pedido', unidade: '%', meta: '–' },
  'porta-nua-100': { texto: 'fastify que só responde 202, lotes de 100', unidade: 'eventos/s', meta: '–' },
  'ingest-100': { texto: 'porta de entrada, lotes de 100', unidade: 'eventos/s', meta: '–' },
  'porta-razao-100': { texto: 'porta / fastify, lotes de 100', unidade: '%', meta: '–' },
  'leitura-nua-p50': { texto: 'fastify que só lê uma chave, 300 pedidos/s, p50', unidade: 'ms', meta: '–' },
  'leitura-nua-p99': { texto: 'fastify que só lê uma chave, p99', unidade: 'ms', meta: '–' },
  'leitura-p50': { texto: 'leitura: a api, 300 pedidos/s, p50', unidade: 'ms', meta: '–' },
  'leitura-p99': { texto: 'leitura: a api, p99', unidade: 'ms', meta: '≤ 20' },
  'leitura-razao-p50': { texto: 'leitura / fastify que só lê uma chave, p50', unidade: '×', meta: '–' },
  'leitura-razao-p99': { texto: 'leitura / fastify que só lê uma chave, p99', unidade: '×', meta: '–' },
  'leitura-em-marcha-p50': { texto: 'leitura, com a linha a 1.000 eventos/s, p50', unidade: 'ms', meta: '–' },
  'leitura-em-marcha-p99': { texto: 'leitura, com a linha a 1.000 eventos/s, p99', unidade: 'ms', meta: '≤ 20' },
  'importa-ensaio': { texto: 'atendido import --dry-run de um CSV', unidade: 'linhas/s', meta: '–' },
  'importa-csv': { texto: 'atendido import de um CSV', unidade: 'linhas/s', meta: '–' },
  'importa-ndjson': { texto: 'atendido import de um NDJSON', unidade: 'linhas/s', meta: '–' },
  'importa-porta': { texto: 'a porta só, o mesmo NDJSON num pedido', unidade: 'eventos/s', meta: '–' },
  'importa-razao': { texto: 'CSV / porta só', unidade: '%', meta: '–' },
  'importa-cpu': { texto: 'CPU do comando por linha de CSV, partida incluída', unidade: 'µs', meta: '–' },
  'importa-memoria': { texto: 'pico de memória do comando', unidade: 'MiB', meta: '–' },
  'peer-eos': { texto: 'Kafka Streams ponta a ponta, frio', unidade: 'eventos/s', meta: '–' },
  'peer-eos-quente': { texto: 'Kafka Streams ponta a ponta, quente', unidade: 'eventos/s', meta: '–' },
  'peer-classificador': { texto: 'Kafka Streams, classificador sozinho', unidade: 'eventos/s', meta: '–' },
};

/** The figures of one row over all runs. */
export interface Resumo {
  linha: string;
  mediana: number;
  minimo: number;
  maximo: number;
  valores: number[];
  /** Of the run in the middle: CPU microseconds a record by process, and their sum. */
  cpuPorRegistro?: Record<string, number>;
  picoMiB?: Record<string, number>;
  /** CPU seconds that others took meanwhile, in each run: how far the machine was ours. */
  cpuDeOutros?: number[];
}

/** A row of `escala` is named by its numbers. */
function rotuloDe(linha: string): Rotulo {
  const [, particoes, processos] = /^escala-(\d+)-(\d+)$/.exec(linha) ?? [];
  const texto = particoes === undefined ? linha : `${particoes} partições, ${processos} processos por serviço`;
  // Of what is asked for: its type is the name's.
  if (/^leitura-.*-p\d\d$/.test(linha)) return ROTULOS[linha] ?? { texto: linha, unidade: 'ms', meta: '≤ 20' };
  return ROTULOS[linha] ?? { texto, unidade: 'eventos/s', meta: '–' };
}

const meio = (ordenados: readonly number[]): number => {
  const n = ordenados.length;
  const [a = 0, b = 0] = [ordenados[Math.floor((n - 1) / 2)], ordenados[Math.floor(n / 2)]];
  return (a + b) / 2;
};

function cpuPorRegistro(gasto: Gasto, registros: number): Record<string, number> {
  const micros = (cpu: number): number => Math.round((cpu / registros) * 1e7) / 10;
  const porProcesso = Object.fromEntries(Object.entries(gasto.cpu).map(([nome, cpu]) => [nome, micros(cpu)]));
  return { ...porProcesso, total: micros(cpuTotal(gasto)) };
}

function resumoDe(linha: string, medidas: readonly Medida[]): Resumo {
  const porValor = [...medidas].sort((a, b) => a.valor - b.valor);
  const valores = porValor.map((m) => m.valor);
  const doMeio = porValor[Math.floor((porValor.length - 1) / 2)];
  const resumo: Resumo = {
    linha,
    mediana: meio(valores),
    minimo: valores[0] ?? 0,
    maximo: valores.at(-1) ?? 0,
    valores: medidas.map((m) => m.valor),
  };
  if (doMeio?.gasto === undefined) return resumo;
  return {
    ...resumo,
    cpuPorRegistro: cpuPorRegistro(doMeio.gasto, doMeio.registros ?? 1),
    picoMiB: doMeio.gasto.picoMiB,
    cpuDeOutros: medidas.map((m) => m.gasto?.outros ?? 0),
  };
}

/** One summary a row, in the order of the table. */
export function resume(medidas: readonly Medida[]): Resumo[] {
  const porLinha = Map.groupBy(medidas, (m) => m.linha);
  const ordem = Object.keys(ROTULOS);
  return [...porLinha]
    .sort(([a], [b]) => ordem.indexOf(a) - ordem.indexOf(b))
    .map(([linha, todas]) => resumoDe(linha, todas));
}

const numero = (n: number): string => n.toLocaleString('pt-BR', { maximumFractionDigits: n < 100 ? 1 : 0 });
const lista = (porNome: Record<string, number> | undefined): string =>
  Object.entries(porNome ?? {})
    .map(([nome, n]) => `${nome} ${numero(n)}`)
    .join(', ') || '–';

/** The table in Markdown. */
export function tabela(resumos: readonly Resumo[]): string {
  const linhas = resumos.map((r) => {
    const rotulo = rotuloDe(r.linha);
    const faixa = r.valores.length > 1 ? ` (${numero(r.minimo)}–${numero(r.maximo)})` : '';
    const valor = `${numero(r.mediana)}${faixa} ${rotulo.unidade}`;
    return `| ${rotulo.texto} | ${valor} | ${rotulo.meta} | ${lista(r.cpuPorRegistro)} | ${lista(r.picoMiB)} |`;
  });
  return [
    '| medida | mediana (mín–máx) | meta | CPU µs por registro | pico de memória, MiB |',
    '|---|---|---|---|---|',
    ...linhas,
  ].join('\n');
}
