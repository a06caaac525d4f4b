import type { ChainableCommander } from 'ioredis';
import { type RedisConnection, toRetryable } from '../redis.ts';
import { type ChavesDoShard, ehDaForma, ehDeDia, FORMA, nomeDoCampo } from './chaves.ts';
import type { Versao } from './leitor.ts';
import { respostas } from './respostas.ts';

type Hash = Record<string, string>;

const SEM_DIAS = '?';

/** The most counters that are remembered, some 250 bytes each. */
const LEMBRADOS = 300_000;

/** A counter of a group: as it was read last, and its sum over the shards while it is read anew. */
interface Campo<C> {
  contado: C;
  soma: number;
  /** In which reading the sum is. */
  vez: number;
}

/** By field. Of the next version most are the same: neither their names are taken apart again, nor they made again. */
type Campos<C> = Map<string, Campo<C>>;

interface Lembrado<C> {
  versao: string;
  lido: Promise<Versao<readonly C[]>>;
  /** What it weighs; null while it is being read. */
  quantos: number | null;
  campos: Campos<C>;
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

const PERGUNTAS = 3;

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
export class Contados<C extends { readonly n: number }> {
  readonly #redis: RedisConnection;
  readonly #faz: (nome: string, n: number) => C;
  readonly #limite: number;
  /** The least recently used first. */
  readonly #lembrados = new Map<string, Lembrado<C>>();
  #vez = 0;

  /** @param faz a counter from its whole name */
  constructor(redis: RedisConnection, faz: (nome: string, n: number) => C, limite: number = LEMBRADOS) {
    this.#redis = redis;
    this.#faz = faz;
    this.#limite = limite;
  }

  /** The version of each group, now. One round trip. */
  async versoes(shards: readonly ChavesDoShard[], grupos: readonly string[]): Promise<string[]> {
    // In a Cluster each shard may be on another node; else all are asked in one go, which costs a sixth.
    const juntos = this.#redis.isCluster ? shards.map((shard) => [shard]) : [shards];
    const lidas = await Promise.all(
      juntos.map(async (destes) => {
        const fila = this.#redis.pipeline();
        for (const shard of destes) pergunta(fila, shard, grupos);
        const ditos = await toRetryable(fila.exec().then((r) => respostas<unknown>(r)));
        return destes.map((_, n) => versoesDe(ditos.slice(n * PERGUNTAS, (n + 1) * PERGUNTAS) as DitoDoShard));
      }),
    );
    return juntas(lidas.flat(), grupos);
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
      const campos = faltam.map((g) => this.#lembrados.get(chave(g))?.campos ?? (new Map() as Campos<C>));
      const leitura = this.#leJuntos(
        shards,
        faltam.map((g) => grupos[g] ?? ''),
        campos,
      );
      for (const [i, g] of faltam.entries()) {
        const lido = leitura.then((todos) => todos[i] ?? { versao: versoes[g] ?? '', valor: [] });
        this.#lembra(chave(g), { versao: versoes[g] ?? '', lido, quantos: null, campos: campos[i] ?? new Map() });
      }
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

  #lembra(chave: string, lembrado: Lembrado<C>): void {
    this.#lembrados.delete(chave);
    this.#lembrados.set(chave, lembrado);
    lembrado.lido.then(
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
  async #leJuntos(
    shards: readonly ChavesDoShard[],
    grupos: readonly string[],
    campos: readonly Campos<C>[],
  ): Promise<Versao<readonly C[]>[]> {
    const lidos = await Promise.all(
      shards.map(async (shard) => {
        const transacao = pergunta(this.#redis.multi(), shard, grupos);
        for (const grupo of grupos) transacao.hgetall(shard.grupo(grupo));
        const lido = await toRetryable(transacao.exec().then((r) => respostas<unknown>(r)));
        return { versoes: versoesDe(lido.slice(0, PERGUNTAS) as DitoDoShard), hashes: lido.slice(PERGUNTAS) as Hash[] };
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
        valor: this.#soma(campos[g] ?? new Map(), grupo, deCadaShard, versoes[g]?.includes(SEM_DIAS) !== true),
      };
    });
  }

  /** @param comDias without them clients by day are left out: some are worse than none */
  #soma(campos: Campos<C>, grupo: string, hashes: readonly Hash[], comDias: boolean): C[] {
    this.#vez += 1;
    const vez = this.#vez;
    const achados: Campo<C>[] = [];
    for (const hash of hashes) {
      for (const [nome, n] of Object.entries(hash)) {
        if (!comDias && ehDeDia(nome)) continue;
        const campo = campos.get(nome) ?? { contado: this.#faz(nomeDoCampo(grupo, nome), 0), soma: 0, vez: 0 };
        if (campo.vez === 0) campos.set(nome, campo);
        if (campo.vez !== vez) {
          campo.vez = vez;
          campo.soma = 0;
          achados.push(campo);
        }
        campo.soma += Number(n);
      }
    }
    return achados.map((campo) => {
      // Never changed in place: who asked before still holds it.
      if (campo.contado.n !== campo.soma) campo.contado = { ...campo.contado, n: campo.soma };
      return campo.contado;
    });
  }
}
