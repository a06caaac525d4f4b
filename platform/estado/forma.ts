import { CodedError } from '../errors.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import { type ChavesDoShard, ehDaForma, FORMA } from './chaves.ts';
import { respostas } from './respostas.ts';

/** Whether a shard has its clients by day whole. @throws RetryableError */
export async function shardComDias(redis: RedisConnection, shard: ChavesDoShard): Promise<boolean> {
  // In one step: a run in between would move the one and not the other.
  const pergunta = redis.multi().hget(shard.mudou, FORMA).get(shard.posicao);
  const [forma = null, posicao = null] = await toRetryable(pergunta.exec().then((r) => respostas<string | null>(r)));
  return ehDaForma(forma, posicao);
}

/** What is told, and thrown by nobody: all other numbers are right. */
export function estadoDeVersaoAnterior(): CodedError {
  return new CodedError(
    'ESTADO_DE_VERSAO_ANTERIOR',
    'o estado foi escrito por uma versão que não contava clientes por dia: refaça-o com `atendido rebuild`',
  );
}
