import { parseArgs } from 'node:util';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { estadoVazio, titularDe } from '#domain/cliente.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { chaveDeParticao, topicoDe } from '#domain/interacao.ts';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { Reagregacao } from '#domain/reagregacao.ts';
import { Reclassificacao } from '#domain/reclassificacao.ts';
import { codecFor } from '#platform/codec.ts';
import { codificaEstado, decodificaEstado } from '#platform/estado/codificacao.ts';
import type { LeitorDeEstado } from '#platform/estado/leitor.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { piecesOf } from '#platform/kafka/platformatic/decode.ts';
import { batchOf, PackedSlice } from '#platform/kafka/platformatic/encode.ts';
import type { Kafka, ReadOptions } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { Copias } from '../services/cli/auditoria/copias.ts';
import { comparaClientes } from '../services/cli/auditoria/diferencas.ts';
import { desempacota, type Pacote } from '../services/cli/auditoria/pacote.ts';
import { Divisao, Leitura } from '../services/cli/auditoria/parte.ts';
import { portfolioDaDemo } from '../services/cli/demo/catalogo.ts';
import { interacoesDaCarga } from './carga.ts';

/** The audit's recount, both of its parts one after the other, without servers: to be looked at while it is changed. */

const { values: opcoes } = parseArgs({ options: { eventos: { type: 'string' }, rodadas: { type: 'string' } } });
const carga = { eventos: Number(opcoes.eventos ?? 100_000), semente: 42 };
const POR_LOTE = 500;
const PARTICOES = 6;
const PARTES = 2;

const rulebooks = await loadRulebooks();
const lido = lePortfolio(portfolioDaDemo(carga));
if (!lido.ok) throw new Error('o portfólio da demo não se lê');
const portfolio = lido.valor;
const registro: Registry = { register: async () => 1, idOf: async () => 1, writer: async () => null };
const codec = await codecFor(registro, 'interacoes');

type Topico = 'interacoes' | 'presencas';
type Log = Record<Topico, Buffer[][]>;

/** The load as brokers keep it: batches of records, packed. */
function log(): Log {
  const abertos = new Map<string, PackedSlice>();
  const vazio = (): Buffer[][] => Array.from({ length: PARTICOES }, () => []);
  const feito: Log = { interacoes: vazio(), presencas: vazio() };
  const fecha = (lote: PackedSlice): void => {
    feito[lote.topic as Topico][lote.partition]?.push(batchOf(lote, null));
    lote.release();
    abertos.delete(`${lote.topic}${lote.partition}`);
  };
  for (const interacao of interacoesDaCarga({ ...carga, execucao: 'b' })) {
    const [topic, key] = [topicoDe(interacao), chaveDeParticao(interacao)];
    const partition = murmur2Partition(key, PARTICOES);
    const lote = abertos.get(`${topic}${partition}`) ?? new PackedSlice(topic, partition);
    abertos.set(`${topic}${partition}`, lote);
    lote.add({ topic, key, value: codec.encode(interacao), timestamp: interacao.time });
    if (lote.count === POR_LOTE) fecha(lote);
  }
  for (const lote of abertos.values()) fecha(lote);
  return feito;
}

/** Reads as the port does, out of memory. */
function kafkaDe(doLog: Log): Pick<Kafka, 'readToEnd'> {
  return {
    readToEnd: async (topic: string, { partitions = [], onBatch }: ReadOptions) => {
      for (const partition of partitions) {
        for (const lote of doLog[topic as Topico][partition] ?? []) {
          for (const pedaco of piecesOf(lote, null, 0).pieces) {
            await onBatch({ topic, partition, records: pedaco.records() });
          }
        }
      }
    },
  };
}

