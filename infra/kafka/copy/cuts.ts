import { TOPICOS_APURADOS, type TopicoApurado } from '#domain/apuracao.ts';
import { CodedError } from '#platform/errors.ts';

/** Where an order cuts a topic: by partition, the first offset it holds for. Of an order that was never in force, none. */
export type Cut = readonly number[];

const nameOf = (cut: Cut): string => cut.join();
const sum = (cut: Cut): number => cut.reduce((total, offset) => total + offset, 0);

/**
 * The cuts of one topic, in the order in which they were made. Each was read from the ends of the log, so that a later
 * one is nowhere before an earlier one: copied one stretch after the other, all that stood before a cut stands before
 * where the new log ends by then, whatever its partitions are.
 */
export class Cuts {
  readonly ordered: readonly Cut[];
  readonly #moved = new Map<string, Cut>();

  /** @throws CodedError COPIA_IMPOSSIVEL two cross: no place in the new log would be both */
  constructor(topic: string, cuts: Iterable<Cut>) {
    const distinct = new Map([...cuts].filter(({ length }) => length > 0).map((cut) => [nameOf(cut), cut]));
    this.ordered = [...distinct.values()].sort((a, b) => sum(a) - sum(b));
    for (const [n, cut] of this.ordered.entries()) {
      const after = this.ordered[n + 1] ?? cut;
      if (cut.every((offset, partition) => offset <= (after[partition] ?? 0))) continue;
      throw new CodedError('COPIA_IMPOSSIVEL', `em ${topic}, as ordens dos deslocamentos ${cut} e ${after} se cruzam`);
    }
  }

  /** All that stands before `cut` is in the new log, which ends there. */
  reached(cut: Cut, ends: Cut): void {
    this.#moved.set(nameOf(cut), ends);
  }

  /** The same cut of the new log. */
  inNew(cut: Cut): Cut {
    if (cut.length === 0) return [];
    const moved = this.#moved.get(nameOf(cut));
    if (moved === undefined) throw new Error(`o corte ${cut} não foi copiado`);
    return moved;
  }
}

/** The cuts of the topics of raw interactions. */
export type CutsByTopic = Record<TopicoApurado, Cuts>;

export function cutsByTopic(found: Record<TopicoApurado, readonly Cut[]>): CutsByTopic {
  const [interacoes, presencas] = TOPICOS_APURADOS.map((topic) => new Cuts(topic, found[topic]));
  if (interacoes === undefined || presencas === undefined) throw new Error('são dois tópicos');
  return { interacoes, presencas };
}
