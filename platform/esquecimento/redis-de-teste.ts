import { matchesGlob } from 'node:path';
import type { RedisConnection } from '../redis.ts';

/** A Redis in memory, as far as a look for whoever is forgotten goes. */
export function redisDe(hashes: Readonly<Record<string, Record<string, string>>>, chaves: readonly string[] = []) {
  const guardados = new Map(Object.entries(hashes).map(([chave, campos]) => [chave, { ...campos }]));
  const todas = new Set([...guardados.keys(), ...chaves]);
  // Braces are letters of a key to Redis.
  const letras = (texto: string): string => texto.replaceAll('{', '<').replaceAll('}', '>');
  const redis = {
    scan: async (_: string, __: string, padrao: string) => {
      return ['0', [...todas].filter((chave) => matchesGlob(letras(chave), letras(padrao)))];
    },
    hkeys: async (chave: string) => Object.keys(guardados.get(chave) ?? {}),
    hdel: async (chave: string, ...campos: string[]) => {
      for (const campo of campos) delete guardados.get(chave)?.[campo];
    },
    hgetall: async (chave: string) => ({ ...guardados.get(chave) }),
    hget: async (chave: string, campo: string) => guardados.get(chave)?.[campo] ?? null,
    exists: async (chave: string) => (todas.has(chave) ? 1 : 0),
    unlink: async (chave: string) => {
      guardados.delete(chave);
      return todas.delete(chave) ? 1 : 0;
    },
    defineCommand: () => {},
  };
  const nomeados = (): string[] => [...guardados].flatMap(([chave, h]) => Object.keys(h).map((c) => `${chave} ${c}`));
  return {
    redis: redis as unknown as RedisConnection,
    nomeados,
    chaves: () => [...todas],
    poe: (c: string) => todas.add(c),
  };
}
