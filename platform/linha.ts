import { CodedError } from './errors.ts';
import type { LeitorDeEstado } from './estado/leitor.ts';
import type { Kafka, KafkaAdmin } from './kafka/port.ts';

/** Who reads what, upstream first: what has passed one has passed those before it. */
export const LEITORES = [
  { grupo: 'atendido-consolidator', topico: 'presencas' },
  { grupo: 'atendido-classifier', topico: 'presencas' },
  { grupo: 'atendido-classifier', topico: 'interacoes' },
  { grupo: 'atendido-aggregator', topico: 'lancamentos' },
] as const;

/** A group, and one topic it reads. */
export type Leitor = (typeof LEITORES)[number];

/** Where one reader stands in one partition. */
export interface Posicao {
  grupo: string;
  topico: string;
  particao: number;
  /** The next offset it reads; null: it never said. */
  posicao: number | null;
  fim: number;
}

export interface PartesDaLinha {
  kafka: Pick<Kafka, 'readToEnd'>;
  admin: Pick<KafkaAdmin, 'offsets' | 'committed'>;
  leitor: Pick<LeitorDeEstado, 'posicoes'>;
}

/** Of the aggregator Redis's position is the truth; of the others the group's committed offset. */
async function posicoesDe(
  { admin, leitor }: PartesDaLinha,
  { grupo, topico }: Leitor,
): Promise<Map<number, number | null>> {
  return grupo === 'atendido-aggregator' ? leitor.posicoes() : admin.committed(grupo, topico);
}

/** Where one reader of the line stands now, partition by partition. */
export async function posicoesDoLeitor(partes: PartesDaLinha, leitor: Leitor): Promise<Posicao[]> {
  const [lidas, fins] = await Promise.all([posicoesDe(partes, leitor), partes.admin.offsets(leitor.topico)]);
  return fins.map(({ partition, low, high }) => {
    // Of a log that holds nothing there is nothing to say: its reader stands at the end.
    const posicao = lidas.get(partition) ?? (low === high ? high : null);
    return { ...leitor, particao: partition, posicao, fim: high };
  });
}

/** Where every reader of the line stands now, upstream first. */
export async function posicoesDaLinha(partes: PartesDaLinha): Promise<Posicao[]> {
  const posicoes: Posicao[] = [];
  for (const leitor of LEITORES) posicoes.push(...(await posicoesDoLeitor(partes, leitor)));
  return posicoes;
}

/** How many records a reader has not read; markers of transactions are none. */
async function contaPorLer(
  { kafka }: Pick<PartesDaLinha, 'kafka'>,
  { topico, particao, posicao, fim }: Posicao,
): Promise<number> {
  let registros = 0;
  await kafka.readToEnd(topico, {
    partitions: [particao],
    from: new Map([[particao, posicao ?? 0]]),
    to: new Map([[particao, fim]]),
    onBatch: ({ records }) => {
      registros += records.length;
    },
  });
  return registros;
}

/** A gap this wide is work to do; a narrower one may be markers only, which takes a look. */
const SO_MARCADORES = 16;
/** Of a fetch that is for the first record alone. */
const UM_REGISTRO_BYTES = 1_024;

/** What is to read at once of a partition. */
export interface PorLer {
  /** An upper bound where there are many. */
  registros: number;
  /** Of the first one, milliseconds since the epoch; null: there is none. */
  desde: number | null;
}

