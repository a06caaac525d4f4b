import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { inject, onTestFinished } from 'vitest';
import { dobra, type EstadoCliente, estadoVazio, titularDe } from '#domain/cliente.ts';
import { acumulaDiferenca, type Contadores, contribuicoes, somaMetricas } from '#domain/indicadores.ts';
import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { typeOf } from '#platform/codec-types.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import type { LeitorDeEstado } from '#platform/estado/leitor.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { InputRecord, OutputRecord, ReadOptions, Round } from '#platform/kafka/port.ts';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { Aggregator, type Dependencias } from '../../services/aggregator/aggregator.ts';
import { criaMedidas } from '../../services/aggregator/medidas.ts';
import { semApuracoes } from './seguidas.ts';

export const rulebooks = await loadRulebooks();

/** The same numbers for the same seed (mulberry32). */
export function sorteio(semente: number): (n: number) => number {
  let s = semente;
  return (n) => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n);
  };
}

const TIPOS = ['palestra', 'curso', 'consultoria', 'ferramenta'];

/**
 * Entries in which everything meets: deliveries reported twice, events delivered twice, estornos before and after what
 * they take back, two years, PF with and without PJ, students not identified.
 * @param prefixo keeps the clients of one test apart from another's
 */
export function sorteiaLancamentos(quantos: number, semente: number, prefixo = 't'): Lancamento[] {
  const ate = sorteio(semente);
  const clientes = Math.max(4, quantos / 8);
  return Array.from({ length: quantos }, (): Lancamento => {
    const quem = ate(10);
    const cliente = quem === 0 ? null : `${quem < 3 ? 'pj' : 'pf'}:${prefixo}${ate(clientes)}`;
    const que = ate(10);
    const tipoSolucao = TIPOS[ate(TIPOS.length)] ?? 'curso';
    const event = { source: `s${ate(2)}`, id: `${cliente ?? 'ni'}-${ate(20)}` };
    const base = {
      ...event,
      cliente,
      time: Date.UTC(2025 + ate(2), ate(12), 1 + ate(28), ate(24)),
      principal: ate(4) > 0,
      tipoSolucao,
      unidade: ['SP', 'MG', 'NA'][ate(3)] ?? 'NA',
      canal: 'portal',
      modalidade: 'a-distancia',
      credito: null,
      estornada: null,
    };
    if (que < 5) {
      const credito = {
        chave: `${tipoSolucao}|disponibilizacaoId=O${ate(5)}`,
        quantidade: cliente === null ? 1 + ate(30) : 1,
        comPj: ate(2) === 0,
        ladoDePf: cliente?.startsWith('pj:') === true && ate(2) === 0,
      };
      return { ...base, metrica: 'atendimento', motivo: 'CONSOLIDACAO_DE_PARTICIPACAO', credito };
    }
    if (que < 7) {
      const estornada = { source: `s${ate(2)}`, id: `${cliente ?? 'ni'}-${ate(20)}` };
      return { ...base, id: `e${ate(1_000_000)}`, metrica: 'jornada', motivo: 'ESTORNO', estornada };
    }
    return { ...base, metrica: 'jornada', motivo: 'CADASTRO_OU_LOGIN' };
  });
}

/** Lots as the classifier writes them: by partition, up to `porLote` entries, offsets with gaps. */
export function emLotes(lancamentos: readonly Lancamento[], particoes: number, porLote: number): InputRecord[][] {
  const porParticao: Lancamento[][] = Array.from({ length: particoes }, () => []);
  for (const l of lancamentos) porParticao[murmur2Partition(chaveDoLancamento(l), particoes)]?.push(l);
  return porParticao.map((entradas) => {
    const lotes: InputRecord[] = [];
    for (let i = 0; i < entradas.length; i += porLote) {
      const value = typeOf('LoteDeLancamentos').toBuffer({ lancamentos: entradas.slice(i, i + porLote) });
      const ultimo = lotes.at(-1)?.offset ?? 3;
      lotes.push({ offset: ultimo + 1 + (i % 3), timestamp: 0, key: null, value, headers: {} });
    }
    return lotes;
  });
}

export const lotes: Dependencias['lotes'] = {
  prepareIds: async () => {},
  decodeSync: (valor) => typeOf('LoteDeLancamentos').fromBuffer(valor ?? Buffer.alloc(0)),
};
export const clientesAtendidos: Dependencias['clientesAtendidos'] = {
  encode: (valor) => Buffer.from(JSON.stringify(valor)),
};

/** What the admin tells of a ledger in memory. */
export const adminDe = (logs: readonly InputRecord[][]) => ({
  offsets: async () => logs.map((log, partition) => ({ partition, low: 0, high: (log.at(-1)?.offset ?? -1) + 1 })),
  committed: async () => new Map<number, number | null>(),
});

/** A ledger in memory, by partition; as the real one, it waits for ever for what is beyond its end. */
export const kafkaDe = (logs: readonly InputRecord[][]) => ({
  async readToEnd(topic: string, { from, to, onBatch }: ReadOptions) {
    for (const [partition, log] of logs.entries()) {
      const [de, ate] = [from?.get(partition) ?? 0, to?.get(partition) ?? Number.POSITIVE_INFINITY];
      const records = log.filter(({ offset }) => offset >= de && offset < ate);
      if (to !== undefined && de < ate && ate > (log.at(-1)?.offset ?? -1) + 1) await new Promise(() => {});
      if (records.length > 0) await onBatch({ topic, partition, records });
    }
  },
});

/** Keys of its own for a test, and what reads and writes them. */
export class Bancada {
  readonly redis: RedisConnection = connectRedis(inject('redisUrl'), 'teste');
  readonly geracao: string;
  readonly leitor: LeitorDeEstado;

