import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { estadoVazio } from '#domain/cliente.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { contaDoLancamento, Reagregacao } from '#domain/reagregacao.ts';
import { Reclassificacao } from '#domain/reclassificacao.ts';
import { codificaEstado, decodificaEstado } from '#platform/estado/codificacao.ts';
import type { LeitorDeEstado } from '#platform/estado/leitor.ts';
import { piecesOf } from '#platform/kafka/platformatic/decode.ts';
import type { Kafka, ReadOptions } from '#platform/kafka/port.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { Copias } from '../services/cli/auditoria/copias.ts';
import { comparaClientes } from '../services/cli/auditoria/diferencas.ts';
import { desempacota, type Pacote } from '../services/cli/auditoria/pacote.ts';
import { Divisao, Leitura } from '../services/cli/auditoria/parte.ts';
import { Fases, interacoes, lotesDoLog, PARTICOES, portfolio, rodadas } from './sem-servidores.ts';

/** The audit's recount, both of its parts one after the other, without servers: to be looked at while it is changed. */

const POR_LOTE = 500;
const PARTES = 2;

const rulebooks = await loadRulebooks();

type Topico = 'interacoes' | 'presencas';
type Log = Record<Topico, Buffer[][]>;

/** The load as brokers keep it: batches of records, packed. */
function log(): Log {
  const vazio = (): Buffer[][] => Array.from({ length: PARTICOES }, () => []);
  const feito: Log = { interacoes: vazio(), presencas: vazio() };
  for (const { topic, partition, bytes } of lotesDoLog(POR_LOTE)) feito[topic as Topico][partition]?.push(bytes);
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

const FASES = ['leitura', 'recebidos', 'copias', 'indicadores', 'clientes'] as const;

function recebe(porta: MessagePort, reagregacao: Reagregacao): void {
  for (let m = receiveMessageOnPort(porta); m !== undefined; m = receiveMessageOnPort(porta)) {
    for (const l of desempacota(m.message as Pacote)) reagregacao.lanca(contaDoLancamento(l), l);
  }
}

/** Both parts over the whole log. @param gravados what the services would have in Redis; null: nothing is compared */
async function rodada(doLog: Log, gravados: ReadonlyMap<string, Buffer> | null) {
  const fases = new Fases(FASES);
  let lidos = 0;
  const divisao = new Divisao(PARTES, PARTICOES);
  const { port1, port2 } = new MessageChannel();
  const portas = [port1, port2] as const;
  const reagregacoes = [new Reagregacao(), new Reagregacao()] as const;
  const copias = new Copias();
  for (const [parte, reagregacao] of reagregacoes.entries()) {
    const leitura = new Leitura({
      parte,
      divisao,
      interacoes,
      reclassificacao: new Reclassificacao(rulebooks, portfolio),
      reagregacao,
      postosDeLado: new Map(),
      esquecimentos: new Esquecimentos(),
      encaminha: (_, pacote) => portas[parte]?.postMessage(pacote, [pacote.buffer]),
      lidos: (registros, identidades) => {
        lidos += registros;
        fases.fim('leitura');
        copias.soma(identidades);
        fases.fim('copias');
      },
    });
    await leitura.topico(kafkaDe(doLog) as Kafka, 'interacoes', PARTICOES);
    await leitura.topico(kafkaDe(doLog) as Kafka, 'presencas', PARTICOES);
    leitura.termina();
    fases.fim('leitura');
  }
  recebe(port1, reagregacoes[0]);
  recebe(port2, reagregacoes[1]);
  port1.close();
  fases.fim('recebidos');
  for (const reagregacao of reagregacoes) reagregacao.indicadores(rulebooks);
  fases.fim('indicadores');
  if (gravados !== null) {
    for (const [parte, reagregacao] of reagregacoes.entries()) {
      const recontados = { reagregacao, esquecidos: new Set<string>() };
      const [, diferencas] = await comparaClientes(leitorDe(gravados, divisao, parte), new Set(), recontados);
      if (diferencas.length > 0) throw new Error(`${diferencas.length} diferenças`);
    }
    fases.fim('clientes');
  }
  return {
    texto: `${lidos} registros  ${fases.texto(lidos)}`,
    contas: reagregacoes.flatMap((uma) => [...uma.titulares()].map((t) => [t, uma.conta(t)] as const)),
  };
}

const doLog = log();
const primeira = (await rodada(doLog, null)).contas;
const gravados = new Map(primeira.map(([titular, conta]) => [titular, codificaEstado({ ...estadoVazio(), ...conta })]));
for (let n = 0; n < rodadas; n += 1) process.stdout.write(`${(await rodada(doLog, gravados)).texto}\n`);
