import { randomUUID } from 'node:crypto';
import { AclOperations, AclPermissionTypes, Admin, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import { CLIENTS, createKafka } from '#platform/kafka/index.ts';
import { optionsOf } from '#platform/kafka/platformatic/link.ts';
import type { Kafka } from '#platform/kafka/port.ts';
import { ALL_TOPICS, type AnyTopic, KAFKA_USERS, type KafkaUser, rightsOf } from '../../infra/kafka/acls.ts';
import { applyAcls } from '../../infra/kafka/apply-acls.ts';
import { until } from '../integration/until.ts';
import { lineOnThreeBrokers } from './line.ts';
import { ADMIN } from './properties.ts';

const rig = lineOnThreeBrokers({ services: false });

/** Of something tried: it was done, or Kafka said that it is not allowed. @throws what else came of it */
async function allowed(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'KAFKA_NAO_AUTORIZADO') return false;
    // kafkajs asks every broker who coordinates, and drops what they answered: docs/brokers.md.
    if (error instanceof RetryableError && error.message === 'Failed to find group coordinator') return false;
    throw error;
  }
}

async function writes(kafka: Kafka, topic: AnyTopic): Promise<boolean> {
  const producer = await kafka.producer();
  try {
    return await allowed(() => producer.send([{ topic, key: 'teste', value: Buffer.from('teste') }]));
  } finally {
    await producer.close();
  }
}

const reads = (kafka: Kafka, topic: AnyTopic): Promise<boolean> =>
  allowed(() => kafka.readToEnd(topic, { onBatch: () => undefined }));

async function under(kafka: Kafka, transactionalId: string): Promise<boolean> {
  return allowed(async () => (await kafka.exclusive(transactionalId)).close());
}

async function joins(kafka: Kafka, groupId: string, topic: AnyTopic): Promise<boolean> {
  return allowed(async () => {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    ended.catch(() => undefined);
    const options = { positionOf: async () => 0, onFatal: reject, onRound: async () => [] };
    const consumer = await kafka.consume({ ...options, groupId, topics: [topic] });
    try {
      await Promise.race([until(() => consumer.assignment().length > 0, 'partitions'), ended]);
    } finally {
      await consumer.stop().catch(() => undefined);
    }
  });
}

const named = (pattern: string): string => pattern.replace(/\*$/, randomUUID());

beforeAll(async () => {
  // So that there is something to be read everywhere.
  await rig().producer.send(ALL_TOPICS.map((topic) => ({ topic, key: 'teste', value: Buffer.from('teste') })));
});

describe.each(CLIENTS)('what Kafka allows, over %s', (client) => {
  const kafkas = new Map<KafkaUser, Kafka>();
  const kafkaOf = (user: KafkaUser): Kafka => {
    const kafka = kafkas.get(user) ?? createKafka({ ...rig().servers.kafkaOf(user), client });
    kafkas.set(user, kafka);
    return kafka;
  };
  afterAll(() => kafkas.clear());

  it.each(KAFKA_USERS)('%s: each topic to be read and written, as the table says and no more', async (user) => {
    const rights = rightsOf(user);
    const found = await Promise.all(
      ALL_TOPICS.map(async (topic) => {
        return [topic, await reads(kafkaOf(user), topic), await writes(kafkaOf(user), topic)] as const;
      }),
    );
    expect(found).toEqual(
      ALL_TOPICS.map((topic) => [topic, rights.reads.includes(topic), rights.writes.includes(topic)]),
    );
  });

  it.each(KAFKA_USERS)('%s: the transactional ids of all, and of nobody', async (user) => {
    const own = rightsOf(user).transactions ?? [];
    const all = [...new Set(KAFKA_USERS.flatMap((one) => rightsOf(one).transactions ?? [])), 'de-ninguem'];
    const found = await Promise.all(all.map(async (id) => [id, await under(kafkaOf(user), named(id))] as const));
    expect(found).toEqual(all.map((id) => [id, own.includes(id)]));
  });

  // Over kafkajs a group that may not be joined is waited for, as one whose coordinator is away.
  const readers = client === 'kafkajs' ? [] : KAFKA_USERS.filter((user) => rightsOf(user).reads.length > 0);
  it.each(readers)('%s: the groups of all', async (user) => {
    const own = rightsOf(user).groups ?? [];
    const all = [...new Set(KAFKA_USERS.flatMap((one) => rightsOf(one).groups ?? []))];
    const topic = rightsOf(user).reads[0] ?? 'interacoes';
    const found = await Promise.all(all.map(async (id) => [id, await joins(kafkaOf(user), named(id), topic)] as const));
    expect(found).toEqual(all.map((id) => [id, own.includes(id)]));
  });

  it('a wrong password is told as such', async () => {
    const config = rig().servers.kafkaOf('ingest');
    const sasl = { mechanism: 'scram-sha-512' as const, username: 'ingest', password: 'outra' };
    const kafka = createKafka({ ...config, sasl, client });
    await expect(kafka.producer()).rejects.toMatchObject({ code: 'KAFKA_RECUSOU_USUARIO' });
  });
});

describe('the table', () => {
  it('is applied to the letter: again nothing changes, what is missing comes, what is too much goes', async () => {
    const { servers } = rig();
    const config = servers.kafkaOf(ADMIN);
    expect(await applyAcls(config)).toEqual({ created: 0, removed: 0 });
    const admin = new Admin(optionsOf(config));
    onTestFinished(() => admin.close());
    const acl = {
      ...{ resourceType: ResourceTypes.TOPIC, resourceName: 'lancamentos', host: '*' },
      ...{ resourcePatternType: ResourcePatternTypes.LITERAL, permissionType: AclPermissionTypes.ALLOW },
    };
    const write = { ...acl, operation: AclOperations.WRITE };
    await admin.createAcls({ creations: [{ ...write, principal: 'User:bi' }] });
    await admin.deleteAcls({ filters: [{ ...write, principal: 'User:classifier' }] });
    expect(await applyAcls(config)).toEqual({ created: 1, removed: 1 });
    expect(await applyAcls(config)).toEqual({ created: 0, removed: 0 });
  });

  it('has topics made with as many replicas as the configuration says, and so are Kafka’s own', async () => {
    const all = await rig().servers.cluster.partitions();
    expect(all.map(({ topic }) => topic)).toEqual(
      expect.arrayContaining(['__transaction_state', '__consumer_offsets', ...ALL_TOPICS]),
    );
    expect(all.filter(({ replicas }) => replicas.length !== 3)).toEqual([]);
  });
});
