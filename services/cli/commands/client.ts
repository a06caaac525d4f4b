import type { Command } from 'commander';
import type { Entregas, Situacao } from '../api.ts';
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

const SITUACOES = { conta: 'conta', repetida: 'não: repetida', estornada: 'não: estornada' } as const;

async function textoDasEntregas({ id, itens }: Entregas): Promise<string> {
  const { tabela } = await import('../tabela.ts');
  const linhas = itens.map((e) => {
    return [data(e.time), e.nome ?? e.tipoSolucao, e.regra ?? '–', e.unidade, SITUACOES[e.situacao]];
  });
  return `${id}\n${tabela(['quando', 'o quê', 'cláusula', 'unidade', 'conta?'], 5, linhas)}`;
}

interface Opcoes {
  entregas?: boolean;
  json?: boolean;
}

async function client(cliente: string, { entregas, json }: Opcoes): Promise<void> {
  const { entregasDe, situacaoDe } = await import('../api.ts');
  const escreve = (resposta: object, paraGente: string): void => {
    process.stdout.write(`${json ? JSON.stringify(resposta, null, 2) : paraGente}\n`);
  };
  if (entregas) {
    const delas = await entregasDe(cliente);
    escreve(delas, await textoDasEntregas(delas));
  } else {
    const situacao = await situacaoDe(cliente);
    escreve(situacao, texto(situacao));
  }
}

export function register(program: Command): void {
  program
    .command('client')
    .summary('a situação de um cliente, ano a ano')
    .description(
      'Mostra a situação de um cliente, ano a ano: a mesma resposta de GET /v1/clientes/{cliente}; com --entregas, a ' +
        'de GET /v1/clientes/{cliente}/entregas, todas as páginas.',
    )
    .argument('<cliente>', 'CPF, CNPJ ou id (pf:… ou pj:…)')
    .option('--entregas', 'mostra cada interação que conta, com sua cláusula')
    .option('--json', 'escreve JSON')
    .action(client);
}
