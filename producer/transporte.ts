import type { CloudEvent } from './evento.ts';

/**
 * What became of one event: kept by Kafka, kept on this machine's disk until the way in is back (`comReserva`), or refused
 * with the reason (a motivo such as CPF_INVALIDO) and what to mend.
 */
export type Resultado =
  | { id: string; estado: 'aceito' }
  | { id: string; estado: 'guardado' }
  | { id: string; estado: 'recusado'; motivo: string; detalhe: string };

/** A way in. */
export interface Transporte {
  /**
   * Resolves once every event is kept by Kafka (all in-sync replicas have it), kept on disk, or refused: one result an
   * event, in order. A retry inside may send an event twice, which downstream counts once.
   * @throws RetryableError the way in was closed for longer than the transport waits; CodedError it will not open.
   */
  envia(eventos: readonly CloudEvent[]): Promise<Resultado[]>;
  fecha(): Promise<void>;
}
