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
