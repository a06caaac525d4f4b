import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, it } from 'vitest';
import type { ModoDeFalha, PontoDeFalha } from '#platform/falhas.ts';
import { until } from '../integration/until.ts';
import { Rig, type ServiceName } from './rig.ts';
import { goesOn, trial } from './trial.ts';

export const PATIENCE_MS = 60_000;

export type Point = [service: ServiceName, point: PontoDeFalha];

/** Of the test file that calls {@link onALine}. */
export let rig: Rig;

/** A line for the cases of this file. */
export function onALine(): void {
  beforeAll(async () => {
    rig = await Rig.line();
  });
  afterEach(() => rig.stopOthers());
  afterAll(() => rig?.stop());
}

/** Starts the service anew, so that it breaks at the point; returns once it has. */
export async function breaks(service: ServiceName, point: PontoDeFalha, mode: ModoDeFalha): Promise<void> {
  const file = join(rig.paths.home, `${service}-${point}-${mode}`.replaceAll(':', '-'));
  await rig.launch(service, { env: { ATENDIDO_FALHA: `${point} ${mode} ${file}` } });
  await until(() => existsSync(file), `${service} to pass ${point}`, PATIENCE_MS);
}

/** One that stands still at a point, is taken over from, and goes on. */
export function zombies(points: readonly Point[], seed: number): void {
  it.each(points.map((point, n) => [...point, n] as const))(
    '%s stopped at %s, another takes over',
    async (...zombie) => {
      const [service, point, n] = zombie;
      await trial(rig, { falha: `zumbi: ${service} parado em ${point}`, seed: seed + n }, async ({ load }) => {
        await rig.start(service, { instance: 2 });
        await breaks(service, point, 'SIGSTOP');
        await goesOn(rig, load);
        rig.signal(service, 'SIGCONT');
      });
    },
  );
}
