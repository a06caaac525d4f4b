import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { driverOf } from '../../platform/kafka/platformatic/index.ts';
import { SESSION } from '../../platform/kafka/settings.ts';
import { brokers, newTopic, unique, until } from './kafka-fixture.ts';

const PARTITIONS = 4;

/** A member of the group here, by its name. @returns how many partitions it was told to hold, each time */
async function member(groupId: string, topic: string, instanceId: string): Promise<number[]> {
  const told: number[] = [];
  const fail = (error: unknown) => {
    throw error;
  };
  const joined = driverOf({ brokers, clientId: 'teste' }).membership(
    { groupId, topics: [topic], instanceId },
    { assigned: ({ length }) => told.push(length), away: () => undefined, fatal: fail },
  );
  onTestFinished(() => joined.leave());
  await joined.join();
  return told;
}

it('a member that died before it gave partitions up, and came back under its name, leaves none with nobody', async () => {
  const topic = await newTopic(PARTITIONS);
  const groupId = unique('grupo');
  const dying = spawn(
    process.execPath,
    [new URL('./dies-midway.ts', import.meta.url).pathname, brokers.join(','), groupId, topic, 'a'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void dying.kill('SIGKILL'));
  const died = once(dying, 'exit');
  await once(createInterface({ input: dying.stdout }), 'line');
  const second = await member(groupId, topic, 'b');
  // Its share is withheld: the first one has it still.
  expect(second).toEqual([0]);
  expect((await died)[1]).toBe('SIGKILL');
  const back = await member(groupId, topic, 'a');
  // Of the assignment before it was there.
  expect(back[0]).toBe(PARTITIONS / 2);
  const all = () => (back.at(-1) ?? 0) + (second.at(-1) ?? 0) === PARTITIONS;
  await until(all, 'each partition to be with somebody', SESSION.sessionTimeout / 2);
});
