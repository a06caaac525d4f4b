import { varre } from '#platform/estado/geracoes.ts';
import { type RedisConnection, toRetryable } from '#platform/redis.ts';
import { ALL_PRESENCES, isOfApuracao } from '../../consolidator/store.ts';

/** Removes the presences of all apurações but the one in force: nobody consolidates by them any more. */
export async function limpaPresencas(redis: RedisConnection, emVigor: number, confere: () => void): Promise<void> {
  for await (const chaves of varre(redis, ALL_PRESENCES)) {
    confere();
    const velhas = chaves.filter((chave) => !isOfApuracao(chave, emVigor));
    // One by one: in a Cluster the keys of a command share a slot.
    await toRetryable(Promise.all(velhas.map((chave) => redis.unlink(chave))));
  }
}
