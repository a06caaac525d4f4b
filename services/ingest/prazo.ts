import { RetryableError } from '#platform/errors.ts';
import type { Producer } from '#platform/kafka/port.ts';

/** Milliseconds a caller waits for Kafka. */
export const PRAZO_MS = 10_000;

type Envio = Pick<Producer, 'send'>;

/**
 * A producer that answers in time: a send that Kafka has not acknowledged by then is refused, though it may stand (sent
 * again, it is counted once). While one is overdue all others are refused at once, so that what waits in memory is
 * bounded by what may be under way.
 */
export function comPrazo(producer: Envio, prazoMs: number = PRAZO_MS): Envio {
  let atrasados = 0;
  return {
    async send(records) {
      if (atrasados > 0) throw new RetryableError('o Kafka não confirma o que já recebeu');
      const { promise: vencido, reject } = Promise.withResolvers<never>();
      let venceu = false;
      const timer = setTimeout(() => {
        venceu = true;
        atrasados += 1;
        reject(new RetryableError(`o Kafka não confirmou em ${prazoMs / 1_000} s`));
      }, prazoMs);
      const envio = producer.send(records).finally(() => {
        clearTimeout(timer);
        if (venceu) atrasados -= 1;
      });
      await Promise.race([envio, vencido]);
    },
  };
}
