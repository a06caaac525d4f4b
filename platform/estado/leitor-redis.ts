import type { EstadoCliente } from '#domain/cliente.ts';
import { contadorDe, metricaDoNome } from '#domain/indicadores.ts';
import { mesesEntre } from '#domain/tempo.ts';
import { allOf } from '../all-of.ts';
import { RetryableError } from '../errors.ts';
import { murmur2Partition } from '../kafka/partitioner.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import {
  apuracaoDaGeracao,
  ChavesDoShard,
  donoDaChave,
  ehDeDia,
  geracaoInicial,
  grupoDoIndicador,
  grupoDoMes,
  mesDoGrupo,
  nomeDoCampo,
  padraoDeClientes,
} from './chaves.ts';
import { decodificaEstado } from './codificacao.ts';
import { Contados } from './contados.ts';
import { shardComDias } from './forma.ts';
import { type EmVigor, geracaoViva, posicaoParada, SEM_APURACOES, varre } from './geracoes.ts';
import type { ContadoDeIndicador, ContadoDeMetrica, LeitorDeEstado, LeituraDeEstado } from './leitor.ts';

export interface OpcoesDoLeitor {
  /** Of `lancamentos`: the number of shards. */
  particoes: number;
  /** Which keys, live or not; without it those of the generation that is live at each call. */
  geracao?: string;
  /** Which apuração's decisions a Redis without any state is filled with. */
  emVigor?: EmVigor;
}

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

/** A generation, and its keys by shard. */
interface Geracao {
  nome: string;
  shards: readonly ChavesDoShard[];
}

function geracaoDe(nome: string, particoes: number): Geracao {
  return { nome, shards: Array.from({ length: particoes }, (_, n) => new ChavesDoShard(n, nome)) };
}

class LeitorRedis implements LeitorDeEstado {
  readonly #redis: RedisConnection;
  readonly #particoes: number;
  readonly #fixa: boolean;
  readonly #emVigor: EmVigor;
  readonly #indicadores: Contados<ContadoDeIndicador>;
  readonly #metricas: Contados<ContadoDeMetrica>;
  /** Where the next read is made. */
  #lida: Geracao;

  constructor(redis: RedisConnection, { particoes, geracao, emVigor = SEM_APURACOES }: OpcoesDoLeitor) {
    this.#redis = redis;
    this.#particoes = particoes;
    this.#fixa = geracao !== undefined;
    this.#emVigor = emVigor;
    this.#indicadores = new Contados(redis, (nome, n) => ({ ...contadorDe(nome), n }));
    this.#metricas = new Contados(redis, (nome, n) => ({ ...metricaDoNome(nome), n }));
    this.#lida = geracaoDe(geracao ?? geracaoInicial(emVigor()), particoes);
  }

