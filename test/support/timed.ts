/** Measures how long an answer takes. */

/** The result of some work, and how long it took in milliseconds. */
export async function timed<T>(work: PromiseLike<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, performance.now() - start];
}
