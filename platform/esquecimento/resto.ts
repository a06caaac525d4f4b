import { CodedError } from '../errors.ts';
import { ChavesDoShard } from '../estado/chaves.ts';
import { Geracoes } from '../estado/geracoes.ts';
import { murmur2Partition } from '../kafka/partitioner.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import type { PartesDaOrdem } from './ordem.ts';

/**
 * That no generation of the state holds anything of a forgotten client: one that is kept from before does.
 * @throws CodedError ESQUECIMENTO_INACABADO; RetryableError
 */
export async function exigeQueOEstadoEsqueca(
  { redis, seguidas, particoes }: Pick<PartesDaOrdem, 'seguidas'> & { redis: RedisConnection; particoes: number },
  titular: string,
): Promise<void> {
  const { viva, ...outras } = await new Geracoes(redis, () => seguidas.apuracoes.emVigor).situacao();
  const particao = murmur2Partition(titular, particoes);
  for (const geracao of new Set([viva, ...Object.values(outras)])) {
    if (geracao === null) continue;
    if ((await toRetryable(redis.exists(new ChavesDoShard(particao, geracao).cliente(titular)))) === 0) continue;
    const que = `a geração ${geracao} do estado, guardada de antes, ainda tem a pessoa`;
    const saida = 'descarte-a (`atendido rebuild discard-old`, ou `cancel`) e peça de novo';
    throw new CodedError('ESQUECIMENTO_INACABADO', `${que}: ${saida}`);
  }
}
