import type { Command } from 'commander';

async function down(options: { apagarDados?: boolean }): Promise<void> {
  const { removeData, stopStack } = await import('../../../infra/local/stack.ts');
  const { homeOf } = await import('#platform/config.ts');
  const stopped = await stopStack(homeOf());
  process.stdout.write(stopped ? 'Tudo parado.\n' : 'Nada estava no ar.\n');
  if (!options.apagarDados) return;
  removeData(homeOf());
  process.stdout.write('Dados apagados (os programas baixados e a chave dos identificadores ficam).\n');
}

export function register(program: Command): void {
  program
    .command('down')
    .description('para os serviços e a pilha local, na ordem inversa')
    .option('--apagar-dados', 'apaga também os dados do Kafka, do registro e do Redis, e os logs')
    .action(down);
}
