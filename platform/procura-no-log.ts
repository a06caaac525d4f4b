import type { Lugar } from '#domain/apuracao.ts';
import type { IdentidadeEvento, Interacao } from '#domain/interacao.ts';
import { type Codec, decodeOrNull } from './codec.ts';
import type { InputRecord, Kafka, KafkaAdmin, LogReader, PartitionOffsets, TopicPartition } from './kafka/port.ts';
import { porLerDe } from './linha.ts';

const TOPICO = 'interacoes';
/** How many offsets are read at once of a partition. */
const TRECHO = 2_000;
/** By so much what stands behind in a partition may bear the earlier time: who writes writes by its own clock. */
const DESORDEM_MS = 60_000;

export interface PartesDaProcura {
  kafka: Pick<Kafka, 'reader'>;
  admin: Pick<KafkaAdmin, 'offsets'>;
  interacoes: Codec<Interacao>;
}

export interface Procura extends IdentidadeEvento {
  /** Default: `interacoes`. */
  topico?: string;
  /** It was not written before this instant (ms). */
  desde: number;
  /** The partition it most likely stands in. */
  provavel: number;
  /** When to give up, by `performance.now()`. */
  limite: number;
  /** Of several copies, whether one is the one looked for; where none is, the first one is given. */
  serve: (interacao: Interacao, onde: Lugar, gravadaEm: number) => boolean;
}

/** An interaction, and where it stands. */
export interface Achada extends TopicPartition {
  offset: number;
  interacao: Interacao;
}

/** What is still to be looked through of a partition. */
interface Trecho {
  partition: number;
  de: number;
  fim: number;
}

type Leitor = Pick<LogReader, 'readToEnd'>;

/**
 * From where, in each partition, what was written from an instant on stands: not far before it, never behind it. All are
 * bisected together: the first record from the middle on is asked for of each in one reading.
 */
async function inicios(leitor: Leitor, offsets: readonly PartitionOffsets[], procura: Procura): Promise<Trecho[]> {
  const { topico = TOPICO, limite } = procura;
  const desde = procura.desde - DESORDEM_MS;
  const faixas = offsets.map(({ partition, low, high }) => ({ partition, de: low, ate: high, fim: high }));
  for (;;) {
    const largas = faixas.filter(({ de, ate }) => ate - de > TRECHO);
    if (largas.length === 0 || performance.now() >= limite) break;
    const meios = largas.map(({ partition, de, ate, fim }) => {
      return { particao: partition, posicao: Math.floor((de + ate) / 2), fim };
    });
    const primeiros = await porLerDe({ kafka: leitor }, topico, meios);
    for (const [n, faixa] of largas.entries()) {
      const { particao, posicao } = meios[n] ?? { particao: faixa.partition, posicao: faixa.de };
      // null: only markers close by, or what retention took meanwhile.
      const instante = primeiros.get(particao)?.desde ?? null;
      if (instante === null || instante >= desde) faixa.ate = posicao;
      else faixa.de = posicao;
    }
  }
  return faixas.map(({ partition, de, fim }) => ({ partition, de, fim }));
}

async function noTrecho(
  { leitor, interacoes }: { leitor: Leitor; interacoes: Codec<Interacao> },
  { partition, de }: Trecho,
  ate: number,
  { source, id, serve, topico = TOPICO }: Procura,
): Promise<{ serve: Achada | null; qualquer: Achada | null }> {
  const letras = Buffer.from(id);
  const candidatos: InputRecord[] = [];
  await leitor.readToEnd(topico, {
    partitions: [partition],
    from: new Map([[partition, de]]),
    to: new Map([[partition, ate]]),
    onBatch: ({ records }) => {
      candidatos.push(...records.filter(({ value }) => value?.includes(letras) === true));
    },
  });
  await interacoes.prepareIds(candidatos.map(({ value }) => value));
  let qualquer: Achada | null = null;
  for (const { offset, value, timestamp } of candidatos) {
    const interacao = decodeOrNull(interacoes, value);
    if (interacao?.id !== id || interacao.source !== source) continue;
    const achada = { topic: topico, partition, offset, interacao };
    if (serve(interacao, achada, timestamp)) return { serve: achada, qualquer };
    qualquer ??= achada;
  }
  return { serve: null, qualquer };
}

/**
 * Looks for an interaction in `interacoes`, from when it can have come first on, in all partitions a stretch at a time: its
 * key may be another client of it, or one who has another name by now. One connection serves the whole search.
 * @returns null: not found; `inteiro` whether all was looked through
 * @throws RetryableError Kafka or the registry is away
 */
export async function procuraNoLog(
  { kafka, admin, interacoes }: PartesDaProcura,
  procura: Procura,
): Promise<{ achada: Achada | null; inteiro: boolean }> {
  const { provavel, topico = TOPICO } = procura;
  const offsets = [...(await admin.offsets(topico))].filter(({ low, high }) => high > low);
  offsets.sort((a, b) => Number(b.partition === provavel) - Number(a.partition === provavel));
  const leitor = await kafka.reader();
  try {
    return await percorre({ leitor, interacoes }, await inicios(leitor, offsets, procura), procura);
  } finally {
    await leitor.close();
  }
}

async function percorre(
  partes: Parameters<typeof noTrecho>[0],
  todos: readonly Trecho[],
  procura: Procura,
): Promise<{ achada: Achada | null; inteiro: boolean }> {
  let trechos = [...todos];
  let qualquer: Achada | null = null;
  while (trechos.length > 0) {
    for (const trecho of trechos) {
      if (performance.now() > procura.limite) return { achada: qualquer, inteiro: false };
      const ate = Math.min(trecho.fim, trecho.de + TRECHO);
      const achadas = await noTrecho(partes, trecho, ate, procura);
      if (achadas.serve !== null) return { achada: achadas.serve, inteiro: true };
      qualquer ??= achadas.qualquer;
      trecho.de = ate;
    }
    trechos = trechos.filter(({ de, fim }) => de < fim);
  }
  return { achada: qualquer, inteiro: true };
}
