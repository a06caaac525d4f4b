/** A server is away or asks to wait: keep the position and try again; never quarantine. */
export class RetryableError extends Error {
  override name = 'RetryableError';
}

/**
 * An error that a person or another system can meet: `code` is stable, UPPER_SNAKE, in Portuguese and documented in
 * docs/erros.md; `message` is for the person. The command line prints it with the code in front.
 */
export class CodedError extends Error {
  override name = 'CodedError';
  readonly code: string;
  /** What a command exits with. */
  readonly exitCode: number;

  constructor(code: string, message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.code = code;
    this.exitCode = options.exitCode ?? 1;
  }
}
