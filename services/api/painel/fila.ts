/** Work that is done one at a time, in the order it came. */
export function umDeCadaVez() {
  let ultimo: Promise<unknown> = Promise.resolve();
  return <T>(trabalho: () => Promise<T>): Promise<T> => {
    const este = ultimo.then(trabalho, trabalho);
    ultimo = este.catch(() => undefined);
    return este;
  };
}
