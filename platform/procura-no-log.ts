import type { Lugar } from '#domain/apuracao.ts';
import type { IdentidadeEvento, Interacao } from '#domain/interacao.ts';
import { type Codec, decodeOrNull } from './codec.ts';
import type { InputRecord, Kafka, KafkaAdmin, PartitionOffsets, TopicPartition } from './kafka/port.ts';
import { porLerDe } from './linha.ts';

const TOPICO = 'interacoes';
/** How many offsets are read at once of a partition. */
const TRECHO = 2_000;

export interface PartesDaProcura {
  kafka: Pick<Kafka, 'readToEnd'>;
  admin: Pick<KafkaAdmin, 'offsets'>;
  interacoes: Codec<Interacao>;
}

export interface Procura extends IdentidadeEvento {
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

interface Trecho {
  partition: number;
  de: number;
  fim: number;
}

/** When the first record from an offset on was written; null: there is none close by, only markers. */
async function instanteEm(
  partes: PartesDaProcura,
  particao: number,
  posicao: number,
  fim: number,
): Promise<number | null> {
  return (await porLerDe(partes, TOPICO, [{ particao, posicao, fim }])).get(particao)?.desde ?? null;
}

/** From where what was written from an instant on stands: not far before it, never behind it. */
async function inicioDe(
  partes: PartesDaProcura,
  { partition, low, high }: PartitionOffsets,
  { desde, limite }: Procura,
): Promise<Trecho> {
  let [de, ate] = [low, high];
  while (ate - de > TRECHO && performance.now() < limite) {
    const meio = Math.floor((de + ate) / 2);
    const instante = await instanteEm(partes, partition, meio, high);
    if (instante === null || instante >= desde) ate = meio;
    else de = meio;
  }
  return { partition, de, fim: high };
}

async function noTrecho(
  { kafka, interacoes }: PartesDaProcura,
  { partition, de }: Trecho,
  ate: number,
  { source, id, serve }: Procura,
): Promise<{ serve: Achada | null; qualquer: Achada | null }> {
  const letras = Buffer.from(id);
  const candidatos: InputRecord[] = [];
  await kafka.readToEnd(TOPICO, {
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
    const achada = { topic: TOPICO, partition, offset, interacao };
    if (serve(interacao, achada, timestamp)) return { serve: achada, qualquer };
    qualquer ??= achada;
  }
  return { serve: null, qualquer };
}

/**
 * Looks for an interaction in `interacoes`, from when it can have come first on, in all partitions a stretch at a time: its
 * key may be another client of it, or one who has another name by now.
 * @returns null: not found; `inteiro` whether all was looked through
 * @throws RetryableError Kafka or the registry is away
 */
export async function procuraNoLog(
  partes: PartesDaProcura,
  procura: Procura,
): Promise<{ achada: Achada | null; inteiro: boolean }> {
  const { provavel, limite } = procura;
  const offsets = [...(await partes.admin.offsets(TOPICO))].filter(({ low, high }) => high > low);
  offsets.sort((a, b) => Number(b.partition === provavel) - Number(a.partition === provavel));
  let trechos = await Promise.all(offsets.map((o) => inicioDe(partes, o, procura)));
  let qualquer: Achada | null = null;
  while (trechos.length > 0) {
    for (const trecho of trechos) {
      if (performance.now() > limite) return { achada: qualquer, inteiro: false };
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
