import type { Readable } from 'node:stream';
import type { Credencial } from '#platform/credenciais/credencial.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { LIMITES } from '#platform/http/rotas-de-escrita.ts';
import { examinaTodos, guarda, type Recebimento, resultadoDe, statusDoLote } from './eventos.ts';
import type { Item } from './leitura.ts';
import { CortaLinhas } from './linhas.ts';
import { Resultados } from './resultados.ts';

async function* gruposDe(corpo: Readable): AsyncGenerator<Item[]> {
  const linhas = new CortaLinhas(LIMITES.evento);
  // Left open where reading stops half-way: it is the caller's connection, which is still to be answered on.
  for await (const pedaco of corpo.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    const itens = linhas.corta(pedaco);
    if (itens.length > 0) yield itens;
  }
  const ultima = linhas.fim();
  if (ultima.length > 0) yield ultima;
}

/**
 * Takes in events, one a line, however many: while Kafka is given what one piece of the body held the next is looked at,
 * and no more is read until that is kept. Resolves when all is.
 * @throws as `recebe`; what came before may stand in Kafka, and is counted once when it is sent again
 */
export async function recebeLinhas(
  corpo: Readable,
  recebimento: Recebimento,
  credencial: Credencial,
): Promise<{ status: 202 | 207 | 400; corpo: Readable }> {
  const resultados = new Resultados();
  let envio: Promise<void> = Promise.resolve();
  try {
    for await (const itens of gruposDe(corpo)) {
      const exames = await examinaTodos(itens, recebimento, credencial);
      recebimento.cobra(exames.length);
      await envio;
      envio = guarda(exames, recebimento).then(() => resultados.acrescenta(exames.map(resultadoDe)));
      // Thrown at the next turn; the body may end otherwise before.
      envio.catch(() => undefined);
    }
    await envio;
    const { todos, aceitos } = resultados;
    if (todos === 0) throw new ErroHttp('ESQUEMA_INVALIDO', 'o pedido não traz evento algum');
    return { status: statusDoLote(aceitos, todos), corpo: await resultados.corpo() };
  } catch (error) {
    await envio.catch(() => undefined);
    await resultados.descarta();
    throw error;
  }
}
