import { setImmediate } from 'node:timers/promises';

/** Items looked at before other requests have their turn. */
const FATIA = 200;

/** The items, some at a time, other requests having their turn in between: a body may hold thousands. */
export async function* emFatias<T>(itens: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let de = 0; de < itens.length; de += FATIA) {
    if (de > 0) await setImmediate();
    yield itens.slice(de, de + FATIA);
  }
}
