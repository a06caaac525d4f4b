import type { Command } from 'commander';

async function down(options: { apagarDados?: boolean; json?: boolean }): Promise<void> {
  const { removeData, stopStack } = await import('../../../infra/local/stack.ts');
  const { homeOf } = await import('#platform/config.ts');
  const stopped = await stopStack(homeOf());
  const erased = options.apagarDados ?? false;
  if (!options.json) process.stdout.write(stopped ? 'Tudo parado.\n' : 'Nada estava no ar.\n');
  if (erased) removeData(homeOf());
  if (options.json) process.stdout.write(`${JSON.stringify({ parado: stopped, dadosApagados: erased })}\n`);
  else if (erased) {
    process.stdout.write('Dados apagados (os programas baixados e a chave dos identificadores ficam).\n');
  }
}

export function register(program: Command): void {
  program
    .command('down')
    .description('para os serviços e a pilha local, na ordem inversa')
    .option('--apagar-dados', 'apaga também os dados do Kafka, do registro e do Redis, e os logs')
    .option('--json', 'escreve JSON: {"parado", "dadosApagados"}')
    .action(down);
}
