import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { identify, isAlive } from './config-pid.ts';

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

describe.runIf(process.platform === 'linux')('a killed process', () => {
  it('lives until its last thread has ended: its ports are its own until then', async () => {
    for (let n = 0; n < 20; n += 1) {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log()'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await once(child.stdout, 'data');
      const one = identify(child.pid ?? 0);
      if (one === null) throw new Error('it does not run');
      child.kill('SIGKILL');
      // Without a pause, in which it would be read by its parent, who is us.
      while (isAlive(one));
      expect(threadsOf(one.pid)).toBeLessThanOrEqual(1);
    }
  });
});
