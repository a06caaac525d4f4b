import { readFileSync } from 'node:fs';
import type { Result } from 'ioredis';
import type { EstadoCliente } from '#domain/cliente.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import { agrupa, ChavesDoShard } from './chaves.ts';
import { codificaEstados, decodificaEstado } from './codificacao.ts';
import { respostas } from './respostas.ts';

const CLIENTES_POR_MGET = 500;

const aplicaLua = readFileSync(new URL('./aplica.lua', import.meta.url), 'utf8');

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** platform/estado/aplica.lua */
    aplicaLotes(
      numeroDeChaves: number,
      ...chavesEArgumentos: (string | number | Buffer)[]
    ): Result<[codigo: number, posicao: string], Context>;
  }
}

/** What a run of lots does to a shard. */
export interface Mudanca {
  /** The position the states were read at. */
  de: number;
  /** The position after the run. */
  para: number;
  /** The states that changed, by titular. */
  estados: ReadonlyMap<string, EstadoCliente>;
  /** Differences. */
  indicadores: Iterable<[nome: string, n: number]>;
  metricas: Iterable<[nome: string, n: number]>;
}

/** `posicao`: where the shard stands instead; nothing was written. */
export type Aplicacao = { kind: 'aplicada' } | { kind: 'deslocada'; posicao: number };

function aplicacaoDe([codigo, posicao]: [number, string]): Aplicacao {
  switch (codigo) {
    case 1:
    // A connection that broke before the answer, or another instance that did the same work: the same numbers.
    case 2:
      return { kind: 'aplicada' };
    case 0:
      return { kind: 'deslocada', posicao: posicaoDe(posicao) };
    default:
      throw new Error(`aplica.lua respondeu ${codigo}`);
  }
}

function posicaoDe(texto: string | null): number {
  const posicao = Number(texto ?? 0);
  if (!Number.isSafeInteger(posicao) || posicao < 0) throw new Error(`posição ilegível no Redis: ${texto}`);
  return posicao;
}

function emBlocos<T>(itens: readonly T[], tamanho: number): T[][] {
  const blocos: T[][] = [];
  for (let i = 0; i < itens.length; i += tamanho) blocos.push(itens.slice(i, i + tamanho));
  return blocos;
}

/** The write side of the state: the aggregator's alone. Every method throws RetryableError while Redis is away. */
export class EscritorDeEstado {
  readonly #redis: RedisConnection;
  readonly #geracao: string | undefined;

  constructor(redis: RedisConnection, geracao?: string) {
    this.#redis = redis;
    this.#geracao = geracao;
    redis.defineCommand('aplicaLotes', { lua: aplicaLua });
  }

  /** The next offset of the partition to be applied; 0 for a shard never written. */
  async posicao(particao: number): Promise<number> {
    return posicaoDe(await toRetryable(this.#redis.get(this.#chaves(particao).posicao)));
  }

  /** The states of some holders (an empty one for who has none) and the position they stand at or after. */
  async le(
    particao: number,
    titulares: readonly string[],
  ): Promise<{ posicao: number; estados: Map<string, EstadoCliente> }> {
    const chaves = this.#chaves(particao);
    // The position first: states newer than it are found out at the commit, older ones would not be.
    const pipeline = this.#redis.pipeline().get(chaves.posicao);
    for (const bloco of emBlocos(titulares, CLIENTES_POR_MGET)) {
      pipeline.mgetBuffer(bloco.map((titular) => chaves.cliente(titular)));
    }
    const [posicao = null, ...valores] = await toRetryable(
      pipeline.exec().then((r) => respostas<string | null | (Buffer | null)[]>(r)),
    );
    const estados = new Map<string, EstadoCliente>();
    for (const [i, valor] of (valores as (Buffer | null)[][]).flat().entries()) {
      estados.set(titulares[i] ?? '', decodificaEstado(valor));
    }
    return { posicao: posicaoDe(posicao as string | null), estados };
  }

  /** Writes a run's outcome in one atomic step, if the shard still stands at `mudanca.de`. Safe to repeat. */
  async aplica(particao: number, mudanca: Mudanca): Promise<Aplicacao> {
    const { de, para, estados } = mudanca;
    const chaves = this.#chaves(particao);
    const grupos = agrupa(mudanca.indicadores, mudanca.metricas);
    const { tamanhos, valores } = codificaEstados(estados.values());
    const escrita = {
      grupos: [...grupos].map(([grupo, { campos, n }]) => [grupo, campos, n]),
      titulares: [...estados.keys()],
      tamanhos,
    };
    const { posicao, grupos: conjunto, inicio } = chaves;
    const argumentos = [String(de), String(para), inicio, JSON.stringify(escrita), valores];
    return aplicacaoDe(await toRetryable(this.#redis.aplicaLotes(2, posicao, conjunto, ...argumentos)));
  }

  #chaves(particao: number): ChavesDoShard {
    return new ChavesDoShard(particao, this.#geracao);
  }
}
