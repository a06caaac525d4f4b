import { expect, it, onTestFinished, vi } from 'vitest';
import { RetryableError } from '../errors.ts';
import { MessageSlice } from './kafkajs/records.ts';
import { OrderedProducer } from './producer.ts';
import { Placer } from './rounds.ts';
import { STOP } from './settings.ts';

const placer = () => {
  const slice = (topic: string, partition: number) => new MessageSlice(topic, partition);
  return new Placer(async () => [0], { maxRecords: 10, slice });
};
const RECORD = { topic: 't', key: 'k', value: null };

it('what is under way at the end has a moment, and then fails', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const closed = Promise.withResolvers<void>();
  const send = async () => {
    await closed.promise;
    throw new RetryableError('sem broker');
  };
  const producer = new OrderedProducer({ send, close: async () => closed.resolve() }, placer());
  const sent = producer.send([RECORD]).catch((error: unknown) => error);
  const ended = producer.close();
  let over = false;
  void ended.then(() => {
    over = true;
  });
  await vi.advanceTimersByTimeAsync(STOP.sends - 100);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  await ended;
  expect(await sent).toBeInstanceOf(RetryableError);
});

it('what is done in time is waited for', async () => {
  const done: string[] = [];
  const send = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    done.push('sent');
  };
  const producer = new OrderedProducer({ send, close: async () => void done.push('closed') }, placer());
  void producer.send([RECORD]);
  await producer.close();
  expect(done).toEqual(['sent', 'closed']);
});