/** What a reader has still to read of each partition of `posicoes`, all of one topic: its first records are looked at. */
export async function porLerDe(
  { kafka }: Pick<PartesDaLinha, 'kafka'>,
  topico: string,
  posicoes: readonly Pick<Posicao, 'particao' | 'posicao' | 'fim'>[],
): Promise<Map<number, PorLer>> {
  const atras = posicoes.filter((p) => (p.posicao ?? 0) < p.fim);
  const lidos = new Map<number, PorLer>(posicoes.map((p) => [p.particao, { registros: 0, desde: null }]));
  if (atras.length === 0) return lidos;
  await kafka.readToEnd(topico, {
    partitions: atras.map((p) => p.particao),
    from: new Map(atras.map((p) => [p.particao, p.posicao ?? 0])),
    to: new Map(atras.map((p) => [p.particao, Math.min(p.fim, (p.posicao ?? 0) + SO_MARCADORES)])),
    maxBytesPerPartition: UM_REGISTRO_BYTES,
    onBatch: ({ partition, records }) => {
      const { registros = 0, desde = null } = lidos.get(partition) ?? {};
      const primeiro = desde ?? records[0]?.timestamp ?? null;
      lidos.set(partition, { registros: registros + records.length, desde: primeiro });
    },
  });
  for (const { particao, posicao, fim } of atras) {
    const distancia = fim - (posicao ?? 0);
    const lido = lidos.get(particao);
    if (distancia > SO_MARCADORES && lido !== undefined) lidos.set(particao, { ...lido, registros: distancia });
  }
  return lidos;
}

/** A reader with records still to read, and how many (an upper bound where there are many). */
export type Atraso = Posicao & { registros: number };

/** Readers with records still to read. */
export async function atrasados(partes: PartesDaLinha): Promise<Atraso[]> {
  return comAtraso(partes, await posicoesDaLinha(partes));
}

async function comAtraso(partes: PartesDaLinha, posicoes: readonly Posicao[]): Promise<Atraso[]> {
  const atrasos: Atraso[] = [];
  for (const posicao of posicoes) {
    const distancia = posicao.fim - (posicao.posicao ?? 0);
    if (distancia <= 0) continue;
    const registros = distancia > SO_MARCADORES ? distancia : await contaPorLer(partes, posicao);
    if (registros > 0) atrasos.push({ ...posicao, registros });
  }
  return atrasos;
}

const PAUSA_MS = 200;

export interface OpcoesDeEspera {
  /** How long nobody may move before the wait is given up, in milliseconds. */
  semProgressoMs?: number;
  /** Between looks, in milliseconds. */
  pausaMs?: number;
  /** Told of what is still behind, at every look; what it throws ends the wait. */
  progresso?: (atrasos: readonly Atraso[]) => void;
}

/**
 * Waits until everything that was in the log when the call began has reached Redis, and nothing is left to read.
 * @throws CodedError LINHA_PARADA naming who is behind, when nobody moves any more
 */
export async function esperaALinha(partes: PartesDaLinha, opcoes: OpcoesDeEspera = {}): Promise<void> {
  await esperaQueAndem(() => atrasados(partes), opcoes);
}

/**
 * Waits until everything that is in the log now, and what follows from it, has reached Redis, whatever comes after it.
 * @throws CodedError LINHA_PARADA
 */
export async function esperaOQueHa(partes: PartesDaLinha, opcoes: OpcoesDeEspera = {}): Promise<void> {
  // Upstream first: where a topic ends is asked once those before it wrote what they had to.
  for (const leitor of LEITORES) {
    const fins = new Map((await posicoesDoLeitor(partes, leitor)).map(({ particao, fim }) => [particao, fim]));
    await esperaQueAndem(async () => {
      const posicoes = await posicoesDoLeitor(partes, leitor);
      return comAtraso(
        partes,
        posicoes.map((p) => ({ ...p, fim: fins.get(p.particao) ?? p.fim })),
      );
    }, opcoes);
  }
}

async function esperaQueAndem(olha: () => Promise<readonly Atraso[]>, opcoes: OpcoesDeEspera): Promise<void> {
  const { semProgressoMs = 60_000, pausaMs = PAUSA_MS, progresso } = opcoes;
  let antes = '';
  let mudou = Date.now();
  for (;;) {
    const atrasos = await olha();
    progresso?.(atrasos);
    if (atrasos.length === 0) return;
    const agora = JSON.stringify(atrasos);
    if (agora !== antes) mudou = Date.now();
    antes = agora;
    if (Date.now() - mudou > semProgressoMs) {
      const quem = atrasos.map((a) => `${a.grupo} em ${a.topico}/${a.particao} (${a.registros} registros)`);
      throw new CodedError('LINHA_PARADA', `a linha não anda há ${semProgressoMs / 1000} s: ${quem.join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pausaMs));
  }
}
