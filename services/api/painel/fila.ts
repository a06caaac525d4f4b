import { ErroHttp } from '#platform/http/erros.ts';

/** Seconds. */
const ESPERA = 5;

/**
 * Work that is done one at a time, in the order it came.
 * @param maximo how many may wait for their turn
 * @throws ErroHttp MUITAS_REQUISICOES more wait already
 */
export function umDeCadaVez(maximo = Number.POSITIVE_INFINITY) {
  let ultimo: Promise<unknown> = Promise.resolve();
  let esperam = 0;
  return <T>(trabalho: () => Promise<T>): Promise<T> => {
    if (esperam > maximo) {
      throw new ErroHttp('MUITAS_REQUISICOES', 'há buscas demais à espera', { retryAfter: ESPERA });
    }
    esperam += 1;
    const este = ultimo.then(trabalho, trabalho).finally(() => {
      esperam -= 1;
    });
    ultimo = este.catch(() => undefined);
    return este;
  };
}
