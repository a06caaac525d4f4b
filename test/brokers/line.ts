import { afterAll, beforeAll } from 'vitest';
import { Rig } from '../faults/rig.ts';
import { ThreeBrokers } from './three-brokers.ts';

/** The whole line on three brokers: up before the first case of a file, gone after its last. @param services whether those too */
export function lineOnThreeBrokers({ services = true } = {}): () => Rig<ThreeBrokers> {
  let rig: Rig<ThreeBrokers> | null = null;
  beforeAll(async () => {
    rig = await Rig.on((paths, ports) => ThreeBrokers.start(paths, ports));
    if (services) await rig.startAll();
  });
  afterAll(() => rig?.stop());
  return () => {
    if (rig === null) throw new Error('the servers are not up');
    return rig;
  };
}
