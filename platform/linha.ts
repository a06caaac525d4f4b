import { CodedError } from './errors.ts';
import type { LeitorDeEstado } from './estado/leitor.ts';
import type { InputRecord, Kafka, KafkaAdmin } from './kafka/port.ts';

/** Who reads what, upstream first: what has passed one has passed those before it. */
export const LEITORES = [
  { grupo: 'atendido-consolidator', topico: 'presencas' },
  { grupo: 'atendido-classifier', topico: 'presencas' },
  { grupo: 'atendido-classifier', topico: 'interacoes' },
  { grupo: 'atendido-aggregator', topico: 'lancamentos' },
] as const;

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
  { grupo, topico }: (typeof LEITORES)[number],
): Promise<Map<number, number | null>> {
  return grupo === 'atendido-aggregator' ? leitor.posicoes() : admin.committed(grupo, topico);
}

async function posicoesDoLeitor(partes: PartesDaLinha, leitor: (typeof LEITORES)[number]): Promise<Posicao[]> {
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

/**
 * The records that a reader has not read, in order; markers of transactions are none.
 * @param ate at most the offsets before this one
 */
export async function porLer(
  { kafka }: Pick<PartesDaLinha, 'kafka'>,
  { topico, particao, posicao, fim }: Posicao,
  ate = fim,
): Promise<InputRecord[]> {
  const de = posicao ?? 0;
  const registros: InputRecord[] = [];
  if (de >= ate) return registros;
  await kafka.readToEnd(topico, {
    partitions: [particao],
    from: new Map([[particao, de]]),
    to: new Map([[particao, ate]]),
    onBatch: (batch) => void registros.push(...batch.records),
  });
  return registros;
}

/** A gap this wide is work to do; a narrower one may be markers only, which takes a look. */
const SO_MARCADORES = 16;

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
    const registros = distancia > SO_MARCADORES ? distancia : (await porLer(partes, posicao)).length;
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
