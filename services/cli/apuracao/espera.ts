import { setTimeout } from 'node:timers/promises';
import { CodedError } from '#platform/errors.ts';
import type { Kafka } from '#platform/kafka/port.ts';
import { porLer } from '../linha.ts';

const PAUSA_MS = 100;
const SEM_PROGRESSO_MS = 60_000;
/** A gap as narrow as this may be markers only, which takes a look. */
const SO_MARCADORES = 16;

export interface OpcoesDaEspera {
  /** Where the reader stands, by partition; null: it never said. */
  onde: () => Promise<ReadonlyMap<number, number | null>>;
  /** Where it is to get to. */
  ate: ReadonlyMap<number, number>;
  /** Told how many offsets are missing; what it throws ends the wait. */
  aoEsperar: (faltam: number) => void;
}

/**
 * Waits until a reader of a topic has passed some offsets.
 * @throws CodedError LINHA_PARADA it does not move any more
 */
export async function esperaPosicoes(
  partes: { kafka: Kafka },
  topico: string,
  { onde, ate, aoEsperar }: OpcoesDaEspera,
): Promise<void> {
  const falta = async (particao: number, posicao: number, fim: number): Promise<number> => {
    if (fim - posicao > SO_MARCADORES) return fim - posicao;
    return (await porLer(partes, { grupo: '', topico, particao, posicao, fim })).length;
  };
  let [antes, mudou] = [Number.POSITIVE_INFINITY, Date.now()];
  for (;;) {
    const posicoes = await onde();
    const faltas = [...ate].map(([particao, fim]) => falta(particao, posicoes.get(particao) ?? 0, fim));
    const faltam = (await Promise.all(faltas)).reduce((soma, n) => soma + n, 0);
    if (faltam === 0) return;
    if (faltam < antes) [antes, mudou] = [faltam, Date.now()];
    if (Date.now() - mudou > SEM_PROGRESSO_MS) {
      const que = `em ${topico} faltam ${faltam} posições, e ninguém anda há ${SEM_PROGRESSO_MS / 1000} s`;
      throw new CodedError('LINHA_PARADA', `${que}: veja \`atendido status\` e \`atendido lag\``);
    }
    aoEsperar(faltam);
    await setTimeout(PAUSA_MS);
  }
}
