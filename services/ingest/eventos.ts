import type { Counter } from 'prom-client';
import type { Credencial } from '#platform/credenciais/credencial.ts';
import { falha } from '#platform/falhas.ts';
import type { Chamada } from '#platform/http/autenticacao.ts';
import { ERROS_HTTP, ErroHttp } from '#platform/http/erros.ts';
import type { ResultadoDoItem } from '#platform/http/rotas-de-escrita.ts';
import type { Producer } from '#platform/kafka/port.ts';
import { emFatias } from './fatias.ts';
import type { Item, Pedido } from './leitura.ts';
import { type Exame, examina, type Porta } from './porta.ts';

export interface Recebimento extends Porta {
  producer: Pick<Producer, 'send'>;
  /** By `estado` and `motivo`. */
  itens: Counter<'estado' | 'motivo'>;
  cobra: Chamada['cobra'];
}

export async function examinaTodos(itens: readonly Item[], porta: Porta, credencial: Credencial): Promise<Exame[]> {
  const exames: Exame[] = [];
  for await (const fatia of emFatias(itens)) {
    for (const item of fatia) exames.push(examina(item, porta, credencial));
  }
  return exames;
}

export function resultadoDe(exame: Exame): ResultadoDoItem {
  if (exame.aceito) return { id: exame.id, estado: 'aceito' };
  return { id: exame.id, estado: 'recusado', motivo: exame.motivo, detalhe: exame.detalhe };
}

export function statusDoLote(aceitos: number, todos: number): 202 | 207 | 400 {
  if (aceitos === todos) return 202;
  return aceitos === 0 ? 400 : 207;
}

/** Resolves when Kafka keeps every accepted one (acks=all). @throws RetryableError Kafka is away */
export async function guarda(exames: readonly Exame[], { producer, itens }: Recebimento): Promise<void> {
  await producer.send(exames.flatMap((e) => (e.aceito ? [e.registro] : [])));
  falha('ingest:guardado');
  for (const e of exames) {
    itens.inc({ estado: e.aceito ? 'aceito' : 'recusado', motivo: e.aceito ? '' : e.motivo });
  }
}

/**
 * Takes a request's events in. Resolves only when Kafka keeps every accepted one (acks=all), in one send: the producer
 * puts requests that wait together into one.
 * @throws ErroHttp the refusal, where the request is one event; RetryableError Kafka is away, and nothing may be taken
 * for accepted: sending all again is harmless, since (source, id) is counted once
 */
export async function recebe(
  pedido: Pedido,
  recebimento: Recebimento,
  credencial: Credencial,
): Promise<{ status: 202 | 207 | 400; corpo: ResultadoDoItem | ResultadoDoItem[] }> {
  const exames = await examinaTodos(pedido.itens, recebimento, credencial);
  recebimento.cobra(exames.length);
  await guarda(exames, recebimento);
  const [unico] = exames;
  if (!pedido.lote && unico !== undefined) {
    if (unico.aceito) return { status: 202, corpo: resultadoDe(unico) };
    const { motivo, detalhe, erros } = unico;
    throw new ErroHttp(motivo, detalhe || ERROS_HTTP[motivo].title, { ...(erros && { erros }) });
  }
  const aceitos = exames.filter((e) => e.aceito).length;
  return { status: statusDoLote(aceitos, exames.length), corpo: exames.map(resultadoDe) };
}
