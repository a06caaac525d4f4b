import { randomInt } from 'node:crypto';
import { DEFAULT_PORTS, type Ports } from './ports.ts';

/**
 * Where a test's stack begins to look, away from the ports of a stack in use: nothing is theirs before `choosePorts` has
 * given it to them.
 */
export function somePorts(): Ports {
  const first = 23_000 + 10 * randomInt(500);
  return Object.fromEntries(Object.keys(DEFAULT_PORTS).map((name, n) => [name, first + n])) as Ports;
}