  deUmaGeracao<T>(le: (leitura: LeituraDeEstado) => Promise<T>): Promise<T> {
    return this.#daViva(async ({ nome, shards }) => {
      return le({
        geracao: nome,
        apuracao: apuracaoDaGeracao(nome),
        gravado: (id) => this.#gravado(shards, id),
        indicador: async (codigo, periodo) => {
          const grupos = [grupoDoIndicador(codigo, periodo)];
          const [versao = ''] = await this.#indicadores.versoes(shards, grupos);
          const le = async () => (await this.#indicadores.le(shards, grupos, [versao]))[0] ?? { versao, valor: [] };
          return { versao, le };
        },
        metricas: async (meses) => {
          const grupos = meses.map(grupoDoMes);
          const versoes = await this.#metricas.versoes(shards, grupos);
          return {
            versao: versoes.join(';'),
            le: async () => {
              const valor = await this.#metricas.le(shards, grupos, versoes);
              return { versao: valor.map((mes) => mes.versao).join(';'), valor };
            },
          };
        },
      });
    });
  }

  async cliente(id: string): Promise<EstadoCliente | null> {
    const gravado = await this.deUmaGeracao((leitura) => leitura.gravado(id));
    return gravado === null ? null : decodificaEstado(gravado);
  }

  async indicador(codigo: string, periodo: string): ReturnType<LeitorDeEstado['indicador']> {
    return this.deUmaGeracao(async (leitura) => (await (await leitura.indicador(codigo, periodo)).le()).valor);
  }

  async metricas(de: string, ate: string): ReturnType<LeitorDeEstado['metricas']> {
    const meses = mesesEntre(de.slice(0, 7), ate.slice(0, 7));
    const { valor } = await this.deUmaGeracao(async (leitura) => (await leitura.metricas(meses)).le());
    return valor.flatMap((mes) => mes.valor.filter(({ dia }) => dia >= de && dia <= ate));
  }

  apuracao(): Promise<number> {
    return this.deUmaGeracao(async ({ apuracao }) => apuracao);
  }

  async posicoes(): Promise<Map<number, number>> {
    const lidas = await this.#daViva(({ shards }) => {
      return toRetryable(Promise.all(shards.map((shard) => this.#redis.get(shard.posicao))));
    });
    return new Map(lidas.map((posicao, n) => [n, posicaoParada(posicao) ?? Number(posicao ?? 0)]));
  }

  async *titulares(shards?: ReadonlySet<number>): ReturnType<LeitorDeEstado['titulares']> {
    const comuns = new Map<string, EstadoCliente>();
    for await (const { titular, estado } of this.#todos(shards)) {
      if (titular.startsWith('ni:')) comuns.set(titular, une(comuns.get(titular), estado));
      else yield { titular, estado };
    }
    for (const [titular, estado] of comuns) yield { titular, estado };
  }

  contadores(): ReturnType<LeitorDeEstado['contadores']> {
    const daMetrica = (grupo: string): boolean => mesDoGrupo(grupo) !== null;
    return this.#daViva(async ({ shards }) => {
      const comDias = (await Promise.all(shards.map((shard) => shardComDias(this.#redis, shard)))).every(Boolean);
      const metricas = await this.#soma(shards, async (s) => (await this.#grupos(s)).filter(daMetrica));
      const deTodos = async (s: ChavesDoShard) => (await this.#grupos(s)).filter((g) => !daMetrica(g));
      const indicadores = await this.#soma(shards, deTodos, comDias);
      return { indicadores, metricas, comDias };
    });
  }

  async close(): Promise<void> {
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }

  /**
   * Reads from one generation alone: if another one is live after the reads, all of them are made again from that one.
   * A generation that is live to the end is whole; one that was live before may be going, and what failed there may not
   * fail in the other.
   */
  async #daViva<T>(le: (lida: Geracao) => Promise<T>): Promise<T> {
    for (;;) {
      const lida = this.#lida;
      const lido = await le(lida).then(
        (valor) => ({ valor }),
        (erro: unknown) => ({ erro }),
      );
      if (!(await this.#continuaViva(lida))) continue;
      if ('erro' in lido) throw lido.erro;
      return lido.valor;
    }
  }

  /** Whether what was read is still the live generation; if not, what is read next is. */
  async #continuaViva(lida: Geracao): Promise<boolean> {
    if (this.#fixa) return true;
    const viva = await geracaoViva(this.#redis, this.#emVigor);
    if (viva === lida.nome) return true;
    this.#lida = geracaoDe(viva, this.#particoes);
    return false;
  }

  #gravado(shards: readonly ChavesDoShard[], id: string): Promise<Buffer | null> {
    const shard = shards[murmur2Partition(id, shards.length)];
    if (shard === undefined) throw new Error('o leitor foi feito sem partições');
    return toRetryable(this.#redis.getBuffer(shard.cliente(id)));
  }

  #grupos(shard: ChavesDoShard): Promise<string[]> {
    return toRetryable(this.#redis.smembers(shard.grupos));
  }

  /**
   * The counters of the groups chosen in each shard, by whole name, added up. In each shard a group at a time: of millions of
   * counters asked for at once the last would be given up for late, while those before are still taken in.
   */
  async #soma(
    shards: readonly ChavesDoShard[],
    escolhe: (shard: ChavesDoShard) => Promise<string[]>,
    comDias = true,
  ): Promise<Map<string, number>> {
    const total = new Map<string, number>();
    const somaShard = async (shard: ChavesDoShard): Promise<void> => {
      for (const grupo of await escolhe(shard)) {
        const campos = await this.#campos(shard.grupo(grupo));
        for (let em = 0; em < campos.length; em += 2) {
          const campo = campos[em] ?? '';
          if (comDias || !ehDeDia(campo)) soma(total, nomeDoCampo(grupo, campo), Number(campos[em + 1]));
        }
      }
    };
    await allOf(shards.map(somaShard));
    return total;
  }

  /**
   * A hash as Redis sends it, names and values in turn. `hgetall` makes one object of them, which for thousands of names costs
   * more than all the rest; of a command by its name in capitals nothing is made.
   */
  async #campos(chave: string): Promise<string[]> {
    const campos = await toRetryable(this.#redis.call('HGETALL', chave));
    if (!Array.isArray(campos)) throw new Error('o Redis não deu os campos um depois do outro');
    return campos;
  }

  /** @throws RetryableError also where another generation became the live one meanwhile */
  async *#todos(shards?: ReadonlySet<number>): AsyncIterable<{ titular: string; estado: EstadoCliente }> {
    await this.#continuaViva(this.#lida);
    const lida = this.#lida;
    // SCAN may give a key twice.
    const dadas = new Set<string>();
    for await (const chaves of varre(this.#redis, padraoDeClientes(lida.nome))) {
      const pedidas = chaves.filter((chave) => shards?.has(donoDaChave(chave).particao) ?? true);
      const novas = pedidas.filter((chave) => !dadas.has(chave));
      for (const chave of novas) dadas.add(chave);
      yield* await this.#le(novas);
    }
    if (!(await this.#continuaViva(lida))) throw new RetryableError('outra geração do estado tomou o lugar da lida');
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
}

/** The state that the aggregator keeps in this Redis. Methods throw RetryableError while it is away. */
export function leitorDeEstado(redis: RedisConnection, opcoes: OpcoesDoLeitor): LeitorDeEstado {
  return new LeitorRedis(redis, opcoes);
}
