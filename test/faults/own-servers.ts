import { afterAll, beforeAll } from 'vitest';
import { runningStack } from '#platform/config-stack.ts';
import { startStack } from '../../infra/local/stack.ts';
import { dispose, temporaryHome } from '../integration/stack.ts';

/** Servers of a test file's own, for what it does to them: up before its first case, gone after its last. */
export function ownServers() {
  let home = '';
  let brokers: string[] = [];
  beforeAll(async () => {
    home = await temporaryHome();
    brokers = (await startStack({ home, onlyServers: true })).ambiente.KAFKA_BROKERS.split(',');
  });
  afterAll(() => dispose(home));
  return {
    home: () => home,
    brokers: () => brokers,
    /** Its process; 0 while there is none. */
    broker: () => runningStack(home)?.processos.find((one) => one.nome === 'kafka')?.processo?.pid ?? 0,
  };
}
