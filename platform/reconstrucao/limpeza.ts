import { varre } from '../estado/geracoes.ts';
import { apuracaoDasPresencas, PADRAO_DAS_PRESENCAS } from '../estado/presencas.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';

/**
 * Removes the presences of all apurações but the one in force: nobody consolidates by them any more. Of a later one they
 * are left by an application that was killed; one that goes on holds the lock under which this is called.
 */
export async function limpaPresencas(redis: RedisConnection, emVigor: number, confere: () => void): Promise<void> {
  for await (const chaves of varre(redis, PADRAO_DAS_PRESENCAS)) {
    confere();
    const velhas = chaves.filter((chave) => apuracaoDasPresencas(chave) !== emVigor);
    // One by one: in a Cluster the keys of a command share a slot.
    await toRetryable(Promise.all(velhas.map((chave) => redis.unlink(chave))));
  }
}
