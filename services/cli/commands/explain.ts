import type { Command } from 'commander';
import type { OpcoesOffline } from '../offline.ts';

interface Opcoes extends OpcoesOffline {
  json?: boolean;
}

async function explain(arquivo: string | undefined, opcoes: Opcoes): Promise<void> {
  const [{ leDocumento, preparaOffline }, { explicaEvento, textoDaExplicacao }] = await Promise.all([
    import('../offline.ts'),
    import('../explicar.ts'),
  ]);
  const offline = await preparaOffline(opcoes);
  const explicacao = explicaEvento(await leDocumento(arquivo), offline, Date.now());
  process.stdout.write(`${opcoes.json ? JSON.stringify(explicacao, null, 2) : textoDaExplicacao(explicacao)}\n`);
}

export function register(program: Command): void {
  program
    .command('explain')
    .summary('por que um evento contou ou não, passo a passo')
    .description('Explica a decisão de um evento: cada pergunta feita, em ordem, a cláusula e o desfecho.')
    .argument('[arquivo]', 'JSON de um CloudEvent; sem ele, a entrada padrão')
    .option('--portfolio <arquivo>', 'JSON com solucoes e disponibilizacoes')
    .option('--rulebook <caminho>', 'arquivo YAML ou pasta de versões; sem ele, as do projeto')
    .option('--json', 'escreve JSON')
    .action(explain);
}
