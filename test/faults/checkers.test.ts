import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { InputRecord } from '#platform/kafka/port.ts';
import { connectRedis } from '#platform/redis.ts';
import { until } from '../integration/until.ts';
import { cpfOf, delivery, Writer } from './interactions.ts';
import { Load } from './load.ts';
import { Rig } from './rig.ts';
import { verdictOf } from './trial.ts';

const EVENTS = 500;

let rig: Rig;
let accepted: Set<string>;
beforeAll(async () => {
  rig = await Rig.line();
  const load = await Load.start(rig, { seed: 1 });
  accepted = load.accepted;
  await until(() => accepted.size >= EVENTS, 'some load', 60_000);
  await load.stop();
});
afterAll(() => rig?.stop());

/** Has the classifier's group go past the end of a partition without reading it. */
async function skipTheRest(partition: number): Promise<void> {
  const admin = new Kafka({ brokers: rig.config.kafka.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets('interacoes');
    const end = offsets.find((one) => one.partition === partition)?.offset ?? '';
    await admin.setOffsets({
      groupId: 'atendido-classifier',
      topic: 'interacoes',
      partitions: [{ partition, offset: end }],
    });
  } finally {
    await admin.disconnect();
  }
}

describe('the checkers', () => {
  it('find nothing where nothing is wrong', async () => {
    const { balance, differences } = await verdictOf(rig, accepted);
    expect(balance).toMatchObject({ lost: [], duplicated: [] });
    expect(balance.records).toBeGreaterThan(EVENTS);
    expect(differences).toEqual([]);
  });

  it('see that something accepted never came', async () => {
    const { balance } = await verdictOf(rig, new Set([...accepted, 'portal-sebrae nunca-veio']));
    expect(balance.lost).toEqual(['portal-sebrae nunca-veio']);
  });

  it('see a classified record that stands twice', async () => {
    const found: InputRecord[] = [];
    await rig.kafka.readToEnd('interacoes-contabilizadas', { onBatch: ({ records }) => void found.push(...records) });
    const [{ key, value }] = found as [InputRecord];
    await rig.producer.send([{ topic: 'interacoes-contabilizadas', key, value }]);
    const { balance } = await verdictOf(rig, accepted);
    expect(balance.lost).toEqual([]);
    expect(balance.duplicated).toHaveLength(1);
  });

  it('see a counter that is one too many', async () => {
    const redis = connectRedis(rig.config.redis, 'faults');
    const [counters = ''] = await redis.keys('at:{*}:ind:*');
    const [field = ''] = await redis.hkeys(counters);
    await redis.hincrby(counters, field, 1);
    expect((await verdictOf(rig, accepted)).differences).toMatchObject([{ onde: 'indicador' }]);
    await redis.hincrby(counters, field, -1);
    redis.disconnect();
    expect((await verdictOf(rig, accepted)).differences).toEqual([]);
  });

  it('see a record that was passed over', async () => {
    await rig.stopService('classifier');
    const writer = await Writer.of(rig);
    const lost = delivery('legado', 'pulado', writer.pseudonym(cpfOf(1)), Date.now() - 60_000);
    const record = writer.record(lost);
    await writer.send([record]);
    await skipTheRest(murmur2Partition(String(record.key), rig.config.partitions));
    await rig.start('classifier');
    const { balance, differences } = await verdictOf(rig, accepted);
    expect(balance.lost).toEqual(['legado pulado']);
    expect(differences.map(({ onde }) => onde)).toContain('cliente');
  });
});
