import { readdirSync, readlinkSync } from 'node:fs';
import { expect } from 'vitest';

/** An event of the source `lms`; of another unidade than the Sebrae's the door refuses it. */
export const evento = (id: string, unidade = 'SP') => ({
  specversion: '1.0',
  id,
  source: 'lms',
  type: 'br.com.sebrae.interacao.login',
  time: '2026-03-02T10:15:00-03:00',
  data: { unidade },
});

/** A Kafka that has not acknowledged anything until it is told to. */
export function kafkaQueEspera() {
  const { promise: guardado, resolve: guarda } = Promise.withResolvers<void>();
  const { promise: enviado, resolve: envia } = Promise.withResolvers<void>();
  const send = async () => {
    envia();
    await guardado;
  };
  /** What is answered, and not before Kafka has what was sent. */
  const respostaDepois = async <T>(pedido: Promise<T>): Promise<T> => {
    let respondida = false;
    const resposta = pedido.then((r) => {
      respondida = true;
      return r;
    });
    await enviado;
    await new Promise(setImmediate);
    expect(respondida).toBe(false);
    guarda();
    return resposta;
  };
  return { send, respostaDepois };
}

/** Files of answers that this process holds open, though they have no name any more. */
export const abertos = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('atendido-respostas-');
    } catch {
      // Closed since: the folder itself was open while it was read.
      return false;
    }
  }).length;
