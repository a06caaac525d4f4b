import { Digital } from '#domain/digital.ts';
import type { Interacao } from '#domain/interacao.ts';
import { TabelaDeDigitais } from '#domain/tabela-de-digitais.ts';

/** Events by fingerprint, and whom each names, likewise: what little of them can be sent from thread to thread. */
export interface Identidades {
  /** Two halves of four bytes each. */
  eventos: Uint32Array<ArrayBuffer>;
  clientes: Int32Array<ArrayBuffer>;
}

/** Collects the identities of events. */
export class Coleta {
  readonly #eventos: Uint32Array<ArrayBuffer>;
  readonly #clientes: Int32Array<ArrayBuffer>;
  readonly #digital = new Digital();
  #n = 0;

  constructor(capacidade: number) {
    this.#eventos = new Uint32Array(2 * capacidade);
    this.#clientes = new Int32Array(capacidade);
  }

  add(i: Interacao): void {
    const doEvento = this.#digital.do(i);
    this.#eventos[2 * this.#n] = doEvento.baixa;
    this.#eventos[2 * this.#n + 1] = doEvento.alta;
    this.#clientes[this.#n] = this.#digital.dosNomes(i.cliente?.pf ?? '', i.cliente?.pj?.id ?? '').baixa;
    this.#n += 1;
  }

  /** What was collected, in memory of its own; a new collection begins. */
  recolhe(): Identidades {
    const eventos = this.#eventos.slice(0, 2 * this.#n);
    const clientes = this.#clientes.slice(0, this.#n);
    this.#n = 0;
    return { eventos, clientes };
  }
}

/** Finds copies of an event that name other clients than the copy that came first. */
export class Copias {
  deOutroCliente = 0;
  readonly #primeiras = new TabelaDeDigitais();

  soma({ eventos, clientes }: Identidades): void {
    for (let n = 0; n < clientes.length; n += 1) {
      const [baixa = 0, alta = 0, cliente = 0] = [eventos[2 * n], eventos[2 * n + 1], clientes[n]];
      if (this.#primeiras.primeiro(baixa, alta, cliente) !== cliente) this.deOutroCliente += 1;
    }
  }
}
