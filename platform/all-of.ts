/**
 * Waits for all, then fails as the first that failed: no work is left behind that could act later, on what was handed to
 * somebody else meanwhile.
 */
export async function allOf<T>(works: readonly (T | Promise<T>)[]): Promise<T[]> {
  const results = await Promise.allSettled(works);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value as T;
  });
}

/** Likewise of a work for each item, in their order, no more than `most` of them under way at once; after one failed none begins. */
export async function allOfEach<T, R>(items: readonly T[], most: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [n, item] of left) {
      if (failed) return;
      try {
        results[n] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await allOf(Array.from({ length: most }, worker));
  return results;
}
