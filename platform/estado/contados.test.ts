import { beforeEach, describe, expect, it } from 'vitest';
import type { RedisConnection } from '../redis.ts';
import { ChavesDoShard, FORMA } from './chaves.ts';
import { Contados } from './contados.ts';

type Resposta = [erro: Error | null, valor: unknown];

/** Two shards; each group holds one counter, as many as its version says. */
class RedisDeMentira {
  /** By group; null: written by an aggregator that says no versions. */
  versoes = new Map<string, string | null>();
  posicao = '7';
  /** Up to where the shards were written in our form; null: where they stand. */
  forma: string | null = null;
  lidos: string[] = [];
  erro: Error | null = null;

  #fila() {
    const respostas: (() => unknown)[] = [];
    const poe = (resposta: () => unknown) => {
      respostas.push(resposta);
      return fila;
    };
    const fila = {
      hmget: (_chave: string, ...campos: string[]) => poe(() => campos.map((c) => this.#mudou(c))),
      smismember: (_chave: string, grupos: string[]) => poe(() => grupos.map((g) => Number(this.versoes.has(g)))),
      get: () => poe(() => this.posicao),
      hgetall: (chave: string) => poe(() => this.#leu(chave)),
      exec: async (): Promise<Resposta[]> => respostas.map((r) => [this.erro, r()]),
    };
    return fila;
  }

  #mudou(campo: string): string | null {
    return campo === FORMA ? (this.forma ?? this.posicao) : (this.versoes.get(campo) ?? null);
  }

  #leu(chave: string): Record<string, string> {
    this.lidos.push(chave);
    const grupo = chave.replace(/^.*:(ind:.*)$/, '$1');
    const n = this.versoes.get(grupo) ?? this.posicao;
    return { 'SP|total||clientes': n, ...(grupo.includes('|dias') && { '*|primeiro|2026-03-02|clientes': n }) };
  }

  isCluster = false;
  filas = 0;
  pipeline = () => {
    this.filas += 1;
    return this.#fila();
  };
  multi = () => this.#fila();
}

const shards = [new ChavesDoShard(0), new ChavesDoShard(1)];
let redis: RedisDeMentira;
let contados: Contados<{ nome: string; n: number }>;
const faz = (limite?: number) => new Contados(redis as unknown as RedisConnection, (nome, n) => ({ nome, n }), limite);
const le = async (...grupos: string[]) => contados.le(shards, grupos, await contados.versoes(shards, grupos));

beforeEach(() => {
  redis = new RedisDeMentira();
  redis.versoes.set('ind:a|2026', '3').set('ind:b|2026', '5');
  contados = faz();
});

describe('groups of counters', () => {
  it('of another version changes nothing of what was read before, and takes no name apart again', async () => {
    const nomes: string[] = [];
    contados = new Contados(redis as unknown as RedisConnection, (nome, n) => {
      nomes.push(nome);
      return { nome, n };
    });
    const [antes] = await le('ind:a|2026');
    redis.versoes.set('ind:a|2026', '4');
    const [depois] = await le('ind:a|2026');
    redis.versoes.set('ind:a|2026', '4 ');
    const [igual] = await le('ind:a|2026');
    expect([antes, depois, igual].map((v) => v?.valor.map(({ n }) => n))).toEqual([[6], [8], [8]]);
    expect(nomes).toEqual(['a|2026|SP|total||clientes']);
  });

  it.each([
    [false, 1],
    [true, 2],
  ])('has its versions asked of all shards at once; of a Cluster (%s), of each for itself', async (cluster, filas) => {
    redis.isCluster = cluster;
    redis.versoes.set('ind:b|2026', null);
    expect(await contados.versoes(shards, ['ind:a|2026', 'ind:b|2026', 'ind:c|2026'])).toEqual(['3,3', 'p7,p7', '-,-']);
    expect(redis.filas).toBe(filas);
  });

  it('are added up over the shards, by whole name, with the version they are of', async () => {
    expect(await le('ind:a|2026')).toEqual([{ versao: '3,3', valor: [{ nome: 'a|2026|SP|total||clientes', n: 6 }] }]);
  });

  it('are not read again while their version stands; what is read at once is read once', async () => {
    const [primeira, segunda] = await Promise.all([le('ind:a|2026'), le('ind:a|2026')]);
    expect(redis.lidos.length).toBe(2);
    expect(primeira[0]?.valor).toBe(segunda[0]?.valor);
    expect((await le('ind:a|2026'))[0]?.valor).toBe(primeira[0]?.valor);
    redis.versoes.set('ind:a|2026', '9');
    expect((await le('ind:a|2026', 'ind:b|2026')).map(({ versao }) => versao)).toEqual(['9,9', '5,5']);
    expect(redis.lidos.filter((chave) => chave.includes(':a|')).length).toBe(4);
  });

  it('of a version that nobody says are read again when the shard moves; one that there is not is nothing for ever', async () => {
    redis.versoes.set('ind:velho|2026', null);
    const grupos = ['ind:velho|2026', 'ind:nenhum|2026'];
    expect(await contados.versoes(shards, grupos)).toEqual(['p7,p7', '-,-']);
    redis.posicao = '8';
    expect(await contados.versoes(shards, grupos)).toEqual(['p8,p8', '-,-']);
  });

  it('with clients by day only while every shard was written by a program that keeps them', async () => {
    redis.versoes.set('ind:a|dias', '3');
    const dias = async () => (await le('ind:a|dias')).map(({ versao, valor }) => [versao, valor.length]);
    expect(await dias()).toEqual([['3,3', 2]]);
    // The shards went on, and nobody said in which form.
    [redis.forma, redis.posicao] = ['7', '9'];
    expect(await dias()).toEqual([['3?,3?', 1]]);
    expect(await contados.versoes(shards, ['ind:nenhum|2026'])).toEqual(['-,-']);
    [redis.forma, redis.posicao] = ['9', '#9'];
    expect(await dias()).toEqual([['3,3', 2]]);
  });

  it('beyond the limit the least recently used are forgotten', async () => {
    contados = faz(5);
    redis.versoes.set('ind:c|2026', '5');
    await le('ind:a|2026');
    await le('ind:b|2026');
    await le('ind:a|2026');
    await le('ind:c|2026');
    redis.lidos = [];
    await le('ind:a|2026', 'ind:c|2026');
    expect(redis.lidos).toEqual([]);
    await le('ind:b|2026');
    expect(redis.lidos.length).toBe(2);
  });

  it('a read that failed is not remembered', async () => {
    const versoes = await contados.versoes(shards, ['ind:a|2026']);
    redis.erro = new Error('não agora');
    await expect(contados.le(shards, ['ind:a|2026'], versoes)).rejects.toThrow('não agora');
    redis.erro = null;
    expect((await contados.le(shards, ['ind:a|2026'], versoes))[0]?.versao).toBe('3,3');
  });
});
