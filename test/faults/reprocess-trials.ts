import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { PontoDeFalha } from '#platform/falhas.ts';
import { pendenciaDaApuracao } from '#platform/reconstrucao/em-dia.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { atendido } from '../line/command.ts';
import { FROM_BEFORE_ALL, otherRulebook, PROJECT_RULEBOOK } from '../line/other-rulebook.ts';
import { Rig } from './rig.ts';
import { trial } from './trial.ts';

/** Of the test file that calls {@link onALine}. */
export let rig: Rig;
/** By turns one and the other, so that each application changes something. */
let rulebooks: [string, string];

/** A line for the cases of this file. */
export function onALine(): void {
  beforeAll(async () => {
    rig = await Rig.line();
    rulebooks = [otherRulebook(rig.paths.home, 'noventa'), PROJECT_RULEBOOK];
  });
  afterAll(() => rig?.stop());
}

/** The number of the apuração in force. */
export async function inForce(): Promise<number> {
  rig.emVigor = await conectado(async ({ apuracoes }) => apuracoes.emVigor);
  return rig.emVigor;
}

/** Applies the rulebook that is not in force. */
export function apply(env: Record<string, string> = {}) {
  rulebooks = [rulebooks[1], rulebooks[0]];
  return atendido(['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebooks[1], '--apply', '--json'], env);
}

export const announced = () => conectado(async ({ apuracoes }) => apuracoes.anunciada !== null);

/** Whether the state that is served is that of the apuração in force, and nothing else is left. */
export const whole = () => conectado(async (conexoes) => (await pendenciaDaApuracao(conexoes)) === null);

/** What breaks the command at one of its steps, once. */
export const breaking = (where: string, how: string) => ({
  ATENDIDO_FALHA: `${where} ${how} ${join(rig.paths.home, `falha-${randomUUID()}`)}`,
});

/** The command is killed at a step before the one that puts the rulebook in force: nothing changed, and it may be given again. */
export async function killedBeforeItIsInForce(where: PontoDeFalha, seed: number): Promise<void> {
  const before = await inForce();
  await trial(rig, { falha: `reprocess morto em ${where}`, seed }, async () => {
    expect(await apply(breaking(where, 'SIGKILL')).fim).toMatchObject({ sinal: 'SIGKILL' });
  });
  expect(await inForce()).toBe(before);
  expect(await apply().fim).toMatchObject({ codigo: 0 });
}
