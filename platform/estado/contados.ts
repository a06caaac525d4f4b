import type { ChainableCommander } from 'ioredis';
import { type RedisConnection, toRetryable } from '../redis.ts';
import { type ChavesDoShard, ehDaForma, ehDeDia, FORMA, nomeDoCampo } from './chaves.ts';
import type { Versao } from './leitor.ts';
import { respostas } from './respostas.ts';

type Hash = Record<string, string>;

const SEM_DIAS = '?';

/** The most counters that are remembered, some 150 bytes each. */
const LEMBRADOS = 300_000;

interface Lembrado<C> {
  versao: string;
  lido: Promise<Versao<readonly C[]>>;
  /** What it weighs; null while it is being read. */
  quantos: number | null;
}

/**
 * What a shard says of its groups: the position after the run that changed each, and its form behind them; which it has at
 * all; where it stands.
 */
type DitoDoShard = [mudou: (string | null)[], ha: number[], posicao: string | null];

/**
 * Which version of each group a shard holds. Of one that an aggregator of before wrote, and did not say when it changed,
 * where the shard stands: that changes at least as often. One whose clients by day are unknown says so.
 */
function versoesDe([mudou, ha, posicao]: DitoDoShard): string[] {
  const sem = ehDaForma(mudou.at(-1) ?? null, posicao) ? '' : SEM_DIAS;
  return ha.map((tem, g) => (tem === 1 ? `${mudou[g] ?? `p${posicao ?? 0}`}${sem}` : '-'));
}

/** Asks for {@link DitoDoShard}. */
function pergunta(fila: ChainableCommander, shard: ChavesDoShard, grupos: readonly string[]): ChainableCommander {
  return fila
    .hmget(shard.mudou, ...grupos, FORMA)
    .smismember(shard.grupos, [...grupos])
    .get(shard.posicao);
}

/** By group, the versions of all shards as one text. */
function juntas(porShard: readonly (readonly string[])[], grupos: readonly string[]): string[] {
  return grupos.map((_, g) => porShard.map((versoes) => versoes[g]).join(','));
}

/**
 * Groups of counters (`chaves.ts`), every shard added up. What was read is remembered by its version and not read again
 * while that stands; who asks meanwhile waits for the same read.
 */
export class Contados<C> {
  readonly #redis: RedisConnection;
  readonly #faz: (nome: string, n: number) => C;
  readonly #limite: number;
  /** The least recently used first. */
  readonly #lembrados = new Map<string, Lembrado<C>>();

  /** @param faz a counter from its whole name */
  constructor(redis: RedisConnection, faz: (nome: string, n: number) => C, limite: number = LEMBRADOS) {
    this.#redis = redis;
    this.#faz = faz;
    this.#limite = limite;
  }

  /** The version of each group, now. One round trip. */
  async versoes(shards: readonly ChavesDoShard[], grupos: readonly string[]): Promise<string[]> {
    const lidas = await Promise.all(
      shards.map(async (shard) => {
        const pipeline = pergunta(this.#redis.pipeline(), shard, grupos);
        return versoesDe((await toRetryable(pipeline.exec().then((r) => respostas<unknown>(r)))) as DitoDoShard);
      }),
    );
    return juntas(lidas, grupos);
  }

  /** Each group's counters, at these versions or newer ones. */
  async le(
    shards: readonly ChavesDoShard[],
    grupos: readonly string[],
    versoes: readonly string[],
  ): Promise<Versao<readonly C[]>[]> {
    const chave = (g: number): string => `${shards[0]?.inicio ?? ''}${grupos[g] ?? ''}`;
    const faltam = grupos.flatMap((_, g) => (this.#lembrados.get(chave(g))?.versao === versoes[g] ? [] : [g]));
    if (faltam.length > 0) {
      const leitura = this.#leJuntos(
        shards,
        faltam.map((g) => grupos[g] ?? ''),
      );
      for (const [i, g] of faltam.entries()) this.#lembra(chave(g), versoes[g] ?? '', i, leitura);
    }
    return Promise.all(grupos.map((_, g) => this.#lembrado(chave(g))));
  }

  async #lembrado(chave: string): Promise<Versao<readonly C[]>> {
    const lembrado = this.#lembrados.get(chave);
    if (lembrado === undefined) throw new Error(`o grupo ${chave} não foi lido`);
    this.#lembrados.delete(chave);
    this.#lembrados.set(chave, lembrado);
    return lembrado.lido;
  }

  #lembra(chave: string, versao: string, i: number, leitura: Promise<Versao<readonly C[]>[]>): void {
    const lido = leitura.then((todos) => todos[i] ?? { versao, valor: [] });
    const lembrado: Lembrado<C> = { versao, lido, quantos: null };
    this.#lembrados.delete(chave);
    this.#lembrados.set(chave, lembrado);
    lido.then(
      ({ versao: lida, valor }) => {
        lembrado.versao = lida;
        lembrado.quantos = 1 + valor.length;
        this.#esquece();
      },
      () => {
        if (this.#lembrados.get(chave) === lembrado) this.#lembrados.delete(chave);
      },
    );
  }

  #esquece(): void {
    let total = 0;
    for (const { quantos } of this.#lembrados.values()) total += quantos ?? 0;
    for (const [chave, { quantos }] of this.#lembrados) {
      if (total <= this.#limite) return;
      // Somebody waits for it.
      if (quantos === null) continue;
      this.#lembrados.delete(chave);
      total -= quantos;
    }
  }

  /** Reads groups with their versions; of each shard in one step, between two runs of the aggregator. */
  async #leJuntos(shards: readonly ChavesDoShard[], grupos: readonly string[]): Promise<Versao<readonly C[]>[]> {
    const lidos = await Promise.all(
      shards.map(async (shard) => {
        const transacao = pergunta(this.#redis.multi(), shard, grupos);
        for (const grupo of grupos) transacao.hgetall(shard.grupo(grupo));
        const lido = await toRetryable(transacao.exec().then((r) => respostas<unknown>(r)));
        return { versoes: versoesDe(lido.slice(0, 3) as DitoDoShard), hashes: lido.slice(3) as Hash[] };
      }),
    );
    const versoes = juntas(
      lidos.map((l) => l.versoes),
      grupos,
    );
    return grupos.map((grupo, g) => {
      const deCadaShard = lidos.map(({ hashes }) => hashes[g] ?? {});
      return {
        versao: versoes[g] ?? '',
        valor: this.#soma(grupo, deCadaShard, versoes[g]?.includes(SEM_DIAS) !== true),
      };
    });
  }

  /** @param comDias without them clients by day are left out: some are worse than none */
  #soma(grupo: string, hashes: readonly Hash[], comDias: boolean): C[] {
    const total = new Map<string, number>();
    for (const hash of hashes) {
      for (const [campo, n] of Object.entries(hash)) total.set(campo, (total.get(campo) ?? 0) + Number(n));
    }
    if (!comDias) for (const campo of total.keys()) if (ehDeDia(campo)) total.delete(campo);
    return Array.from(total, ([campo, n]) => this.#faz(nomeDoCampo(grupo, campo), n));
  }
}
