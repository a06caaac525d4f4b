import type { Credencial } from '../credenciais/credencial.ts';
import { ErroHttp } from './erros.ts';

type Chave = Pick<Credencial, 'id' | 'limite'>;

interface Saldo {
  /** Requests that may still be made; below zero: those taken in beyond what the key may. */
  n: number;
  /** Milliseconds of `agora`. */
  em: number;
}

/**
 * How fast each key may go, in this process: a bucket that holds a second's worth. How many events a request has is
 * known only once it is read, so it is let in on any balance, and what it takes too much the next ones wait for.
 */
export class Ritmo {
  readonly #saldos = new Map<string, Saldo>();
  readonly #agora: () => number;

  /** @param agora milliseconds of a clock that never goes back */
  constructor(agora: () => number = () => performance.now()) {
    this.#agora = agora;
  }

  /** Takes a request in. @throws ErroHttp LIMITE_DA_CHAVE, with the seconds until there is room for one */
  entra({ id, limite }: Chave): void {
    if (limite === null) return;
    const saldo = this.#saldo(id, limite);
    if (saldo.n < 1) {
      const detail = `a chave '${id}' pode ${limite} por segundo`;
      throw new ErroHttp('LIMITE_DA_CHAVE', detail, { retryAfter: Math.ceil((1 - saldo.n) / limite) });
    }
    saldo.n -= 1;
  }

  /** Counts what a request let in had besides. */
  debita({ id, limite }: Chave, quantos: number): void {
    if (limite !== null) this.#saldo(id, limite).n -= quantos;
  }

  #saldo(id: string, limite: number): Saldo {
    const agora = this.#agora();
    const antes = this.#saldos.get(id) ?? { n: limite, em: agora };
    const n = Math.min(limite, antes.n + ((agora - antes.em) / 1_000) * limite);
    const saldo = { n, em: agora };
    this.#saldos.set(id, saldo);
    return saldo;
  }
}
