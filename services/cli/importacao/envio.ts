import { CodedError } from '#platform/errors.ts';
import type { Resultado, Transporte } from '#producer/index.ts';
import type { Estado, GuardaDoEstado } from './estado.ts';
import type { Item, Leitura } from './leitura.ts';
import { emLotes } from './lotes.ts';
import { errosDaPorta } from './recusas.ts';
import type { Recusada, Relatorio } from './relatorio.ts';

/** Requests under way: while the door keeps one, the next is read. */
const EM_ANDAMENTO = 3;

export interface Envio {
  leitura: Leitura;
  relatorio: Relatorio;
  guarda: Pick<GuardaDoEstado, 'grava'>;
  transporte: Transporte;
  sinal: AbortSignal;
  progresso: (estado: Estado) => void;
}

interface EmCurso {
  itens: Item[];
  respostas: Promise<Resultado[]>;
}

function envia(itens: Item[], transporte: Transporte): EmCurso {
  const eventos = itens.flatMap(({ lido }) => ('evento' in lido ? [lido.evento] : []));
  const respostas = eventos.length === 0 ? Promise.resolve([]) : transporte.envia(eventos);
  // Looked at in its turn.
  respostas.catch(() => undefined);
  return { itens, respostas };
}

/** The lines of a lot that were not taken, here or by the door. @throws CodedError FONTE_NAO_AUTORIZADA */
function recusadasDe(itens: readonly Item[], respostas: readonly Resultado[], leitura: Leitura): Recusada[] {
  const vez = respostas.values();
  return itens.flatMap(({ linha, original, lido }): Recusada[] => {
    if ('erros' in lido) return [{ linha, original, erros: lido.erros }];
    const resposta = vez.next().value;
    if (resposta === undefined) throw new Error('a porta não respondeu por um evento');
    if (resposta.estado !== 'recusado') return [];
    const { motivo, detalhe } = resposta;
    // Every line would be refused for it: it is the key that is wrong, and not the file.
    if (motivo === 'FONTE_NAO_AUTORIZADA') throw new CodedError(motivo, detalhe);
    return [{ linha, original, erros: errosDaPorta(motivo, detalhe, (campo) => leitura.colunaDe(campo)) }];
  });
}

function depois(estado: Estado, itens: readonly Item[], recusadas: readonly Recusada[], relatorio: Relatorio): Estado {
  const porCodigo = { ...estado.recusadas };
  for (const { erros } of recusadas) porCodigo[erros[0].codigo] = (porCodigo[erros[0].codigo] ?? 0) + 1;
  return {
    ...estado,
    posicao: itens.at(-1)?.fim ?? estado.posicao,
    relatorio: { caminho: relatorio.caminho, bytes: relatorio.bytes },
    aceitas: estado.aceitas + itens.length - recusadas.length,
    recusadas: porCodigo,
  };
}

/**
 * Sends the records of a file from where the state says. What the door answers is written down in order, the refused
 * lines before the position: killed at any moment, it goes on from a position before which nothing is missing; what it
 * sends again is counted once.
 * @returns the state at the end of the file
 * @throws CodedError, RetryableError; the state written last stands
 */
export async function enviaArquivo(inicial: Estado, envio: Envio): Promise<Estado> {
  const { leitura, relatorio, guarda, transporte, sinal, progresso } = envio;
  let estado = inicial;
  const fila: EmCurso[] = [];
  const conclui = async (): Promise<void> => {
    const primeiro = fila.shift();
    if (primeiro === undefined) return;
    const recusadas = recusadasDe(primeiro.itens, await primeiro.respostas, leitura);
    await relatorio.escreve(recusadas);
    estado = depois(estado, primeiro.itens, recusadas, relatorio);
    await guarda.grava(estado);
    progresso(estado);
  };
  for await (const itens of emLotes(leitura.itens(estado.posicao))) {
    sinal.throwIfAborted();
    fila.push(envia(itens, transporte));
    if (fila.length >= EM_ANDAMENTO) await conclui();
  }
  while (fila.length > 0) await conclui();
  return estado;
}
