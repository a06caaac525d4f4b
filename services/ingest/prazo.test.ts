import { expect, it, onTestFinished, vi } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { comPrazo } from './prazo.ts';

const registro: OutputRecord = { topic: 't', key: 'k', value: null };

it('refuses what is not acknowledged in time, and all others until that one ends', async () => {
  const pedidos: PromiseWithResolvers<void>[] = [];
  const causas: (string | null)[] = [];
  const envio = comPrazo(
    {
      send: () => {
        const pedido = Promise.withResolvers<void>();
        pedidos.push(pedido);
        return pedido.promise;
      },
    },
    20,
    (causa) => causas.push(causa?.message ?? null),
  );
  await expect(envio.send([registro])).rejects.toBeInstanceOf(RetryableError);
  await expect(envio.send([registro])).rejects.toBeInstanceOf(RetryableError);
  expect(pedidos).toHaveLength(1);
  // Too late for its caller, and no unhandled rejection either.
  pedidos[0]?.reject(new RetryableError('sem broker'));
  await Promise.resolve();
  const outro = expect.poll(() => {
    const enviado = envio.send([registro]);
    pedidos[1]?.resolve();
    return enviado.then(() => 'guardado');
  });
  await outro.toBe('guardado');
  // Whoever asks whether the door is open is told so as well.
  expect(causas).toEqual(['o Kafka não confirma o que já recebeu', null, 'sem broker', null]);
});

it('passes on what the producer says', async () => {
  await expect(comPrazo({ send: async () => {} }).send([registro])).resolves.toBeUndefined();
  const falha = new TypeError('defeito');
  await expect(comPrazo({ send: async () => Promise.reject(falha) }).send([registro])).rejects.toBe(falha);
});

it('says that Kafka refuses what is sent, though it does so in time, until it takes something', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const causas: (string | null)[] = [];
  let falha: Error | null = new RetryableError('poucas cópias em dia');
  const send = async () => {
    if (falha !== null) throw falha;
  };
  const envio = comPrazo({ send }, 1_000, (causa) => causas.push(causa?.message ?? null));
  await expect(envio.send([registro])).rejects.toBe(falha);
  expect(causas).toEqual(['poucas cópias em dia']);
  // It is tried all the same, and who comes with what no retry helps changes nothing.
  falha = new TypeError('defeito');
  await expect(envio.send([registro])).rejects.toBe(falha);
  expect(causas).toEqual(['poucas cópias em dia']);
  falha = null;
  await envio.send([registro]);
  expect(causas).toEqual(['poucas cópias em dia', null]);
  // Nobody sends to who is not ready: it is so for a while only.
  falha = new RetryableError('sem líder');
  await expect(envio.send([registro])).rejects.toBe(falha);
  await vi.advanceTimersByTimeAsync(14_000);
  expect(causas.at(-1)).toBe('sem líder');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(causas.at(-1)).toBeNull();
});
