import { once } from 'node:events';
import type { Command } from 'commander';
import type { OpcoesOffline } from '../offline.ts';

async function classify(arquivo: string | undefined, opcoes: OpcoesOffline): Promise<void> {
  const { linhas, preparaOffline } = await import('../offline.ts');
  const { classificaEvento } = await import('../classificar.ts');
  const offline = await preparaOffline(opcoes);
  const agora = Date.now();
  for await (const evento of linhas(arquivo)) {
    const pronto = process.stdout.write(`${JSON.stringify(classificaEvento(evento, offline, agora))}\n`);
    if (!pronto) await once(process.stdout, 'drain');
  }
}

export function register(program: Command): void {
  program
    .command('classify')
    .summary('decide eventos de um arquivo, sem servidores')
    .description(
      'Lê CloudEvents em NDJSON e escreve a decisão de cada um, na mesma ordem, em NDJSON. Não usa servidores. ' +
        'Sai com 0, ou com 2 e o número da linha que não é JSON.',
    )
    .argument('[arquivo]', 'NDJSON de CloudEvents; sem ele, a entrada padrão')
    .option('--portfolio <arquivo>', 'JSON com solucoes e disponibilizacoes')
    .option('--rulebook <caminho>', 'arquivo YAML ou pasta de versões; sem ele, as do projeto')
    .option('--json', 'escreve JSON, como sem esta opção')
    .action(classify);
}
