import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { esperaALinha, posicoesDaLinha } from '#platform/linha.ts';
import { connectRedis } from '#platform/redis.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { Sorteio } from '../../services/cli/demo/sorteio.ts';
import { until } from '../integration/until.ts';
import { type Balance, balanceOf } from '../line/ledger.ts';
import { Load } from './load.ts';
import { type AnyRig, retried } from './rig.ts';
import { record } from './table.ts';

/** The promise: after a single fault everything goes on within this time. */
const RECOVERY_S = 30;
const PATIENCE_MS = 120_000;
/** Accepted before the fault, and after the line recovered. */
const SOME_LOAD = 300;

export interface Verdict {
  balance: Balance;
  /** What Redis and the recount do not agree on. */
  differences: Awaited<ReturnType<typeof audita>>['diferencas'];
}

/** Waits until the line has nothing left to read, recounts the log, and reads the topics as BI would. */
export async function verdictOf(rig: AnyRig, accepted: ReadonlySet<string>): Promise<Verdict> {
  return retried(() =>
    conectado(async (connections) => {
      await esperaALinha(connections);
      const { diferencas } = await audita(connections);
      return { balance: await balanceOf(rig.kafka, rig.registry, accepted), differences: diferencas };
    }),
  );
}

/** Waits until something new has passed each partition, from the doors to Redis. Needs no registry. */
export async function goesOn(rig: AnyRig, load: Load): Promise<void> {
  const clients = await load.probe();
  const redis = connectRedis(rig.config.redis, 'faults');
  redis.on('error', () => undefined);
  const { kafka } = rig;
  const admin = await retried(() => kafka.admin());
  try {
    const leitor = leitorDeEstado(redis, { particoes: rig.config.partitions, emVigor: () => rig.emVigor });
    for (const client of clients) {
      const seen = async () => (await retried(() => leitor.cliente(client))) !== null;
      await until(seen, `client ${client} in Redis`, PATIENCE_MS);
    }
    const presences = async () => {
      const all = await retried(() => posicoesDaLinha({ kafka, admin, leitor }));
      return all.filter(({ topico }) => topico === 'presencas');
    };
    const marks = await presences();
    const passed = async () => (await presences()).every(({ posicao }, n) => (posicao ?? 0) >= (marks[n]?.fim ?? 0));
    await until(passed, 'the readers of presencas', PATIENCE_MS);
  } finally {
    redis.disconnect();
    await admin.close();
  }
}

/** Waits until the line goes on, and all say that they are ready. */
export async function recovered(rig: AnyRig, load: Load, whole: Case['whole'] = async () => true): Promise<void> {
  await goesOn(rig, load);
  await until(() => retried(whole), 'all to be whole', PATIENCE_MS);
  await until(async () => (await rig.notReady()) === null, 'all to be ready', PATIENCE_MS);
}

export interface Case {
  falha: string;
  seed: number;
  vezes?: number;
  rate?: number;
  /** Seconds to recover within, where it is more than one fault. */
  limit?: number;
  /** Whether what else was broken is whole again; asked until it is. */
  whole?: () => Promise<boolean>;
  /** How many times a service may end by itself: a bug does that, and no server that is away. */
  crashes?: number;
}

export interface AtHand {
  load: Load;
  random: Sorteio;
}

/**
 * Breaks something under load, as often as asked, at seeded moments; each time waits for the line to go on by itself. At
 * the end nothing may be lost, nothing twice, and Redis what the recount says.
 * @param fault returns when the fault has ended and recovering is the line's own matter
 */
export async function trial(
  rig: AnyRig,
  { falha, seed, vezes = 1, rate = 300, limit = RECOVERY_S, crashes = 0, whole }: Case,
  fault: (hand: AtHand) => Promise<void>,
): Promise<void> {
  const crashed = rig.crashes();
  const load = await Load.start(rig, { seed, rate });
  try {
    const random = new Sorteio(seed);
    let worst = 0;
    for (let n = 0; n < vezes; n++) {
      const before = load.accepted.size;
      await until(() => load.accepted.size > before + SOME_LOAD, 'some load', PATIENCE_MS);
      await wait(random.inteiro(0, 1_000));
      await fault({ load, random });
      const ended = performance.now();
      await recovered(rig, load, whole);
      worst = Math.max(worst, (performance.now() - ended) / 1_000);
    }
    const before = load.accepted.size;
    await until(() => load.accepted.size > before + SOME_LOAD, 'the load to go on', PATIENCE_MS);
    await load.stop();
    await settle(rig, { falha, vezes, seconds: worst, accepted: load.accepted });
    expect(rig.crashes().filter((crash) => !crashed.includes(crash))).toHaveLength(crashes);
    expect(worst).toBeLessThan(limit);
  } catch (error) {
    const folder = rig.keepLogs(falha);
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${falha}: ${why} (logs: ${folder}; ${await rig.notReady()})`, { cause: error });
  } finally {
    // Of a case that failed nothing may go on in the next one.
    load.end();
  }
}

/** The end of a case: the verdict, its row in the table, and what must hold. */
export async function settle(
  rig: AnyRig,
  of: { falha: string; vezes: number; seconds: number | null; accepted: ReadonlySet<string>; written?: number },
): Promise<void> {
  const { balance, differences } = await verdictOf(rig, of.accepted);
  record({
    falha: of.falha,
    vezes: of.vezes,
    eventos: of.accepted.size + (of.written ?? 0),
    perdidos: balance.lost.length,
    duplicados: balance.duplicated.length,
    diferencas: differences.length,
    segundosAteRecuperar: of.seconds,
  });
  expect(balance).toMatchObject({ lost: [], duplicated: [] });
  expect(differences).toEqual([]);
}
