import { expect, it } from 'vitest';
import { allOfEach } from './all-of.ts';

/** A work for each number that ends when it is told to. */
function works() {
  const ends = new Map<number, { resolve: (n: number) => void; reject: (error: Error) => void }>();
  const work = (n: number) => new Promise<number>((resolve, reject) => ends.set(n, { resolve, reject }));
  const end = async (n: number, error?: Error): Promise<void> => {
    if (error === undefined) ends.get(n)?.resolve(10 * n);
    else ends.get(n)?.reject(error);
    await new Promise(setImmediate);
  };
  return { work, end, begun: () => [...ends.keys()] };
}

it('has no more works under way than it may, and answers in the order of the items', async () => {
  const { work, end, begun } = works();
  const all = allOfEach([1, 2, 3, 4], 2, work);
  expect(begun()).toEqual([1, 2]);
  await end(2);
  expect(begun()).toEqual([1, 2, 3]);
  await end(1);
  await end(4);
  await end(3);
  expect(await all).toEqual([10, 20, 30, 40]);
});

it('begins none after one failed, and waits for those under way', async () => {
  const { work, end, begun } = works();
  let ended = false;
  const all = allOfEach([1, 2, 3], 2, work).finally(() => (ended = true));
  all.catch(() => undefined);
  await end(1, new Error('did not work'));
  expect(begun()).toEqual([1, 2]);
  expect(ended).toBe(false);
  await end(2);
  await expect(all).rejects.toThrow('did not work');
  expect(begun()).toEqual([1, 2]);
});
