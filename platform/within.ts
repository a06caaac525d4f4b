/**
 * What some work comes to, if it does within so many milliseconds; later it goes on by itself, and nobody is told.
 * @throws what `late` makes
 */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), ms);
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
