import type { Lancamento } from '#domain/lancamento.ts';
import type { InputRecord } from '#platform/kafka/port.ts';

/** A lot is the unit of commit; small ones are committed together up to this many entries. */
const ENTRADAS_POR_TRECHO = 5_000;

/** Consecutive lots that are folded and committed together. */
export interface Trecho {
  /** The position after the last of them. */
  para: number;
  lotes: (readonly Lancamento[])[];
  /** How many, in all the lots. */
  lancamentos: number;
}

/**
 * Cuts the records from `posicao` on into runs, in order; none where all were applied before.
 * @param decodifica throws where a record is not a lot: the classifier wrote it, so that is a bug of ours
 */
export function* trechos(
  registros: readonly InputRecord[],
  posicao: number,
  decodifica: (valor: Buffer | null) => readonly Lancamento[],
): Generator<Trecho> {
  let trecho: Trecho | null = null;
  for (const registro of registros) {
    if (registro.offset < posicao) continue;
    const lote = decodifica(registro.value);
    trecho ??= { para: 0, lotes: [], lancamentos: 0 };
    trecho.para = registro.offset + 1;
    trecho.lotes.push(lote);
    trecho.lancamentos += lote.length;
    if (trecho.lancamentos < ENTRADAS_POR_TRECHO) continue;
    yield trecho;
    trecho = null;
  }
  if (trecho !== null) yield trecho;
}
