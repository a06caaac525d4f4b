/** What a consumer waits for, part by part, told to whoever wants to know: a cause, and null once there is none. */
export class Waiting {
  readonly #tell: ((cause: Error | null) => void) | undefined;
  readonly #causes = new Set<string>();
  #told = false;

  constructor(tell: ((cause: Error | null) => void) | undefined) {
    this.#tell = tell;
  }

  /** @param cause null: this part waits no more */
  set(part: string, cause: Error | null): void {
    if (cause !== null) {
      this.#causes.add(part);
      this.#told = true;
      this.#tell?.(cause);
      return;
    }
    this.#causes.delete(part);
    if (this.#causes.size > 0 || !this.#told) return;
    this.#told = false;
    this.#tell?.(null);
  }
}
