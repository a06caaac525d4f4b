import type { Command } from 'commander';
import type { ProcessState } from '#platform/config-stack.ts';

const WORDS: Record<ProcessState['estado'], string> = {
  aguardando: 'aguarda a vez',
  iniciando: 'iniciando…',
  'no-ar': 'no ar',
  caiu: 'caiu',
  reiniciando: 'reiniciando…',
  parado: 'parado',
  externo: 'externo',
  concluido: 'concluída',
};

function progress(one: ProcessState): string {
  const detail =
    one.estado === 'caiu' ? ` (${one.causa})` : one.endereco && one.estado === 'no-ar' ? ` em ${one.endereco}` : '';
  return `  ${one.nome.padEnd(14)} ${WORDS[one.estado]}${detail}\n`;
}

async function up(options: { onlyServers?: boolean; json?: boolean }): Promise<void> {
  const { startStack } = await import('../../../infra/local/stack.ts');
  const { homeOf, resolveClientIdKey } = await import('#platform/config.ts');
  const { stackTable } = await import('../stack-table.ts');
  const { ondeEstaAChave } = await import('#platform/credenciais/chave-operacao.ts');
  const began = Date.now();
  resolveClientIdKey();
  const state = await startStack({
    home: homeOf(),
    onlyServers: options.onlyServers ?? false,
    onDownload: () => process.stderr.write('Baixando os servidores (só na primeira vez)…\n'),
    onChange: (one) => process.stderr.write(one.estado === 'aguardando' ? '' : progress(one)),
  });
  if (options.json) {
    process.stdout.write(`${JSON.stringify(state, null, 2)}\n`);
    return;
  }
  process.stdout.write(`${stackTable(state)}\nTudo no ar em ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  const api = state.processos.find(({ nome }) => nome === 'api')?.endereco;
  if (api) process.stdout.write(`Painel: ${api}/painel (a chave para entrar: ${ondeEstaAChave()})\n`);
}

export function register(program: Command): void {
  program
    .command('up')
    .description('sobe a pilha local (Kafka, registro de esquemas, Redis) e os serviços, e espera que fiquem prontos')
    .option('--only-servers', 'só os servidores e a preparação, sem os serviços')
    .option('--json', 'mostra o resultado em JSON')
    .action(up);
}
