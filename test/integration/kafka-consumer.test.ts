import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../platform/errors.ts';
import type { Round } from '../../platform/kafka/port.ts';
import { FIXTURES, numbered, unique, until, valuesOf } from './kafka-fixture.ts';

const valuesIn = ({ batches }: Round) => batches.flatMap(({ records }) => valuesOf(records));

describe.each(FIXTURES)('consumer over %s', (_client, { kafka, newTopic, send, consuming, read }) => {
  it('hands every record of a partition over once, in order', async () => {
    const topic = await newTopic(3);
    await send([0, 1, 2].flatMap((partition) => numbered(topic, 1200, partition)));
    const seen = new Map<number, string[]>();
    const rounds: Round[] = [];
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      concurrency: 2,
      maxRecords: 500,
      positionOf: async () => 0,
      onRound: async (round) => {
        rounds.push(round);
        for (const { partition, records } of round.batches) {
          seen.set(partition, [...(seen.get(partition) ?? []), ...valuesOf(records)]);
        }
        return [];
      },
    });
    await until(() => [0, 1, 2].every((p) => seen.get(p)?.length === 1200), 'all records');
    const expected = Array.from({ length: 1200 }, (_, i) => String(i));
    for (const partition of [0, 1, 2]) expect(seen.get(partition)).toEqual(expected);
    expect(rounds.every((round) => valuesIn(round).length <= 500)).toBe(true);
    expect(rounds[0]?.batches[0]?.records[0]).toMatchObject({ key: Buffer.from('c0'), headers: {} });
  });

  it('goes on after the last round it committed', async () => {
    const topic = await newTopic();
    const groupId = unique('grupo');
    await send(numbered(topic, 100));
    const seen: string[] = [];
    const options = {
      groupId,
      topics: [topic],
      onRound: async (round: Round) => {
        seen.push(...valuesIn(round));
        await round.commit([]);
        return [];
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

  it('takes it for a bug that a round ends without its commit, where the offsets are the truth', async () => {
    const topic = await newTopic();
    await send(numbered(topic, 1));
    const fatal: Error[] = [];
    const onFatal = (error: Error) => void fatal.push(error);
    await consuming({ groupId: unique('grupo'), topics: [topic], onFatal, onRound: async () => [] });
    await until(() => fatal.length > 0, 'the fatal error');
    expect(fatal[0]?.message).toBe('a rodada terminou sem commit');
  });

  it('begins where it is told, whatever the group committed, and reads again from where it is sent back to', async () => {
    const topic = await newTopic();
    await send(numbered(topic, 100));
    const seen: string[] = [];
    let sentBack = false;
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      positionOf: async () => 40,
      onRound: async (round) => {
        seen.push(...valuesIn(round));
        if (sentBack) return [];
        sentBack = true;
        return [{ topic, partition: 0, offset: 10 }];
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
      positionOf: async () => 0,
      onWaiting: (cause) => waiting.push(cause?.message ?? null),
      onRound: async ({ batches }) => {
        const ours = batches.find(({ partition }) => partition === 0);
        if (ours !== undefined) {
          tries.push(valuesOf(ours.records));
          // Only what comes after the neighbour's records lets this partition go on.
          if (neighbour.length < 10 || tries.length < 3) throw new RetryableError('redis fora');
        }
        for (const { partition, records } of batches) if (partition === 1) neighbour.push(...valuesOf(records));
        return [];
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

  it('ends on a bug, without passing over the round', async () => {
    const topic = await newTopic();
    const groupId = unique('grupo');
    await send(numbered(topic, 10));
    const fatal: Error[] = [];
    let handled = 0;
    const consumer = await consuming({
      groupId,
      topics: [topic],
      onFatal: (error) => fatal.push(error),
      onRound: async () => {
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
      positionOf: async () => 11,
      onFatal: (error) => fatal.push(error),
      onRound: async () => [],
    });
    await until(() => fatal.length > 0, 'the refusal');
    expect(fatal[0]).toMatchObject({ code: 'POSICAO_FORA_DO_LOG' });
  });

  it('lets the round under way end, and tells how far it is, before it releases its partitions and leaves', async () => {
    const topic = await newTopic();
    const groupId = unique('grupo');
    await send(numbered(topic, 10));
    const gate = Promise.withResolvers<void>();
    const steps: string[] = [];
    const consumer = await consuming({
      groupId,
      topics: [topic],
      positionOf: async () => 0,
      onRevoked: async (partitions) => void steps.push(`revoked ${partitions.length}`),
      onRound: async ({ batches }) => {
        steps.push('begin');
        await gate.promise;
        steps.push(`end ${batches[0]?.isStillOurs()}`);
        return [];
      },
    });
    await until(() => steps.length > 0, 'the round');
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
    const member = () =>
      consuming({
        groupId,
        topics: [source],
        concurrency: 2,
        maxRecords: 100,
        onRound: async (round) => {
          const records = round.batches.flatMap((batch) => batch.records);
          await round.commit(records.map(({ key, value }) => ({ topic: target, key, value })));
          return [];
        },
      });
    const first = await member();
    await send([0, 1, 2, 3].flatMap((partition) => numbered(source, total / 4, partition, partition * 10_000)));
    const second = await member();
    await until(() => second.assignment().length === 2, 'the second to have its share');
    const third = await member();
    await first.stop();
    await until(async () => (await read(target)).length >= total, 'all records');
    await Promise.all([second.stop(), third.stop()]);
    const values = await read(target);
    expect(values.length).toBe(total);
    expect(new Set(values).size).toBe(total);
  });
});
