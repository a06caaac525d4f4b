import type { Command } from 'commander';
import type { Situacao } from '../api.ts';
import { instante, numero } from '../formato.ts';

const data = (iso: string | null): string => (iso === null ? '–' : instante(iso));

const lista = (contagem: Record<string, number>): string =>
  Object.entries(contagem)
    .map(([nome, n]) => `${nome} ${numero(n)}`)
    .join(', ') || '–';

function texto({ id, anos }: Situacao): string {
  const linhas = Object.entries(anos).flatMap(([ano, a]) => [
    `${ano}: ${a.atendido ? 'atendido' : 'não atendido'}, ${numero(a.atendimentos)} atendimentos`,
    `  primeiro:   ${data(a.primeiro)}`,
    `  último:     ${data(a.ultimo)}`,
    `  por tipo:   ${lista(a.porTipo)}`,
    `  não contam: ${lista(a.outrasMetricas)}`,
    `  conta em:   ${a.indicadores.map((i) => i.codigo).join(', ') || '–'}`,
  ]);
  return [id, ...linhas].join('\n');
}

async function client(cliente: string, opcoes: { json?: boolean }): Promise<void> {
  const { situacaoDe } = await import('../api.ts');
  const situacao = await situacaoDe(cliente);
  process.stdout.write(`${opcoes.json ? JSON.stringify(situacao, null, 2) : texto(situacao)}\n`);
}

export function register(program: Command): void {
  program
    .command('client')
    .summary('a situação de um cliente, ano a ano')
    .description('Mostra a situação de um cliente, ano a ano: a mesma resposta de GET /v1/clientes/{cliente}.')
    .argument('<cliente>', 'CPF, CNPJ ou id (pf:… ou pj:…)')
    .option('--json', 'escreve JSON')
    .action(client);
}
