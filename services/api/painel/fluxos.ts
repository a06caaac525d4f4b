import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { ErroHttp } from '#platform/http/erros.ts';
import type { AoVivo } from './ao-vivo.ts';

/** How often an open stream asks whether its key still holds. */
const BATIDA_MS = 1_000;
/** How long a browser waits before it connects again, in milliseconds. */
const VOLTA_MS = 1_000;

/** The most streams that one key has open at once, each a page that watches. */
export const FLUXOS_POR_CHAVE = 100;
/** Who has too many is told to wait so long, in seconds. */
const ESPERA_S = 5;

/** @throws ErroHttp the key does not hold any more */
export type Autoriza = (request: FastifyRequest) => void;

/** The looks as server-sent events, until the browser leaves, the key ends, or the service does. */
async function* eventos<T>(fonte: AoVivo<T>, signal: AbortSignal): AsyncGenerator<string> {
  yield `retry: ${VOLTA_MS}\n\n`;
  for await (const quadro of fonte.assiste(signal)) yield `data: ${JSON.stringify(quadro)}\n\n`;
}

/** Streams that are open: a service that stops does not wait for them. */
export class Fluxos {
  readonly #abertos = new Map<AbortController, string>();

  /**
   * A stream of `fonte` to who asks; it ends within seconds of its key.
   * @throws ErroHttp MUITAS_REQUISICOES
   */
  abre<T>(request: FastifyRequest, chave: string, fonte: AoVivo<T>, autoriza: Autoriza): Readable {
    const dela = [...this.#abertos.values()].filter((id) => id === chave).length;
    if (dela >= FLUXOS_POR_CHAVE) {
      throw new ErroHttp('MUITAS_REQUISICOES', `esta chave já acompanha ${dela} páginas: feche alguma`, {
        retryAfter: ESPERA_S,
      });
    }
    const fim = new AbortController();
    this.#abertos.set(fim, chave);
    const corpo = Readable.from(eventos(fonte, fim.signal), { objectMode: false });
    const batida = setInterval(() => {
      try {
        autoriza(request);
      } catch {
        fim.abort();
      }
    }, BATIDA_MS);
    batida.unref();
    request.raw.once('close', () => fim.abort());
    corpo.once('close', () => {
      clearInterval(batida);
      this.#abertos.delete(fim);
      fim.abort();
    });
    return corpo;
  }

  fecha(): void {
    for (const fim of this.#abertos.keys()) fim.abort();
  }
}
