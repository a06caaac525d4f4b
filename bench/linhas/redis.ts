import { Redis } from 'ioredis';

/** Bytes that Redis keeps for data, its own overhead left out. */
export async function bytesDeDados(redis: Redis): Promise<number> {
  const dados = /^used_memory_dataset:(\d+)/m.exec(await redis.info('memory'))?.[1];
  if (dados === undefined) throw new Error('o Redis não disse quanta memória usa');
  return Number(dados);
}

export async function comRedis<T>(url: string, trabalho: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await trabalho(redis);
  } finally {
    redis.disconnect();
  }
}
