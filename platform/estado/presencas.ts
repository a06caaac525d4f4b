import { ehParticipacaoDeAlgum } from '#domain/presenca.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import { varre } from './geracoes.ts';

/** What all keys of presences look like, for SCAN. */
export const PADRAO_DAS_PRESENCAS = 'co*:{p*}:*';

/** What the keys of an apuração's presences begin with; then comes the partition of `presencas`. */
export function inicioDasPresencas(apuracao: number): string {
  return apuracao === 0 ? 'co' : `co.${apuracao}`;
}

/** The apuração whose presences a key holds. */
export function apuracaoDasPresencas(chave: string): number {
  return Number(/^co\.(\d+):/.exec(chave)?.[1] ?? 0);
}

async function esqueceNaOferta(redis: RedisConnection, chave: string, clientes: ReadonlySet<string>): Promise<void> {
  const nomes = await toRetryable(redis.hkeys(chave));
  const deles = nomes.filter((nome) => ehParticipacaoDeAlgum(nome, clientes));
  if (deles.length > 0) await toRetryable(redis.hdel(chave, ...deles));
}

/**
 * Removes what presences hold of some clients. For good only where the position is past where their presences end.
 * @param inicio what the keys begin with; as a pattern, of all partitions
 * @throws RetryableError
 */
export async function esquecePresencas(
  redis: RedisConnection,
  inicio: string,
  clientes: readonly string[],
): Promise<void> {
  if (clientes.length === 0) return;
  const quem = new Set(clientes);
  for await (const chaves of varre(redis, `${inicio}:o:*`)) {
    await Promise.all(chaves.map((chave) => esqueceNaOferta(redis, chave, quem)));
  }
}
