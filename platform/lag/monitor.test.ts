import { describe, expect, it } from 'vitest';
import { RetryableError } from '../errors.ts';
import type { InputRecord, ReadOptions } from '../kafka/port.ts';
import type { PartesDaLinha } from '../linha.ts';
import { LagMonitor } from './monitor.ts';

const AGGREGATOR = 'atendido-aggregator';

/** A line of one partition a topic, all read, whose aggregator is moved by hand. */
function line() {
  const at = {
    now: 1_000_000,
    end: 100,
    redis: 100 as number | null,
    kafka: 100,
    redisAway: false,
    kafkaHangs: false,
    /** Offsets below the end that hold markers. */
    markers: new Set<number>(),
  };
  const admin: PartesDaLinha['admin'] = {
    offsets: async () => {
      if (at.kafkaHangs) await new Promise(() => undefined);
      return [{ partition: 0, low: 0, high: at.end }];
    },
    committed: async (grupo) => new Map([[0, grupo === AGGREGATOR ? at.kafka : at.end]]),
  };
  const leitor = {
    posicoes: async () => {
      if (at.redisAway) throw new RetryableError('o Redis não responde');
      return new Map(at.redis === null ? [] : [[0, at.redis]]);
    },
  };
  const readToEnd = async (topic: string, { from, to, onBatch }: ReadOptions): Promise<void> => {
    const records: InputRecord[] = [];
    for (let offset = from?.get(0) ?? 0; offset < (to?.get(0) ?? 0); offset += 1) {
      if (at.markers.has(offset)) continue;
      records.push({ offset, timestamp: at.now - 7_000, key: null, value: null, headers: {} });
    }
    await onBatch({ topic, partition: 0, records });
  };
  const monitor = new LagMonitor({ kafka: { readToEnd }, admin, leitor }, { now: () => at.now, patienceMs: 20 });
  const later = async (seconds: number): Promise<Error[]> => {
    at.now += seconds * 1_000;
    return monitor.look();
  };
  return { at, monitor, later, aggregator: () => monitor.groups().find(({ grupo }) => grupo === AGGREGATOR) };
}

describe('LagMonitor', () => {
  it('knows nothing before it looked, and does not call that nothing behind', () => {
    const { monitor } = line();
    expect(monitor.partitions()).toEqual([]);
    const unknown = { state: 'desconhecido', records: null, seconds: null };
    expect(monitor.groups()).toHaveLength(4);
    for (const group of monitor.groups()) expect(group).toMatchObject(unknown);
  });

  it("takes Redis's position for the aggregator's, whatever its group told Kafka", async () => {
    const { at, monitor, later } = line();
    at.redis = 40;
    await later(0);
    expect(monitor.partitions().at(-1)).toEqual({
      grupo: AGGREGATOR,
      topico: 'lancamentos',
      particao: 0,
      posicao: 40,
      confirmada: 100,
      fim: 100,
      state: 'ok',
      records: 60,
      seconds: 7,
    });
  });

  it('sees one stop that was moving', async () => {
    const { at, later, aggregator } = line();
    await later(0);
    at.end = 130;
    for (let n = 0; n < 6; n += 1) await later(5);
    expect(aggregator()).toMatchObject({ state: 'ok', records: 30 });
    for (let n = 0; n < 6; n += 1) await later(5);
    expect(aggregator()).toMatchObject({ state: 'atencao', records: 30 });
    await later(5);
    expect(aggregator()?.state).toBe('parado');
    at.redis = 130;
    await later(5);
    expect(aggregator()).toMatchObject({ state: 'ok', records: 0, seconds: 0 });
  });

  it('calls what does not answer unknown, and only that', async () => {
    const { at, monitor, later, aggregator } = line();
    await later(0);
    at.redisAway = true;
    expect((await later(5)).map(({ message }) => message)).toEqual(['o Redis não responde']);
    expect(aggregator()).toMatchObject({ state: 'desconhecido', records: null, seconds: null });
    expect(monitor.partitions().at(-1)).toMatchObject({ posicao: null, confirmada: null, fim: null });
    expect(monitor.groups().filter(({ state }) => state === 'ok')).toHaveLength(3);
    at.redisAway = false;
    await later(5);
    expect(aggregator()?.state).toBe('ok');
  });

  it('waits for nobody for long', async () => {
    const { at, monitor, later } = line();
    await later(0);
    at.kafkaHangs = true;
    expect(await later(5)).toHaveLength(4);
    expect(monitor.groups().map(({ state }) => state)).toEqual(Array(4).fill('desconhecido'));
  });

  it('does not count markers of transactions', async () => {
    const { at, later, aggregator } = line();
    at.redis = 97;
    at.markers = new Set([97, 98, 99]);
    await later(0);
    expect(aggregator()).toMatchObject({ state: 'ok', records: 0, seconds: 0 });
    at.markers.delete(98);
    await later(5);
    expect(aggregator()).toMatchObject({ records: 1, seconds: 7 });
  });

  it('says unknown of a reader that never told where it stands', async () => {
    const { at, later, aggregator } = line();
    at.redis = null;
    await later(0);
    expect(aggregator()?.state).toBe('desconhecido');
  });
});
