import type { Item } from './leitura.ts';

/** Events a request, and how large it may come to be: the door takes 10,000 and 8 MiB. */
const ITENS = 1_000;
const BYTES = 2_097_152;

function tamanhoDe({ original }: Item): number {
  if ('json' in original) return original.json.length;
  return original.celulas.reduce((soma, celula) => soma + celula.length, 0);
}

/** Puts items together to be sent, in their order. */
export async function* emLotes(grupos: AsyncIterable<Item[]>): AsyncGenerator<Item[]> {
  let lote: Item[] = [];
  let bytes = 0;
  for await (const grupo of grupos) {
    for (const item of grupo) {
      lote.push(item);
      bytes += tamanhoDe(item);
      if (lote.length < ITENS && bytes < BYTES) continue;
      yield lote;
      [lote, bytes] = [[], 0];
    }
  }
  if (lote.length > 0) yield lote;
}
