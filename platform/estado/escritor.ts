import type { Result } from 'ioredis';
import { CodedError, RetryableError } from '../errors.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import { agrupa, ChavesDoShard, FORMA } from './chaves.ts';
import { EstadosEmBytes, type EstadosGravados } from './estados-em-bytes.ts';
import { shardComDias } from './forma.ts';
import { type EmVigor, geracaoViva, posicaoParada, SEM_APURACOES, trocaEmCurso } from './geracoes.ts';
import { respostas } from './respostas.ts';
import { lua } from './scripts.ts';

const CLIENTES_POR_MGET = 500;

const [aplicaLua, paraLua, retomaLua] = [lua('aplica'), lua('para'), lua('retoma')];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** platform/estado/aplica.lua */
    aplicaLotes(
      numeroDeChaves: number,
      ...chavesEArgumentos: (string | number | Buffer)[]
    ): Result<[codigo: number, posicaoOuContador: string], Context>;
    /** platform/estado/para.lua */
    paraShard(numeroDeChaves: 1, posicao: string): Result<string, Context>;
    /** platform/estado/retoma.lua */
    retomaShard(numeroDeChaves: 1, posicao: string): Result<string, Context>;
  }
}

/** What a run of lots does to a shard. */
export interface Mudanca {
  /** The position the states were read at. */
  de: number;
  /** The position after the run. */
  para: number;
  /** Those that changed. */
  estados: EstadosGravados;
  /** Differences, no counter twice. */
  indicadores: Iterable<[nome: string, n: number]>;
  metricas: Iterable<[nome: string, n: number]>;
}

/** A run's outcome as Redis is told it: bytes, of which nothing is left but to be sent. */
export interface Gravacao {
  readonly chaves: readonly string[];
  readonly argumentos: readonly (string | Buffer)[];
}

/** `posicao`: where the shard stands instead (null: it is stopped); nothing was written. */
export type Aplicacao = { kind: 'aplicada' } | { kind: 'deslocada'; posicao: number | null };

/** @throws CodedError CONTADOR_ILEGIVEL */
function aplicacaoDe([codigo, dito]: [number, string]): Aplicacao {
  switch (codigo) {
    case 1:
    // A connection that broke before the answer, or another instance that did the same work: the same numbers.
    case 2:
      return { kind: 'aplicada' };
    case 0:
      return { kind: 'deslocada', posicao: posicaoDe(dito) };
    case 3:
      throw new CodedError('CONTADOR_ILEGIVEL', `o Redis tem um contador que não é um número inteiro: ${dito}`);
    default:
      throw new Error(`aplica.lua respondeu ${codigo}`);
  }
}

/** null: the shard is stopped, for another generation to take its place. */
function posicaoDe(texto: string | null): number | null {
  if (posicaoParada(texto) !== null) return null;
  const posicao = Number(texto ?? 0);
  if (!Number.isSafeInteger(posicao) || posicao < 0) throw new Error(`posição ilegível no Redis: ${texto}`);
  return posicao;
}

function emBlocos<T>(itens: readonly T[], tamanho: number): T[][] {
  const blocos: T[][] = [];
  for (let i = 0; i < itens.length; i += tamanho) blocos.push(itens.slice(i, i + tamanho));
  return blocos;
}

/**
 * The write side of the state: the aggregator's, and of a generation beside the live one its builder's. Every method
 * throws RetryableError while Redis is away.
 */
export class EscritorDeEstado {
  readonly #redis: RedisConnection;
  readonly #geracao: string | undefined;
  readonly #emVigor: EmVigor;
  /** By partition: the keys of the generation it was last taken over in. */
  readonly #chavesDe = new Map<number, ChavesDoShard>();

  /**
   * @param geracao written whether it is live or not; without it the live one
   * @param emVigor which apuração's decisions a Redis without any state is filled with
   */
  constructor(redis: RedisConnection, geracao?: string, emVigor: EmVigor = SEM_APURACOES) {
    this.#redis = redis;
    this.#geracao = geracao;
    this.#emVigor = emVigor;
    redis.defineCommand('aplicaLotes', { lua: aplicaLua });
    redis.defineCommand('paraShard', { lua: paraLua });
    redis.defineCommand('retomaShard', { lua: retomaLua });
  }

