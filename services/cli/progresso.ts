import { SingleBar } from 'cli-progress';
import { numero } from './formato.ts';

/** Says how far something has come: a bar on a terminal, a line every few seconds elsewhere. Always on stderr. */
export interface Progresso {
  /** @param detalhe what else there is to say just now */
  anda(feito: number, detalhe?: string): void;
  acaba(): void;
}

const LARGURA_DO_TITULO = 'Terminando a linha'.length;
const ENTRE_LINHAS_MS = 3_000;

class Barra implements Progresso {
  readonly #barra: SingleBar;
  readonly #total: number;
  readonly #escrito: (n: number) => string;

  constructor(titulo: string, total: number, escrito: (n: number) => string) {
    this.#total = total;
    this.#escrito = escrito;
    this.#barra = new SingleBar({
      format: `${titulo.padEnd(LARGURA_DO_TITULO)} {bar} {percentage}%  {feito}  {detalhe}`,
      barsize: 20,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      stream: process.stderr,
      // Node ends on its own: the bar must not keep it.
      gracefulExit: false,
    });
    this.#barra.start(total, 0, { feito: '', detalhe: '' });
  }

  anda(feito: number, detalhe?: string): void {
    this.#barra.update(feito, {
      feito: `${this.#escrito(feito)} de ${this.#escrito(this.#total)}`,
      ...(detalhe === undefined ? {} : { detalhe }),
    });
  }

  acaba(): void {
    this.#barra.stop();
  }
}

class Linhas implements Progresso {
  readonly #titulo: string;
  readonly #total: number;
  readonly #escrito: (n: number) => string;
  #ultima = 0;
  #feito = 0;
  #detalhe = '';

  constructor(titulo: string, total: number, escrito: (n: number) => string) {
    this.#titulo = titulo;
    this.#total = total;
    this.#escrito = escrito;
  }

  anda(feito: number, detalhe = this.#detalhe): void {
    this.#feito = feito;
    this.#detalhe = detalhe;
    if (Date.now() - this.#ultima < ENTRE_LINHAS_MS) return;
    this.#ultima = Date.now();
    this.#escreve();
  }

  #escreve(): void {
    const detalhe = this.#detalhe === '' ? '' : `; ${this.#detalhe}`;
    const feito = `${this.#escrito(this.#feito)} de ${this.#escrito(this.#total)}`;
    process.stderr.write(`${this.#titulo}: ${feito}${detalhe}\n`);
  }

  acaba(): void {
    this.#escreve();
  }
}

/** @param escrito how an amount is written; default: as a number */
export function abreProgresso(titulo: string, total: number, escrito: (n: number) => string = numero): Progresso {
  return process.stderr.isTTY ? new Barra(titulo, total, escrito) : new Linhas(titulo, total, escrito);
}
