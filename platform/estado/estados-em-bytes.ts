import { type EstadoCliente, estaVazio } from '#domain/cliente.ts';
import type { EstadosDoTrecho } from '#domain/dobra-trecho.ts';
import { Escrita } from './bytes.ts';
import { decodificaEstado, gravaEstado } from './codificacao.ts';

/** What a run adds to a holder's state, more or less, in bytes. */
const ACRESCIMO = 96;

/** The states that a run changed, as Redis is told them. */
export interface EstadosGravados {
  titulares: readonly string[];
  /** Of each one's value, in bytes. */
  tamanhos: readonly number[];
  /** The values, one after the other. */
  valores: Buffer;
  /** Whose states have nothing in them any more. */
  removidos: readonly string[];
}

/** The states a run is folded into: each is unpacked when it is asked for, and packed again as soon as it has changed. */
export class EstadosEmBytes implements EstadosDoTrecho {
  readonly #lidos: ReadonlyMap<string, Buffer | null>;
  readonly #escrita: Escrita;
  readonly #titulares: string[] = [];
  readonly #tamanhos: number[] = [];
  readonly #removidos: string[] = [];

  /** @param lidos by holder, as Redis has them; null: no state yet */
  constructor(lidos: ReadonlyMap<string, Buffer | null>) {
    this.#lidos = lidos;
    let reserva = 0;
    for (const lido of lidos.values()) reserva += ACRESCIMO + (lido?.length ?? 0);
    this.#escrita = new Escrita(reserva);
  }

  le(titular: string): EstadoCliente {
    const lido = this.#lidos.get(titular);
    if (lido === undefined) throw new Error('falta o estado de um titular do trecho');
    return decodificaEstado(lido);
  }

  guarda(titular: string, estado: EstadoCliente): void {
    if (estaVazio(estado)) {
      this.#removidos.push(titular);
      return;
    }
    const antes = this.#escrita.tamanho;
    gravaEstado(this.#escrita, estado);
    this.#titulares.push(titular);
    this.#tamanhos.push(this.#escrita.tamanho - antes);
  }

  /** All that was kept; nothing is kept after it. */
  termina(): EstadosGravados {
    const [titulares, tamanhos, removidos] = [this.#titulares, this.#tamanhos, this.#removidos];
    return { titulares, tamanhos, valores: this.#escrita.termina(), removidos };
  }
}
