/** A server is away or asks to wait: keep the position and try again; never quarantine. */
export class RetryableError extends Error {
  override name = 'RetryableError';
}

/** Another instance took over: drop the work in hand, nothing of it was committed. */
export class FencedError extends Error {
  override name = 'FencedError';
}
