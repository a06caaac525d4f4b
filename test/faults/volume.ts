import { afterAll, beforeAll, expect, it } from 'vitest';
import { entregas } from '#domain/cliente.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { connectRedis } from '#platform/redis.ts';
import { cpfOf, delivery, Writer } from './interactions.ts';
import { Load } from './load.ts';
import { Rig } from './rig.ts';
import { settle } from './trial.ts';

const MINUTE = 60_000;
const INTERACTIONS = 100_000;

let rig: Rig;
let writer: Writer;
async function deliveriesOf(client: string): Promise<number> {
  const redis = connectRedis(rig.config.redis, 'faults');
  try {
    const state = await leitorDeEstado(redis, { particoes: rig.config.partitions }).cliente(client);
    return state === null ? 0 : entregas(state).length;
  } finally {
    redis.disconnect();
  }
}

async function settled(falha: string, before: number): Promise<void> {
  const written = writer.written - before;
  await settle(rig, { falha, vezes: 1, seconds: null, accepted: new Set(), written });
}

/** The cases of one thing in great number. @param duplicates how many times one event is written */
export function volumeCases(duplicates: number): void {
  beforeAll(async () => {
    rig = await Rig.line();
    // Its portfolio is what the cases refer to.
    await (await Load.start(rig, { seed: 200, rate: 50 })).stop();
    writer = await Writer.of(rig);
  });
  afterAll(() => rig?.stop());

  it(`one event ${duplicates} times`, async () => {
    const before = writer.written;
    const client = writer.pseudonym(cpfOf(1));
    const record = writer.record(delivery('repetidor', 'o-mesmo', client, Date.now() - MINUTE));
    await writer.stream(repeated(record, duplicates));
    await settled(`o mesmo evento ${duplicates} vezes`, before);
    expect(await deliveriesOf(client)).toBe(1);
  });

  it(`one client with ${INTERACTIONS} interactions`, async () => {
    const before = writer.written;
    const client = writer.pseudonym(cpfOf(2));
    await writer.stream(history(client));
    await settled(`um cliente com ${INTERACTIONS} interações`, before);
    expect(await deliveriesOf(client)).toBeGreaterThan(0);
  });
}

function* repeated(record: OutputRecord, times: number): Generator<OutputRecord> {
  for (let n = 0; n < times; n++) yield record;
}

/** Back from now, four minutes apart: most of a year. */
function* history(client: string): Generator<OutputRecord> {
  const now = Date.now();
  for (let n = 1; n <= INTERACTIONS; n++) {
    yield writer.record(delivery('assiduo', `i${n}`, client, now - 4 * n * MINUTE));
  }
}
