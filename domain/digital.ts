import type { IdentidadeEvento } from './interacao.ts';

/** Odd numbers whose bits are as good as drawn by lot; a lane begins and multiplies with its own. */
const INICIO = { alta: 0x243f6a88, baixa: 0x85a308d3 };
const FATOR = { alta: 0x9e3779b1, baixa: 0x85ebca77 };
/** No code of a character: what stands before it cannot run into what follows. */
const SEPARA = 0x10000;

/** Spreads what a lane has gathered over all of its bits. */
function espalha(soma: number): number {
  let h = Math.imul(soma ^ (soma >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** An event is mostly asked about several times running: for each client it names. */
let ultimo: (IdentidadeEvento & { alta: number; baixa: number }) | null = null;

/**
 * Sixty-four bits that stand for a pair of names: of ten million pairs two are alike with odds of 1 in some 370,000. Two sums
 * side by side, without any object for a pair; nothing like the fingerprints that states are kept with, so that who
 * recounts does not err where they do.
 */
export class Digital {
  /** Unsigned, 32 bits each; of the pair asked about last. */
  alta = 0;
  baixa = 0;

  do({ source, id }: IdentidadeEvento): this {
    if (ultimo === null || ultimo.id !== id || ultimo.source !== source) {
      this.dosNomes(source, id);
      ultimo = { source, id, alta: this.alta, baixa: this.baixa };
      return this;
    }
    this.alta = ultimo.alta;
    this.baixa = ultimo.baixa;
    return this;
  }

  dosNomes(primeiro: string, segundo: string): this {
    this.alta = INICIO.alta;
    this.baixa = INICIO.baixa;
    this.#soma(primeiro);
    this.#poe(SEPARA);
    this.#soma(segundo);
    this.alta = espalha(this.alta);
    this.baixa = espalha(this.baixa);
    return this;
  }

  #soma(nome: string): void {
    let { alta, baixa } = this;
    for (let n = 0; n < nome.length; n += 1) {
      const c = nome.charCodeAt(n);
      alta = Math.imul(alta ^ c, FATOR.alta);
      alta ^= alta >>> 15;
      baixa = Math.imul(baixa ^ c, FATOR.baixa);
      baixa ^= baixa >>> 13;
    }
    this.alta = alta;
    this.baixa = baixa;
  }

  #poe(c: number): void {
    const [alta, baixa] = [Math.imul(this.alta ^ c, FATOR.alta), Math.imul(this.baixa ^ c, FATOR.baixa)];
    this.alta = alta ^ (alta >>> 15);
    this.baixa = baixa ^ (baixa >>> 13);
  }
}
