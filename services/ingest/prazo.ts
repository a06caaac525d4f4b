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

/**
 * A producer that answers in time: a send that Kafka has not acknowledged by then is refused, though it may stand (sent
 * again, it is counted once). While one is overdue all others are refused at once, so that what waits in memory is
 * bounded by what may be under way.
 * @param aoMudar told why all are refused, and null once they are not
 */
export function comPrazo(
  producer: Envio,
  prazoMs: number = PRAZO_MS,
  aoMudar: (causa: Error | null) => void = () => {},
): Envio {
  let atrasados = 0;
  const recusa = () => (atrasados > 0 ? new RetryableError('o Kafka não confirma o que já recebeu') : null);
  const soma = (n: 1 | -1): void => {
    atrasados += n;
    aoMudar(recusa());
  };
  return {
    async send(records) {
      const causa = recusa();
      if (causa !== null) throw causa;
      let venceu = false;
      const envio = producer.send(records).finally(() => {
        if (venceu) soma(-1);
      });
      await noPrazo(envio, prazoMs, () => {
        venceu = true;
        soma(1);
      });
    },
  };
}
