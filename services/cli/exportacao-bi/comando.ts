import { CodedError } from '#platform/errors.ts';
import { dizOndeEsta } from '../em-andamento.ts';
import { numero } from '../formato.ts';
import { comServidores } from './conexao.ts';
import { exportaParaBi, type Pedido } from './exportacao.ts';
import type { FormatoDeArquivo } from './manifesto.ts';
import { textoDaExportacao } from './texto.ts';

/** What of `atendido export` is about records, and not about a person. */
export interface OpcoesDeBi {
  from?: number;
  to?: number;
  format?: FormatoDeArquivo;
  linhas?: number;
  out?: string;
  json?: boolean;
}

const LINHAS_POR_ARQUIVO = 250_000;

const invalida = (mensagem: string): CodedError => new CodedError('EXPORTACAO_INVALIDA', mensagem, { exitCode: 2 });

/** The options that are for records alone, as they were given. */
function soDeRegistros({ from, to, format, linhas }: OpcoesDeBi): string[] {
  const todas = { '--from': from, '--to': to, '--format': format, '--linhas': linhas };
  return Object.entries(todas).flatMap(([nome, valor]) => (valor === undefined ? [] : [nome]));
}

/** @throws CodedError EXPORTACAO_INVALIDA what is asked for is two things at once: a person's data, and records */
export function recusaMistura(opcoes: OpcoesDeBi): void {
  const alheias = soDeRegistros(opcoes);
  if (alheias.length === 0) return;
  const como =
    'os dados de uma pessoa saem inteiros, com CPF, CNPJ ou id; os registros para BI, com --from e sem cliente';
  throw invalida(`${alheias.join(', ')} não se usa com um cliente: ${como}`);
}

/** @throws CodedError EXPORTACAO_INVALIDA */
export function pedidoDe({ from, to, format, linhas, out }: OpcoesDeBi): Pedido {
  if (from === undefined) {
    throw invalida('diga de quem (CPF, CNPJ ou id), ou desde quando (--from) para exportar os registros para BI');
  }
  if (out === undefined) throw invalida('diga em que pasta gravar os registros: --out <pasta>');
  if (to !== undefined && to <= from) throw invalida('--to tem de ser depois de --from');
  const pedido = { pasta: out, formato: format ?? 'parquet', porArquivo: linhas ?? LINHAS_POR_ARQUIVO };
  return { ...pedido, de: from, ate: to ?? null };
}

/** Exports the records that BI reads, and says on stderr how far it is. @throws CodedError */
export async function exportaRegistros(opcoes: OpcoesDeBi): Promise<void> {
  const pedido = pedidoDe(opcoes);
  const progresso = dizOndeEsta<string>(
    (topico, lidos, total) => `Exportando ${topico}: ${numero(lidos)} de ${numero(total ?? lidos)} posições…`,
  );
  const { pasta, antes } = await comServidores((servidores) => exportaParaBi(servidores, pedido, progresso));
  const texto = opcoes.json
    ? JSON.stringify({ pasta: pedido.pasta, formato: pedido.formato, total: pasta, antes }, null, 2)
    : textoDaExportacao(pedido.pasta, pasta, antes);
  process.stdout.write(`${texto}\n`);
}
