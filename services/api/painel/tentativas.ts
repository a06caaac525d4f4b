import { ErroHttp } from '#platform/http/erros.ts';

/** Wrong keys that an address may present before it waits, and how long until it may present another. */
const SEGUIDAS = 10;
const CADA_MS = 6_000;
const ENDERECOS_NO_MAXIMO = 10_000;

interface Saldo {
  n: number;
  em: number;
}

/**
 * How often an address may be wrong, in this process. A key is 256 random bits, which nobody guesses: this is against
 * noise, and against whoever tries a list of keys that leaked. The right key costs nothing.
 */
export class Tentativas {
  readonly #saldos = new Map<string, Saldo>();
  readonly #agora: () => number;

  /** @param agora milliseconds of a clock that never goes back */
  constructor(agora: () => number = () => performance.now()) {
    this.#agora = agora;
  }

  /** @throws ErroHttp MUITAS_TENTATIVAS, with the seconds until one more may be made */
  exigeSaldo(endereco: string): void {
    const { n } = this.#saldo(endereco);
    if (n >= 1) return;
    const retryAfter = Math.ceil(((1 - n) * CADA_MS) / 1_000);
    throw new ErroHttp('MUITAS_TENTATIVAS', 'houve chaves erradas demais deste endereço: espere um pouco', {
      retryAfter,
    });
  }

  errou(endereco: string): void {
    // The oldest go: a Map keeps the order in which they came.
    const [primeiro] = this.#saldos.keys();
    if (this.#saldos.size >= ENDERECOS_NO_MAXIMO && primeiro !== undefined) this.#saldos.delete(primeiro);
    const { n, em } = this.#saldo(endereco);
    this.#saldos.set(endereco, { n: n - 1, em });
  }

  #saldo(endereco: string): Saldo {
    const agora = this.#agora();
    const antes = this.#saldos.get(endereco) ?? { n: SEGUIDAS, em: agora };
    return { n: Math.min(SEGUIDAS, antes.n + (agora - antes.em) / CADA_MS), em: agora };
  }
}
