import { apuracaoDaFonte } from '#domain/consolidacao.ts';
import { type Esquecimento, encerramentoDe, type Fechamento } from '#domain/esquecimento.ts';
import type { Interacao } from '#domain/interacao.ts';
import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { marcaDoLote } from '../apuracoes.ts';
import { type Codec, decodeOrNull } from '../codec.ts';
import type { LoteDeLancamentos } from '../codec-types.ts';
import { RetryableError } from '../errors.ts';
import { esquecePresencas } from '../estado/presencas.ts';
import { falha } from '../falhas.ts';
import { finsDoLog, limitesDe, type Posicoes } from '../fins-do-log.ts';
import { murmur2Partition } from '../kafka/partitioner.ts';
import type { KafkaAdmin, OutputRecord } from '../kafka/port.ts';
import { comExclusividade } from '../quarentena/reenvio.ts';
import type { RedisConnection } from '../redis.ts';
import type { PartesDaOrdem } from './ordem.ts';

export interface PartesDoEncerramento extends PartesDaOrdem {
  admin: Pick<KafkaAdmin, 'offsets' | 'ends' | 'partitionCount'>;
  redis: RedisConnection;
  interacoes: Codec<Interacao>;
  lotes: Pick<Codec<LoteDeLancamentos>, 'encode'>;
  /** Of `lancamentos`. */
  particoes: number;
}

const fechamentoDe = ({ fechamentos }: Esquecimento, apuracao: number): Fechamento | undefined =>
  fechamentos.find((f) => f.apuracao === apuracao);

function comFechamento(um: Esquecimento, novo: Fechamento): Esquecimento {
  return { ...um, fechamentos: [...um.fechamentos.filter((f) => f.apuracao !== novo.apuracao), novo] };
}

/**
 * That no transaction is open before some ends of `interacoes`, the last stable offsets having been asked after them: a
 * participation behind the last stable offset, known to be written, would be taken for a copy.
 * @throws RetryableError
 */
function confereTransacoes(ends: ReadonlyMap<number, number>, { interacoes }: Posicoes): void {
  const aberta = [...ends].find(([particao, fim]) => (interacoes.get(particao) ?? 0) < fim);
  if (aberta !== undefined) throw new RetryableError(`há uma transação aberta em interacoes/${aberta[0]}`);
}

/**
 * Says from where on what is derived of their presences are copies: all that follows from presences before the boundary
 * has come by now.
 */
async function fecha(partes: PartesDoEncerramento, numeros: ReadonlySet<number>): Promise<void> {
  const { admin, seguidas } = partes;
  await comExclusividade(partes, async (producer) => {
    const apuracao = seguidas.apuracoes.emVigor;
    const abertos = seguidas.esquecimentos
      .inacabados(apuracao)
      .filter((um) => numeros.has(um.numero) && fechamentoDe(um, apuracao) === undefined);
    const [primeiro] = abertos;
    if (primeiro === undefined) return;
    // Asked first: what is written meanwhile by others is no open transaction.
    const escritos = await admin.ends('interacoes');
    // Before anybody is held up.
    confereTransacoes(escritos, await finsDoLog(admin));
    await producer.send([seguidas.ordem({ ...primeiro, anunciado: true })]);
    falha('esquecimento:fim-anunciado');
    const fins = await finsDoLog(admin);
    // Against the same ends: all that was derived stands before them, and a transaction begun since holds up nobody.
    confereTransacoes(escritos, fins);
    const { interacoes } = limitesDe(fins);
    const fechados = abertos.map((um) => comFechamento(um, { apuracao, interacoes, encerrado: false }));
    await producer.send(fechados.map((um) => seguidas.ordem({ ...um, anunciado: false })));
  });
  falha('esquecimento:fechado');
}

/** The PJs beside whom each took part in an offer: of those participations the id says whose they are. */
async function empresasDe(
  { kafka, admin, interacoes }: PartesDoEncerramento,
  titulares: ReadonlySet<string>,
): Promise<Map<string, Set<string>>> {
  const empresas = new Map([...titulares].map((titular) => [titular, new Set<string>()]));
  const particoes = await admin.partitionCount('interacoes');
  await kafka.readToEnd('interacoes', {
    partitions: [...new Set([...titulares].map((titular) => murmur2Partition(titular, particoes)))],
    onBatch: async ({ records }) => {
      const deles = records.filter(({ key }) => key !== null && titulares.has(key.toString()));
      await interacoes.prepareIds(deles.map(({ value }) => value));
      for (const { value } of deles) {
        const i = decodeOrNull(interacoes, value);
        const pj = i?.cliente?.pj?.id ?? null;
        if (i === null || pj === null || apuracaoDaFonte(i.source) === null) continue;
        empresas.get(i.cliente?.pf ?? '')?.add(pj);
      }
    },
  });
  return empresas;
}

function lotesDe(
  { lotes, particoes }: PartesDoEncerramento,
  apuracao: number,
  lancamentos: readonly Lancamento[],
): OutputRecord[] {
  const porParticao = Map.groupBy(lancamentos, (l) => murmur2Partition(chaveDoLancamento(l), particoes));
  return [...porParticao].map(([partition, deles]) => {
    const value = lotes.encode({ lancamentos: deles });
    return { topic: 'lancamentos', partition, key: null, value, headers: marcaDoLote(apuracao) };
  });
}

/** Ends what the ledger says of them, once nothing more can be said. */
async function encerra(partes: PartesDoEncerramento, numeros: ReadonlySet<number>): Promise<void> {
  const { redis, seguidas } = partes;
  const { esquecimentos } = seguidas;
  const titulares = new Set(esquecimentos.todos().flatMap((um) => (numeros.has(um.numero) ? [um.titular] : [])));
  await esquecePresencas(redis, 'co*:{p*}', [...titulares]);
  const empresas = await empresasDe(partes, titulares);
  await comExclusividade(partes, async (producer) => {
    const apuracao = seguidas.apuracoes.emVigor;
    const fechados = esquecimentos.inacabados(apuracao).filter((um) => {
      return numeros.has(um.numero) && fechamentoDe(um, apuracao) !== undefined;
    });
    if (fechados.length === 0) return;
    const lancamentos = fechados.flatMap((um) => {
      return [um.titular, ...(empresas.get(um.titular) ?? [])].map((cliente) => encerramentoDe(um, cliente));
    });
    const ordens = fechados.map((um) => {
      const interacoes = fechamentoDe(um, apuracao)?.interacoes ?? [];
      return seguidas.ordem(comFechamento(um, { apuracao, interacoes, encerrado: true }));
    });
    await producer.send([...lotesDe(partes, apuracao, lancamentos), ...ordens]);
  });
  falha('esquecimento:encerrado');
}

/**
 * Ends the orders in force that have not ended in the apuração in force: waits until all that was said before them has
 * come to the ledger, and closes it. Killed at any moment, it is gone on with by being asked again.
 * @param espera until the line has dealt with all that is in the log when it is called
 * @returns how many there were
 * @throws CodedError LINHA_PARADA; RetryableError a server is away
 */
export async function terminaEsquecimentos(partes: PartesDoEncerramento, espera: () => Promise<void>): Promise<number> {
  const { apuracoes, esquecimentos, caughtUp } = partes.seguidas;
  await caughtUp();
  const numeros = new Set(esquecimentos.inacabados(apuracoes.emVigor).map(({ numero }) => numero));
  if (numeros.size === 0) return 0;
  await espera();
  await fecha(partes, numeros);
  await espera();
  await encerra(partes, numeros);
  await espera();
  return numeros.size;
}