  /**
   * Takes a partition's shard over, in the generation that is live now. One that is stopped though nobody changes
   * generations was left so by a changer that died, and goes on.
   * @returns the next offset of the partition to be applied
   * @throws RetryableError also while another generation takes its place
   */
  async assume(particao: number): Promise<number> {
    const geracao = await this.#geracaoViva();
    this.#chavesDe.set(particao, new ChavesDoShard(particao, geracao));
    const posicao = await this.posicao(particao);
    // Of one that was live a moment ago the position may be gone by now.
    if (geracao !== (await this.#geracaoViva())) return this.assume(particao);
    if (posicao !== null) return posicao;
    if (await trocaEmCurso(this.#redis)) throw new RetryableError('o estado está sendo trocado por outra geração');
    return this.retoma(particao);
  }

  /** Whether the shard stands elsewhere than at `posicao`, or in another generation than it was taken over in. */
  async deslocou(particao: number, posicao: number): Promise<boolean> {
    const { inicio } = new ChavesDoShard(particao, await this.#geracaoViva());
    return inicio !== this.#chaves(particao).inicio || (await this.posicao(particao)) !== posicao;
  }

  /** Whose decisions the generation holds in which the partition was last taken over. */
  apuracao(particao: number): number {
    return this.#chaves(particao).apuracao;
  }

  /** The next offset of the partition to be applied; 0 for a shard never written, null for one that is stopped. */
  async posicao(particao: number): Promise<number | null> {
    return posicaoDe(await toRetryable(this.#redis.get(this.#chaves(particao).posicao)));
  }

  /** Whether the shard has its clients by day whole; not where an older program wrote it. */
  comDias(particao: number): Promise<boolean> {
    return shardComDias(this.#redis, this.#chaves(particao));
  }

  /** Stops a shard: whoever writes it is refused from now on. @returns where it stands */
  async para(particao: number): Promise<number> {
    return posicaoParada(await toRetryable(this.#redis.paraShard(1, this.#chaves(particao).posicao))) ?? 0;
  }

  /** Undoes {@link para}. @returns where the shard stands */
  async retoma(particao: number): Promise<number> {
    return posicaoDe(await toRetryable(this.#redis.retomaShard(1, this.#chaves(particao).posicao))) ?? 0;
  }

  /** The states of some holders (an empty one for who has none) and the position they stand at or after. */
  async le(
    particao: number,
    titulares: readonly string[],
  ): Promise<{ posicao: number | null; estados: EstadosEmBytes }> {
    const chaves = this.#chaves(particao);
    // The position first: states newer than it are found out at the commit, older ones would not be.
    const pipeline = this.#redis.pipeline().get(chaves.posicao);
    for (const bloco of emBlocos(titulares, CLIENTES_POR_MGET)) {
      pipeline.mgetBuffer(bloco.map((titular) => chaves.cliente(titular)));
    }
    const [posicao = null, ...valores] = await toRetryable(
      pipeline.exec().then((r) => respostas<string | null | (Buffer | null)[]>(r)),
    );
    const lidos = (valores as (Buffer | null)[][]).flat();
    const estados = new EstadosEmBytes(new Map(titulares.map((titular, i) => [titular, lidos[i] ?? null])));
    return { posicao: posicaoDe(posicao as string | null), estados };
  }

  /** Lays out what a run did to a shard. */
  gravacao(particao: number, mudanca: Mudanca): Gravacao {
    const { de, para } = mudanca;
    const { valores, ...estados } = mudanca.estados;
    const chaves = this.#chaves(particao);
    const grupos = agrupa(mudanca.indicadores, mudanca.metricas);
    const escrita = { grupos: [...grupos].map(([grupo, { campos, n }]) => [grupo, campos, n]), ...estados };
    const titulares = [...estados.titulares, ...estados.removidos];
    const { posicao, grupos: conjunto, inicio } = chaves;
    return {
      chaves: [posicao, conjunto, ...this.#tambemEscritas(chaves, grupos.keys(), titulares)],
      argumentos: [String(de), String(para), inicio, JSON.stringify(escrita), valores, FORMA],
    };
  }

  /**
   * Writes a run's outcome in one atomic step, if the shard still stands at its `de`. Safe to repeat.
   * @throws CodedError CONTADOR_ILEGIVEL a counter it adds to is damaged; nothing was written
   */
  async aplica({ chaves, argumentos }: Gravacao): Promise<Aplicacao> {
    return aplicacaoDe(await toRetryable(this.#redis.aplicaLotes(chaves.length, ...chaves, ...argumentos)));
  }

  /**
   * In a Cluster the script names every key it writes: while a slot moves, a node refuses it before it began where one
   * is not there. Of a key that was not named it would find that out half way, the position already written.
   */
  #tambemEscritas(chaves: ChavesDoShard, grupos: Iterable<string>, titulares: readonly string[]): string[] {
    if (!('nodes' in this.#redis)) return [];
    const dosGrupos = [...grupos].map((grupo) => chaves.grupo(grupo));
    return [chaves.mudou, ...dosGrupos, ...titulares.map((titular) => chaves.cliente(titular))];
  }

  async #geracaoViva(): Promise<string> {
    return this.#geracao ?? geracaoViva(this.#redis, this.#emVigor);
  }

  #chaves(particao: number): ChavesDoShard {
    return this.#chavesDe.get(particao) ?? new ChavesDoShard(particao, this.#geracao);
  }
}
