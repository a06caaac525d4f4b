import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeOf } from '#platform/config.ts';
import type { StackState } from '#platform/config-stack.ts';
import { pathsOf } from '../infra/local/paths.ts';
import { startStack, stopStack } from '../infra/local/stack.ts';

/** Servers for this measurement alone, gone with it. @param work told their addresses */
export async function withServers(work: (addresses: StackState['ambiente']) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'atendido-bench-'));
  symlinkSync(pathsOf(homeOf()).servers, pathsOf(home).servers);
  try {
    const { ambiente } = await startStack({ home, onlyServers: true });
    await work(ambiente);
  } finally {
    await stopStack(home);
    rmSync(home, { recursive: true, force: true });
  }
}
