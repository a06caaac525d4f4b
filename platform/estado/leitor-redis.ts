import type { EstadoCliente } from '#domain/cliente.ts';
import { contadorDe, metricaDoNome } from '#domain/indicadores.ts';
import { murmur2Partition } from '../kafka/partitioner.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import { ChavesDoShard, donoDaChave, grupoDoIndicador, mesDoGrupo, nomeDoCampo, padraoDeClientes } from './chaves.ts';
import { decodificaEstado } from './codificacao.ts';
import type { LeitorDeEstado } from './leitor.ts';
import { respostas } from './respostas.ts';

const CHAVES_POR_SCAN = 1_000;

export interface OpcoesDoLeitor {
  /** Of `lancamentos`: the number of shards. */
  particoes: number;
  /** Which keys; the current generation by default. */
  geracao?: string;
}

type Hash = Record<string, string>;

function soma(total: Map<string, number>, nome: string, n: number): void {
  total.set(nome, (total.get(nome) ?? 0) + n);
}

/** The same holder in two shards: those not identified fall in any partition, each event in one. */
function une(a: EstadoCliente | undefined, b: EstadoCliente): EstadoCliente {
  if (a === undefined) return b;
  for (const p of b.portadores) a.portadores.push(p);
  for (const e of b.estornados) a.estornados.add(e);
  for (const v of b.vistos) a.vistos.add(v);
  return a;
}

class LeitorRedis implements LeitorDeEstado {
  readonly #redis: RedisConnection;
  readonly #shards: ChavesDoShard[];
  readonly #geracao: string | undefined;

  constructor(redis: RedisConnection, { particoes, geracao }: OpcoesDoLeitor) {
    this.#redis = redis;
    this.#geracao = geracao;
    this.#shards = Array.from({ length: particoes }, (_, n) => new ChavesDoShard(n, geracao));
  }

  async cliente(id: string): Promise<EstadoCliente | null> {
    const shard = this.#shards[murmur2Partition(id, this.#shards.length)];
    if (shard === undefined) throw new Error('o leitor foi feito sem partições');
    const valor = await toRetryable(this.#redis.getBuffer(shard.cliente(id)));
    return valor === null ? null : decodificaEstado(valor);
  }

  async indicador(codigo: string, periodo: string): ReturnType<LeitorDeEstado['indicador']> {
    const grupo = grupoDoIndicador(codigo, periodo);
    const total = await this.#soma(() => Promise.resolve([grupo]));
    return [...total].map(([nome, n]) => ({ ...contadorDe(nome), n }));
  }

  async metricas(de: string, ate: string): ReturnType<LeitorDeEstado['metricas']> {
    const total = await this.#soma(async (shard) => {
      const grupos = await this.#grupos(shard);
      return grupos.filter((grupo) => {
        const mes = mesDoGrupo(grupo);
        return mes !== null && mes >= de.slice(0, 7) && mes <= ate.slice(0, 7);
      });
    });
    return [...total].map(([nome, n]) => ({ ...metricaDoNome(nome), n })).filter(({ dia }) => dia >= de && dia <= ate);
  }

  async posicoes(): Promise<Map<number, number>> {
    const lidas = await toRetryable(Promise.all(this.#shards.map((shard) => this.#redis.get(shard.posicao))));
    return new Map(lidas.map((posicao, n) => [n, Number(posicao ?? 0)]));
  }

  async *titulares(shards?: ReadonlySet<number>): ReturnType<LeitorDeEstado['titulares']> {
    const comuns = new Map<string, EstadoCliente>();
    for await (const { titular, estado } of this.#todos(shards)) {
      if (titular.startsWith('ni:')) comuns.set(titular, une(comuns.get(titular), estado));
      else yield { titular, estado };
    }
    for (const [titular, estado] of comuns) yield { titular, estado };
  }

  async contadores(): ReturnType<LeitorDeEstado['contadores']> {
    const daMetrica = (grupo: string): boolean => mesDoGrupo(grupo) !== null;
    const metricas = await this.#soma(async (shard) => (await this.#grupos(shard)).filter(daMetrica));
    const indicadores = await this.#soma(async (shard) => (await this.#grupos(shard)).filter((g) => !daMetrica(g)));
    return { indicadores, metricas };
  }

  async close(): Promise<void> {
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }

  #grupos(shard: ChavesDoShard): Promise<string[]> {
    return toRetryable(this.#redis.smembers(shard.grupos));
  }

  /** The counters of the groups chosen in each shard, by whole name, added up. One pipeline a shard. */
  async #soma(escolhe: (shard: ChavesDoShard) => Promise<string[]>): Promise<Map<string, number>> {
    const total = new Map<string, number>();
    const deCadaShard = await Promise.all(
      this.#shards.map(async (shard) => {
        const grupos = await escolhe(shard);
        const pipeline = this.#redis.pipeline();
        for (const grupo of grupos) pipeline.hgetall(shard.grupo(grupo));
        const hashes = await toRetryable(pipeline.exec().then((r) => respostas<Hash>(r)));
        return grupos.map((grupo, i) => [grupo, hashes[i] ?? {}] as const);
      }),
    );
    for (const [grupo, hash] of deCadaShard.flat()) {
      for (const [campo, n] of Object.entries(hash)) soma(total, nomeDoCampo(grupo, campo), Number(n));
    }
    return total;
  }

  async *#todos(shards?: ReadonlySet<number>): AsyncIterable<{ titular: string; estado: EstadoCliente }> {
    // SCAN may give a key twice.
    const dadas = new Set<string>();
    for (const no of this.#nos()) {
      let cursor = '0';
      do {
        const varredura = no.scan(cursor, 'MATCH', padraoDeClientes(this.#geracao), 'COUNT', CHAVES_POR_SCAN);
        const [proximo, chaves] = await toRetryable(varredura);
        cursor = proximo;
        const pedidas = chaves.filter((chave) => shards?.has(donoDaChave(chave).particao) ?? true);
        const novas = pedidas.filter((chave) => !dadas.has(chave));
        for (const chave of novas) dadas.add(chave);
        yield* await this.#le(novas);
      } while (cursor !== '0');
    }
  }

  /** The states behind keys of any shards. */
  async #le(chaves: readonly string[]): Promise<{ titular: string; estado: EstadoCliente }[]> {
    const donos = chaves.map((chave) => ({ chave, ...donoDaChave(chave) }));
    const porShard = Map.groupBy(donos, ({ particao }) => particao);
    const lidos = await Promise.all(
      [...porShard.values()].map(async (doShard) => {
        const valores = await toRetryable(this.#redis.mgetBuffer(doShard.map(({ chave }) => chave)));
        return doShard.map(({ titular }, i) => ({ titular, valor: valores[i] ?? null }));
      }),
    );
    return lidos.flat().flatMap(({ titular, valor }) => {
      return valor === null ? [] : [{ titular, estado: decodificaEstado(valor) }];
    });
  }

  /** Where keys may be: in a Cluster, every master. */
  #nos(): readonly Pick<RedisConnection, 'scan'>[] {
    return 'nodes' in this.#redis ? this.#redis.nodes('master') : [this.#redis];
  }
}

/** The state that the aggregator keeps in this Redis. Methods throw RetryableError while it is away. */
export function leitorDeEstado(redis: RedisConnection, opcoes: OpcoesDoLeitor): LeitorDeEstado {
  return new LeitorRedis(redis, opcoes);
}
