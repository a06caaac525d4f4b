import { expect, it } from 'vitest';
import { Nearest } from './nearest.ts';

const TP = { topic: 't', partition: 1 };

function world(rack: string | null = 'a') {
  const clock = { now: 1_000 };
  return { clock, nearest: new Nearest(rack, () => clock.now) };
}

it('is the replica that the leader named, until it is to be asked again', () => {
  const { clock, nearest } = world();
  expect([nearest.rack, nearest.of(TP)]).toEqual(['a', null]);
  nearest.names(TP, 3);
  expect([nearest.of(TP), nearest.of({ ...TP, partition: 2 })]).toEqual([3, null]);
  clock.now += 300_000;
  expect([nearest.rack, nearest.of(TP)]).toEqual(['a', null]);
});

it('is the leader for a while after something failed, which is told no rack: it would name the dead one again', () => {
  const { clock, nearest } = world();
  nearest.names(TP, 3);
  nearest.forget();
  expect([nearest.rack, nearest.of(TP)]).toEqual(['', null]);
  clock.now += 10_000;
  expect(nearest.rack).toBe('a');
});

it('costs nothing where no rack is known', () => {
  expect(world(null).nearest.rack).toBe('');
});
