import type { Command } from 'commander';

async function status(options: { json?: boolean }): Promise<void> {
  const { homeOf } = await import('#platform/config.ts');
  const { readStackState, runningStack } = await import('#platform/config-stack.ts');
  const { isUp } = await import('../../../infra/local/stack.ts');
  const { stackTable, troubles, withoutSupervisor } = await import('../stack-table.ts');
  const running = runningStack(homeOf());
  const state = running ?? withoutSupervisor(readStackState(homeOf()));
  const noAr = running?.processos.every(isUp) ?? false;
  const problemas = troubles(state, running !== null);
  if (options.json) process.stdout.write(`${JSON.stringify({ noAr, problemas, ...state }, null, 2)}\n`);
  else {
    if (state) process.stdout.write(`${stackTable(state)}\n`);
    for (const problem of problemas) process.stderr.write(`${problem}\n`);
  }
  if (!noAr) process.exitCode = 1;
}

export function register(program: Command): void {
  program
    .command('status')
    .description('mostra o estado de cada processo; sai com 1 se algum não está no ar')
    .option('--json', 'mostra o resultado em JSON')
    .action(status);
}
