import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../platform/errors.ts';
import type { Batch, BatchOutcome } from '../../platform/kafka/port.ts';
import { FIXTURES, numbered, unique, until, valuesOf } from './kafka-fixture.ts';

const DONE: BatchOutcome = { kind: 'done' };

describe.each(FIXTURES)('consumer over %s', (_client, { kafka, newTopic, send, consuming, read }) => {
  it('hands every record of a partition over once, in order', async () => {
    const topic = await newTopic(3);
    await send([0, 1, 2].flatMap((partition) => numbered(topic, 1200, partition)));
    const seen = new Map<number, string[]>();
    const batches: Batch[] = [];
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      commit: 'after-batch',
      concurrency: 2,
      maxBytesPerPartition: 3_000,
      onBatch: async (batch) => {
        batches.push(batch);
        seen.set(batch.partition, [...(seen.get(batch.partition) ?? []), ...valuesOf(batch.records)]);
        return DONE;
      },
    });
    await until(() => [0, 1, 2].every((p) => seen.get(p)?.length === 1200), 'all records');
    const expected = Array.from({ length: 1200 }, (_, i) => String(i));
    for (const partition of [0, 1, 2]) expect(seen.get(partition)).toEqual(expected);
    expect(batches.length).toBeGreaterThan(3);
    expect(batches[0]).toMatchObject({ topic, highWatermark: 1200 });
    expect(batches[0]?.records[0]).toMatchObject({ key: Buffer.from('c0'), headers: {} });
  });

  it('goes on after the last batch it finished', async () => {
    const topic = await newTopic();
    const groupId = unique('grupo');
    await send(numbered(topic, 100));
    const seen: string[] = [];
    const options = {
      groupId,
      topics: [topic],
      commit: 'after-batch' as const,
      onBatch: async (batch: Batch) => {
        seen.push(...valuesOf(batch.records));
        return DONE;
      },
    };
    const first = await consuming(options);
    await until(() => seen.length === 100, 'the first hundred');
    await first.stop();
    await send(numbered(topic, 50, 0, 100));
    await consuming(options);
    await until(() => seen.length >= 150, 'the next fifty');
    expect(seen).toEqual(Array.from({ length: 150 }, (_, i) => String(i)));
  });

  it('begins where it is told, whatever the group committed, and reads again from where it is sent back to', async () => {
    const topic = await newTopic();
    await send(numbered(topic, 100));
    const seen: string[] = [];
    let sentBack = false;
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      commit: 'never',
      positionOf: async () => 40,
      onBatch: async (batch) => {
        seen.push(...valuesOf(batch.records));
        if (sentBack) return DONE;
        sentBack = true;
        return { kind: 'seek', offset: 10 };
      },
    });
    await until(() => seen.length >= 150, 'both readings');
    expect(seen[0]).toBe('40');
    expect(seen.slice(60)).toEqual(Array.from({ length: 90 }, (_, i) => String(i + 10)));
  });

  it('waits and hands the same records again on a RetryableError, without holding up other partitions', async () => {
    const topic = await newTopic(2);
    await send([...numbered(topic, 10, 0), ...numbered(topic, 10, 1)]);
    const tries: string[][] = [];
    const neighbour: string[] = [];
    const waiting: (string | null)[] = [];
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      commit: 'after-batch',
      onWaiting: (cause) => waiting.push(cause?.message ?? null),
      onBatch: async (batch) => {
        if (batch.partition === 1) neighbour.push(...valuesOf(batch.records));
        else tries.push(valuesOf(batch.records));
        // Only what comes after the neighbour's records lets this partition go on.
        if (batch.partition === 0 && (neighbour.length < 10 || tries.length < 3))
          throw new RetryableError('redis fora');
        return DONE;
      },
    });
    await until(() => waiting.includes(null), 'going on');
    await send(numbered(topic, 5, 0, 10));
    await until(() => tries.at(-1)?.includes('14') === true, 'the records after');
    expect(tries.length).toBeGreaterThanOrEqual(4);
    const ten = Array.from({ length: 10 }, (_, i) => String(i));
    for (const attempt of tries.slice(0, -1)) expect(attempt).toEqual(ten);
    expect(tries.at(-1)).toEqual(['10', '11', '12', '13', '14']);
    expect(neighbour).toEqual(ten);
    expect(waiting[0]).toBe('redis fora');
    expect(waiting.at(-1)).toBeNull();
  });

  it('ends on a bug, without passing over the batch', async () => {
    const topic = await newTopic();
    const groupId = unique('grupo');
    await send(numbered(topic, 10));
    const fatal: Error[] = [];
    let handled = 0;
    const consumer = await consuming({
      groupId,
      topics: [topic],
      commit: 'after-batch',
      onFatal: (error) => fatal.push(error),
      onBatch: async () => {
        handled++;
        throw new TypeError('bug');
      },
    });
    await until(() => fatal.length > 0, 'the fatal error');
    await consumer.stop();
    expect([fatal.length, fatal[0]?.message, handled]).toEqual([1, 'bug', 1]);
    const admin = await kafka.admin();
    expect((await admin.committed(groupId, topic)).get(0)).toBeNull();
    await admin.close();
  });

  it('refuses a position that the log does not reach', async () => {
    const topic = await newTopic();
    await send(numbered(topic, 10));
    const fatal: Error[] = [];
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      commit: 'never',
      positionOf: async () => 11,
      onFatal: (error) => fatal.push(error),
      onBatch: async () => DONE,
    });
    await until(() => fatal.length > 0, 'the refusal');
    expect(fatal[0]?.message).toMatch(/^POSICAO_FORA_DO_LOG/);
  });

  it('lets the batch under way end, and commits it, before it releases its partitions and leaves', async () => {
    const topic = await newTopic();
    const groupId = unique('grupo');
    await send(numbered(topic, 10));
    const gate = Promise.withResolvers<void>();
    const steps: string[] = [];
    const consumer = await consuming({
      groupId,
      topics: [topic],
      commit: 'after-batch',
      onRevoked: async (partitions) => void steps.push(`revoked ${partitions.length}`),
      onBatch: async (batch) => {
        steps.push('begin');
        await gate.promise;
        steps.push(`end ${batch.isStillOurs()}`);
        return DONE;
      },
    });
    await until(() => steps.length > 0, 'the batch');
    const stopping = consumer.stop();
    gate.resolve();
    await stopping;
    expect(steps).toEqual(['begin', 'end true', 'revoked 1']);
    const admin = await kafka.admin();
    expect((await admin.committed(groupId, topic)).get(0)).toBe(10);
    await admin.close();
  });

  it('moves every record exactly once while members of a transacting group come and go', async () => {
    const [source, target] = [await newTopic(4), await newTopic(2)];
    const groupId = unique('grupo');
    const total = 4000;
    const member = async () => {
      const transactor = await kafka.transactor('teste', groupId);
      const consumer = await consuming({
        groupId,
        topics: [source],
        commit: 'never',
        concurrency: 2,
        maxBytesPerPartition: 2_000,
        positionOf: (tp) => transactor.acquire(tp),
        onRevoked: async (partitions) => void (await Promise.all(partitions.map((tp) => transactor.release(tp)))),
        onBatch: async (batch) => {
          if (!batch.isStillOurs()) return DONE;
          const records = batch.records.map(({ key, value }) => ({ topic: target, key, value }));
          await transactor.run(batch, records, (batch.records.at(-1)?.offset ?? 0) + 1);
          return DONE;
        },
      });
      const stop = async () => {
        await consumer.stop();
        await transactor.close();
      };
      return { consumer, stop };
    };
    const first = await member();
    await send([0, 1, 2, 3].flatMap((partition) => numbered(source, total / 4, partition, partition * 10_000)));
    const second = await member();
    await until(() => second.consumer.assignment().length === 2, 'the second to have its share');
    const third = await member();
    await first.stop();
    await until(async () => (await read(target)).length >= total, 'all records');
    await Promise.all([second.stop(), third.stop()]);
    const values = await read(target);
    expect(values.length).toBe(total);
    expect(new Set(values).size).toBe(total);
  });
});
