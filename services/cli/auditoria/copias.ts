import { impressao } from '#domain/cliente.ts';
import type { Interacao } from '#domain/interacao.ts';
import { murmur2 } from '#platform/kafka/partitioner.ts';

/** Events by fingerprint, and whom each names, likewise: what little of them can be sent from thread to thread. */
export interface Identidades {
  eventos: BigUint64Array<ArrayBuffer>;
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
    const eventos = new BigUint64Array(this.#n);
    this.#eventos.copy(new Uint8Array(eventos.buffer), 0, 0, 8 * this.#n);
    const clientes = this.#clientes.slice(0, this.#n);
    this.#n = 0;
    return { eventos, clientes };
  }
}

/** A Map takes 2^24 entries: events are spread over as many of them, by the last bits of their fingerprints. */
const MAPAS = 64;

/** Finds copies of an event that name other clients than the copy that came first. */
export class Copias {
  deOutroCliente = 0;
  readonly #primeiras = Array.from({ length: MAPAS }, () => new Map<bigint, number>());

  soma({ eventos, clientes }: Identidades): void {
    for (const [n, evento] of eventos.entries()) {
      const primeiras = this.#primeiras[Number(evento % BigInt(MAPAS))];
      const primeira = primeiras?.get(evento);
      if (primeira === undefined) primeiras?.set(evento, clientes[n] ?? 0);
      else if (primeira !== clientes[n]) this.deOutroCliente += 1;
    }
  }
}