  constructor(particoes: number, geracao = `teste-${randomUUID().slice(0, 8)}`) {
    this.geracao = geracao;
    this.leitor = leitorDeEstado(this.redis, { particoes, geracao });
    onTestFinished(async () => {
      await this.esvazia();
      this.redis.disconnect();
    });
  }

  async chaves(): Promise<string[]> {
    return this.redis.keys(`${this.geracao}:*`);
  }

  /** All at once: half a shard is no state a Redis can be found in. */
  async esvazia(): Promise<void> {
    const apaga = "for _, chave in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', chave) end";
    await this.redis.eval(apaga, 0, `${this.geracao}:*`);
  }

  /** Everything at one moment: each key, and what it holds. */
  async tudo(): Promise<Buffer[]> {
    const le = `local tudo = {}
      for _, chave in ipairs(redis.call('KEYS', ARGV[1])) do
        table.insert(tudo, chave)
        table.insert(tudo, redis.call('DUMP', chave))
      end
      return tudo`;
    return (await this.redis.callBuffer('EVAL', le, 0, `${this.geracao}:*`)) as Buffer[];
  }

  /** Everything at one moment, to be put back as an old copy of the data file would. */
  async copia(): Promise<() => Promise<void>> {
    const tudo = await this.tudo();
    const escreve = `for _, chave in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', chave) end
      for i = 2, #ARGV, 2 do redis.call('RESTORE', ARGV[i], 0, ARGV[i + 1]) end`;
    return async () => {
      await this.redis.eval(escreve, 0, `${this.geracao}:*`, ...tudo);
    };
  }

  aggregator(outras: Partial<Dependencias> = {}): Aggregator {
    return new Aggregator({
      escritor: new EscritorDeEstado(this.redis, this.geracao),
      lotes,
      clientesAtendidos,
      seguidas: semApuracoes(rulebooks),
      medidas: criaMedidas(new Registry()),
      ...outras,
    });
  }
}

/** What a round's commit is given, in a test where the guard in Redis is what is tested. */
export type AoPublicar = (registros: readonly OutputRecord[]) => Promise<void> | void;

export function rodadaDe(registros: readonly InputRecord[], particao = 0, aoPublicar: AoPublicar = () => {}): Round {
  const next = (registros.at(-1)?.offset ?? -1) + 1;
  const batch = { topic: 'lancamentos', partition: particao, records: registros, next, isStillOurs: () => true };
  return { batches: [batch], commit: async (publicados) => aoPublicar([...publicados]) };
}

/** What the consumer does with a partition, from taking it over to its end: `porVez` records a batch. */
export async function le(
  aggregator: Aggregator,
  log: readonly InputRecord[],
  { particao = 0, porVez = 3, aoPublicar }: { particao?: number; porVez?: number; aoPublicar?: AoPublicar } = {},
): Promise<void> {
  let posicao = await aggregator.assume({ topic: 'lancamentos', partition: particao });
  for (;;) {
    const registros = log.filter((r) => r.offset >= posicao).slice(0, porVez);
    if (registros.length === 0) return;
    const [outra] = await aggregator.aplica(rodadaDe(registros, particao, aoPublicar));
    posicao = outra?.offset ?? (registros.at(-1)?.offset ?? 0) + 1;
  }
}

interface Totais {
  titulares: Record<string, unknown>;
  indicadores: Record<string, number>;
  metricas: Record<string, number>;
}

const ordenado = (m: ReadonlyMap<string, number>): Record<string, number> => Object.fromEntries([...m].sort());

/** A state without the order things came in. */
function semOrdem(estado: EstadoCliente): unknown {
  return {
    portadores: estado.portadores.map((p) => JSON.stringify(Object.entries(p).sort())).sort(),
    estornados: [...estado.estornados].sort(),
    vistos: [...estado.vistos].sort(),
    outrasMetricas: estado.outrasMetricas.map((o) => JSON.stringify(o)).sort(),
  };
}

/** What the entries come to, folded one by one in plain memory. */
export function dobraSimples(lancamentos: readonly Lancamento[], regras: Rulebooks = rulebooks): Totais {
  const estados = new Map<string, EstadoCliente>();
  const metricas: Contadores = new Map();
  for (const l of lancamentos) {
    const estado = estados.get(titularDe(l)) ?? estadoVazio();
    estados.set(titularDe(l), estado);
    somaMetricas(metricas, dobra(estado, [l]).novos);
  }
  const indicadores: Contadores = new Map();
  for (const [titular, estado] of estados) {
    acumulaDiferenca(indicadores, new Map(), contribuicoes(titular, estado, regras));
  }
  const titulares = Object.fromEntries([...estados].sort().map(([titular, e]) => [titular, semOrdem(e)]));
  return { titulares, indicadores: ordenado(indicadores), metricas: ordenado(metricas) };
}

/** What stands in Redis. */
export async function totaisDe(leitor: LeitorDeEstado): Promise<Totais> {
  const pares: [string, unknown][] = [];
  for await (const { titular, estado } of leitor.titulares()) pares.push([titular, semOrdem(estado)]);
  const { indicadores, metricas } = await leitor.contadores();
  const titulares = Object.fromEntries(pares.sort());
  return { titulares, indicadores: ordenado(indicadores), metricas: ordenado(metricas) };
}

/** What a rebuild of this Redis works with, over a ledger in memory. */
export const partesDaReconstrucao = (redis: RedisConnection, logs: readonly InputRecord[][]) => ({
  admin: adminDe(logs),
  kafka: kafkaDe(logs),
  redis,
  lotes,
  clientesAtendidos,
  seguidas: semApuracoes(rulebooks),
  producer: { send: async () => {} },
  topico: 'lancamentos',
  particoes: logs.length,
});
