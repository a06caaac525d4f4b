import { impressao } from '#domain/cliente.ts';
import type { Interacao } from '#domain/interacao.ts';
import { murmur2 } from '#platform/kafka/partitioner.ts';

/** Events by fingerprint, and whom each names, likewise: what little of them can be sent from thread to thread. */
export interface Identidades {
  /** Two halves of four bytes each. */
  eventos: Uint32Array<ArrayBuffer>;
  clientes: Int32Array<ArrayBuffer>;
}

/** Collects the identities of events. */
export class Coleta {
  readonly #eventos: Buffer<ArrayBuffer>;
  readonly #clientes: Int32Array<ArrayBuffer>;
  #n = 0;

  constructor(capacidade: number) {
    this.#eventos = Buffer.alloc(8 * capacidade);
    this.#clientes = new Int32Array(capacidade);
  }

  add(i: Interacao): void {
    this.#eventos.write(impressao(i), 8 * this.#n, 'latin1');
    this.#clientes[this.#n] = murmur2(Buffer.from(`${i.cliente?.pf} ${i.cliente?.pj?.id}`));
    this.#n += 1;
  }

  /** What was collected, in memory of its own; a new collection begins. */
  recolhe(): Identidades {
    const eventos = new Uint32Array(2 * this.#n);
    this.#eventos.copy(new Uint8Array(eventos.buffer), 0, 0, 8 * this.#n);
    const clientes = this.#clientes.slice(0, this.#n);
    this.#n = 0;
    return { eventos, clientes };
  }
}

const CASAS = 1 << 16;
/** Of a table fuller than this, in eighths, a search takes many steps. */
const CHEIA_EM_OITAVOS = 5;

/**
 * Whom the first copy of each event named, by the two halves of its fingerprint: sixteen bytes of an event where a Map
 * takes some seventy, and more entries than the 2^24 that a Map holds. Half the fingerprint, as good as drawn by lot, says where a
 * search begins; the next free place is where it ends.
 */
class Primeiras {
  #metades = new Uint32Array(2 * CASAS);
  #clientes = new Int32Array(CASAS);
  #n = 0;

  /** Who is known already for the event; whoever is first is known from now on. */
  primeira(baixa: number, alta: number, cliente: number): number {
    // Nothing at all is what stands in a free place.
    const cheia = baixa === 0 && alta === 0 ? 1 : alta;
    const casa = this.#procura(baixa, cheia);
    if (this.#ocupada(casa)) return this.#clientes[casa] ?? 0;
    this.#poe(casa, baixa, cheia, cliente);
    this.#n += 1;
    if (8 * this.#n > CHEIA_EM_OITAVOS * this.#clientes.length) this.#cresce();
    return cliente;
  }

  #ocupada(casa: number): boolean {
    return this.#metades[2 * casa] !== 0 || this.#metades[2 * casa + 1] !== 0;
  }

  /** The event's place: its own, or the free one that it would take. */
  #procura(baixa: number, alta: number): number {
    const ultima = this.#clientes.length - 1;
    let casa = baixa & ultima;
    while (this.#ocupada(casa) && (this.#metades[2 * casa] !== baixa || this.#metades[2 * casa + 1] !== alta)) {
      casa = (casa + 1) & ultima;
    }
    return casa;
  }

  #poe(casa: number, baixa: number, alta: number, cliente: number): void {
    this.#metades[2 * casa] = baixa;
    this.#metades[2 * casa + 1] = alta;
    this.#clientes[casa] = cliente;
  }

  #cresce(): void {
    const [metades, clientes] = [this.#metades, this.#clientes];
    this.#metades = new Uint32Array(2 * metades.length);
    this.#clientes = new Int32Array(2 * clientes.length);
    for (const [casa, cliente] of clientes.entries()) {
      const [baixa = 0, alta = 0] = [metades[2 * casa], metades[2 * casa + 1]];
      if (baixa !== 0 || alta !== 0) this.#poe(this.#procura(baixa, alta), baixa, alta, cliente);
    }
  }
}

/** Finds copies of an event that name other clients than the copy that came first. */
export class Copias {
  deOutroCliente = 0;
  readonly #primeiras = new Primeiras();

  soma({ eventos, clientes }: Identidades): void {
    for (const [n, cliente] of clientes.entries()) {
      const [baixa = 0, alta = 0] = [eventos[2 * n], eventos[2 * n + 1]];
      if (this.#primeiras.primeira(baixa, alta, cliente) !== cliente) this.deOutroCliente += 1;
    }
  }
}