/** A reader over states in memory, each unpacked as it is asked for. */
function leitorDe(gravados: ReadonlyMap<string, Buffer>, divisao: Divisao, parte: number): LeitorDeEstado {
  async function* titulares() {
    for (const [titular, bytes] of gravados) {
      if (divisao.doTitular(titular) === parte) yield { titular, estado: decodificaEstado(bytes) };
    }
  }
  return { titulares } as unknown as LeitorDeEstado;
}

const fases = ['leitura', 'recebidos', 'copias', 'indicadores', 'clientes'] as const;
type Fase = (typeof fases)[number];

class Rodada {
  readonly segundos: Record<Fase, number> = { leitura: 0, recebidos: 0, copias: 0, indicadores: 0, clientes: 0 };
  registros = 0;
  #antes = process.cpuUsage();

  fim(fase: Fase): void {
    const { user, system } = process.cpuUsage(this.#antes);
    this.segundos[fase] += (user + system) / 1e6;
    this.#antes = process.cpuUsage();
  }
}

function recebe(porta: MessagePort, reagregacao: Reagregacao): void {
  for (let m = receiveMessageOnPort(porta); m !== undefined; m = receiveMessageOnPort(porta)) {
    for (const l of desempacota(m.message as Pacote)) reagregacao.lanca(titularDe(l), l);
  }
}

/** Both parts over the whole log. @param gravados what the services would have in Redis; null: nothing is compared */
async function rodada(doLog: Log, gravados: ReadonlyMap<string, Buffer> | null) {
  const r = new Rodada();
  const divisao = new Divisao(PARTES, PARTICOES);
  const { port1, port2 } = new MessageChannel();
  const portas = [port1, port2] as const;
  const reagregacoes = [new Reagregacao(), new Reagregacao()] as const;
  const copias = new Copias();
  for (const [parte, reagregacao] of reagregacoes.entries()) {
    const leitura = new Leitura({
      parte,
      divisao,
      interacoes: codec,
      reclassificacao: new Reclassificacao(rulebooks, portfolio),
      reagregacao,
      postosDeLado: new Map(),
      esquecimentos: new Esquecimentos(),
      encaminha: (_, pacote) => portas[parte]?.postMessage(pacote, [pacote.buffer]),
      lidos: (registros, identidades) => {
        r.registros += registros;
        r.fim('leitura');
        copias.soma(identidades);
        r.fim('copias');
      },
    });
    await leitura.topico(kafkaDe(doLog) as Kafka, 'interacoes', PARTICOES);
    await leitura.topico(kafkaDe(doLog) as Kafka, 'presencas', PARTICOES);
    leitura.termina();
    r.fim('leitura');
  }
  recebe(port1, reagregacoes[0]);
  recebe(port2, reagregacoes[1]);
  port1.close();
  r.fim('recebidos');
  for (const reagregacao of reagregacoes) reagregacao.indicadores(rulebooks);
  r.fim('indicadores');
  if (gravados !== null) {
    for (const [parte, { estados }] of reagregacoes.entries()) {
      const [, diferencas] = await comparaClientes(leitorDe(gravados, divisao, parte), new Set(), estados);
      if (diferencas.length > 0) throw new Error(`${diferencas.length} diferenças`);
    }
    r.fim('clientes');
  }
  return { rodada: r, estados: reagregacoes.flatMap(({ estados }) => [...estados]) };
}

const doLog = log();
const primeira = (await rodada(doLog, null)).estados;
const gravados = new Map(primeira.map(([titular, conta]) => [titular, codificaEstado({ ...estadoVazio(), ...conta })]));
for (let n = 0; n < Number(opcoes.rodadas ?? 5); n += 1) {
  const antes = process.cpuUsage();
  const { segundos, registros } = (await rodada(doLog, gravados)).rodada;
  const { user, system } = process.cpuUsage(antes);
  const partes = fases.map((fase) => `${fase} ${((segundos[fase] * 1e6) / registros).toFixed(2)}`).join('  ');
  process.stdout.write(`${registros} registros  CPU µs ${((user + system) / registros).toFixed(2)}   ${partes}\n`);
}
