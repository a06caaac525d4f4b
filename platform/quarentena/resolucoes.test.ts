import { afterEach, expect, it, vi } from 'vitest';
import type { Codec } from '../codec.ts';
import type { ResolucaoDeQuarentena } from '../codec-types.ts';
import { type InputRecord, type Kafka, NO_HEADERS, type ReadOptions } from '../kafka/port.ts';
import { Resolucoes } from './resolucoes.ts';

const AGORA = Date.parse('2026-06-01T12:00:00Z');
const VALIDADE = 1_000;
const REENVIADA = JSON.stringify({ correcao: null, reenvio: { por: 'ana', em: 1, tentativa: 2, execucao: 'x' } });

afterEach(() => void vi.useRealTimers());

/** What was done, by id, with when it was written. */
function mundo() {
  const log: InputRecord[] = [];
  const kafka = {
    readToEnd: async (topic: string, { from, onBatch }: ReadOptions) => {
      const records = log.slice(from?.get(0) ?? 0);
      if (records.length > 0) await onBatch({ topic, partition: 0, records });
    },
  } as unknown as Kafka;
  const codec = {
    prepareIds: async () => {},
    decodeSync: (valor: Buffer) => JSON.parse(String(valor)),
  } as unknown as Codec<ResolucaoDeQuarentena>;
  vi.useFakeTimers({ now: AGORA, toFake: ['Date'] });
  return {
    resolucoes: (validadeMs?: number) => new Resolucoes(kafka, codec, validadeMs),
    resolve: (id: string, haMs: number): void => {
      const timestamp = Date.now() - haMs;
      const [key, value] = [Buffer.from(id), Buffer.from(REENVIADA)];
      log.push({ offset: log.length, timestamp, key, value, headers: NO_HEADERS });
    },
  };
}

it('what was done too long ago to matter is not held, and goes as time does', async () => {
  const { resolucoes, resolve } = mundo();
  const nossas = resolucoes(VALIDADE);
  for (let n = 0; n < 100; n += 1) resolve(`0/${n}`, VALIDADE + 1);
  resolve('0/100', VALIDADE / 2);
  resolve('0/101', 0);
  await nossas.atualiza();
  expect([nossas.resolvida('0/0'), nossas.resolvida('0/99'), nossas.resolvida('0/100')]).toEqual([false, false, true]);
  vi.setSystemTime(AGORA + VALIDADE);
  await nossas.atualiza();
  expect([nossas.resolvida('0/100'), nossas.resolvida('0/101')]).toEqual([false, true]);
});

it('what was done anew is as young as that', async () => {
  const { resolucoes, resolve } = mundo();
  const nossas = resolucoes(VALIDADE);
  resolve('0/0', VALIDADE - 1);
  resolve('0/1', VALIDADE - 1);
  resolve('0/0', 0);
  await nossas.atualiza();
  vi.setSystemTime(AGORA + 2);
  await nossas.atualiza();
  expect([nossas.resolvida('0/0'), nossas.resolvida('0/1')]).toEqual([true, false]);
});

it('all is held where nothing else is asked for', async () => {
  const { resolucoes, resolve } = mundo();
  const todas = resolucoes();
  resolve('0/0', 10 * 365 * 86_400_000);
  await todas.atualiza();
  expect(todas.resolvida('0/0')).toBe(true);
});
