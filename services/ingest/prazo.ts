import { RetryableError } from '#platform/errors.ts';
import type { Producer } from '#platform/kafka/port.ts';
import { within } from '#platform/within.ts';

/** Milliseconds a caller waits for Kafka. */
export const PRAZO_MS = 10_000;

/** What the work comes to, in time. @throws RetryableError it took longer, and `aoVencer` was told; it may yet be done */
export async function noPrazo<T>(trabalho: Promise<T>, prazoMs: number, aoVencer = () => {}): Promise<T> {
  return within(prazoMs, trabalho, () => {
    aoVencer();
    return new RetryableError(`o Kafka não confirmou em ${prazoMs / 1_000} s`);
  });
}

type Envio = Pick<Producer, 'send'>;

/** Milliseconds for which what a send ended with stands: who is not ready is sent nothing, and would not learn better. */
const FALHA_VALE_MS = 15_000;

/** Why the door refuses, of what became of the sends. */
class Porta {
  readonly #aoMudar: (causa: Error | null) => void;
  #atrasados = 0;
  #falha: Error | null = null;
  #validade: NodeJS.Timeout | undefined;

  constructor(aoMudar: (causa: Error | null) => void) {
    this.#aoMudar = aoMudar;
  }

  /** Why a send is refused that has not begun; null: it is not. */
  recusa(): Error | null {
    return this.#atrasados > 0 ? new RetryableError('o Kafka não confirma o que já recebeu') : null;
  }

  atrasou(n: 1 | -1): void {
    this.#atrasados += n;
    this.#conta();
  }

  /** @param falha null: Kafka has what was sent */
  terminou(falha: Error | null): void {
    clearTimeout(this.#validade);
    if (falha === null && this.#falha === null) return;
    this.#falha = falha;
    if (falha !== null) this.#validade = setTimeout(() => this.terminou(null), FALHA_VALE_MS).unref();
    this.#conta();
  }

  #conta(): void {
    this.#aoMudar(this.recusa() ?? this.#falha);
  }
}

/**
 * A producer that answers in time: a send that Kafka has not acknowledged by then is refused, though it may stand (sent
 * again, it is counted once). While one is overdue all others are refused at once, so that what waits in memory is
 * bounded by what may be under way. Where Kafka itself refuses, in time, the next one is tried all the same.
 * @param aoMudar told why sends are refused, and null once they are not
 */
export function comPrazo(
  producer: Envio,
  prazoMs: number = PRAZO_MS,
  aoMudar: (causa: Error | null) => void = () => {},
): Envio {
  const porta = new Porta(aoMudar);
  return {
    async send(records) {
      const causa = porta.recusa();
      if (causa !== null) throw causa;
      let venceu = false;
      const envio = producer.send(records).finally(() => {
        if (venceu) porta.atrasou(-1);
      });
      envio.then(
        () => porta.terminou(null),
        (falha: unknown) => falha instanceof RetryableError && porta.terminou(falha),
      );
      await noPrazo(envio, prazoMs, () => {
        venceu = true;
        porta.atrasou(1);
      });
    },
  };
}
