import type { Command } from 'commander';
import type { OpcoesOffline } from '../offline.ts';

async function recount(arquivo: string | undefined, opcoes: OpcoesOffline): Promise<void> {
  const [{ linhas, preparaOffline }, { Recontagem }, { resumoDe }] = await Promise.all([
    import('../offline.ts'),
    import('#domain/recontagem.ts'),
    import('../resumo.ts'),
  ]);
  const { le, portfolio, rulebooks } = await preparaOffline(opcoes);
  const recontagem = new Recontagem(rulebooks, portfolio);
  const registradaEm = Date.now();
  for await (const evento of linhas(arquivo)) {
    const lido = le(evento);
    if (!lido.ok) recontagem.registraIlegivel();
    else recontagem.registra({ ...lido, registradaEm });
  }
  process.stdout.write(`${JSON.stringify(resumoDe(recontagem), null, 2)}\n`);
}

export function register(program: Command): void {
  program
    .command('recount')
    .summary('a conta inteira de um arquivo, em memória, sem servidores')
    .description(
      'Lê CloudEvents em NDJSON e faz em memória o que a linha inteira faz: decide, consolida, conta uma vez. ' +
        'Escreve clientes, indicadores, métricas e quarentena em JSON. Não usa servidores.',
    )
    .argument('[arquivo]', 'NDJSON de CloudEvents; sem ele, a entrada padrão')
    .option('--portfolio <arquivo>', 'JSON com solucoes e disponibilizacoes')
    .option('--rulebook <caminho>', 'arquivo YAML ou pasta de versões; sem ele, as do projeto')
    .option('--json', 'escreve JSON, como sem esta opção')
    .action(recount);
}
