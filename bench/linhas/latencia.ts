import { setTimeout as espera } from 'node:timers/promises';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { header } from '#platform/codec.ts';
import { ChavesDoShard } from '#platform/estado/chaves.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { OutputRecord, Producer } from '#platform/kafka/port.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { solucoesDe } from '../../services/cli/demo/catalogo.ts';
import { leCarga } from '../carga.ts';
import type { Contexto, Medida } from './contexto.ts';
import { comRedis } from './redis.ts';

export const EVENTOS_POR_SEGUNDO = 5_000;
const PASSO_MS = 10;
const SONDA_A_CADA_MS = 50;
const OLHA_MS = 3;
/** Of the time given: a broker compiles for half a minute what is new to it, on the same two cores. */
const AQUECE = 0.5;
const DESISTE_MS = 20_000;

/** A moment that counts, of a client that nobody has heard of. */
function sonda(n: number): Interacao {
  const pf = `pf:sonda${process.pid.toString(36)}${n}`.padEnd(25, '0').slice(0, 25);
  const [solucao] = solucoesDe('curso-autoinstrucional');
  return {
    ...INTERACAO_VAZIA,
    source: 'lms-ead',
    id: `sonda-${process.pid}-${n}`,
    tipoInteracao: 'momento-digital',
    time: Date.parse('2026-05-05T10:00:00-03:00'),
    unidade: 'SP',
    tipoSolucao: 'curso-autoinstrucional',
    solucaoId: solucao.id,
    canal: 'ead',
    cliente: { pf, pj: null, naoIdentificado: null },
    momento: 'inicio',
  };
}

interface Envio {
  arquivo: string;
  /** When to stop, by performance.now(). */
  fim: number;
  /** Events a second. */
  ritmo: number;
}

/** Sends the load at a steady pace until it ends, or until `fim`. Returns how many events were sent. */
export async function mandaSempre(
  conexoes: Conexoes,
  producer: Producer,
  { arquivo, fim, ritmo }: Envio,
): Promise<number> {
  const cabecalho = header(conexoes.interacoes.schemaId);
  const porPasso = (ritmo * PASSO_MS) / 1000;
  const inicio = performance.now();
  let enviados = 0;
  const falhas: unknown[] = [];
  for await (const registros of leCarga(arquivo)) {
    for (let i = 0; i < registros.length; i += porPasso) {
      if (falhas.length > 0) throw falhas[0];
      if (performance.now() > fim) return enviados;
      const lote = registros.slice(i, i + porPasso).map(({ topico, chave, corpo }): OutputRecord => {
        return { topic: topico, key: chave, value: Buffer.concat([cabecalho, corpo]) };
      });
      producer.send(lote).catch((erro: unknown) => falhas.push(erro));
      enviados += lote.length;
      const devido = inicio + (enviados / ritmo) * 1000;
      await espera(Math.max(0, devido - performance.now()));
    }
  }
  return enviados;
}

/** Waits for the status of many clients with one question to Redis at a time, so that asking costs the line little. */
class Espera {
  readonly #url: string;
  readonly #particoes: number;
  readonly #aceitos = new Map<string, number>();
  readonly tempos: number[] = [];

  constructor(url: string, particoes: number) {
    this.#url = url;
    this.#particoes = particoes;
  }

  /** From now, when all in-sync replicas have the event. */
  aceito(id: string): void {
    const chave = new ChavesDoShard(murmur2Partition(id, this.#particoes)).cliente(id);
    this.#aceitos.set(chave, performance.now());
  }

  /** Until `fim` has passed and everyone was seen. @throws where someone never is */
  async olha(fim: number): Promise<void> {
    await comRedis(this.#url, async (redis) => {
      while (performance.now() < fim || this.#aceitos.size > 0) {
        if (performance.now() > fim + DESISTE_MS) throw new Error(`${this.#aceitos.size} sondas não chegaram ao Redis`);
        const chaves = [...this.#aceitos.keys()];
        const valores = chaves.length === 0 ? [] : await redis.mgetBuffer(chaves);
        const agora = performance.now();
        for (const [i, chave] of chaves.entries()) {
          if (!valores[i]) continue;
          this.tempos.push(agora - (this.#aceitos.get(chave) ?? agora));
          this.#aceitos.delete(chave);
        }
        await espera(OLHA_MS);
      }
    });
  }
}

/** Sends a probe, and says when it was accepted. */
async function umaSonda({ interacoes }: Conexoes, producer: Producer, n: number, espera: Espera): Promise<void> {
  const interacao = sonda(n);
  const id = interacao.cliente?.pf ?? '';
  await producer.send([{ topic: 'interacoes', key: id, value: interacoes.encode(interacao) }]);
  espera.aceito(id);
}

export function percentil(ordenados: readonly number[], p: number): number {
  return ordenados[Math.min(ordenados.length - 1, Math.floor(ordenados.length * p))] ?? Number.NaN;
}

/** With the services up and nothing behind: a steady flow, and probes among it in its second half. */
export async function mede(contexto: Contexto): Promise<Medida[]> {
  const { segundosDeLatencia, cargaContinua, diz } = contexto;
  return conectado(async (conexoes) => {
    const [fluxo, sondas] = [await conexoes.kafka.producer(), await conexoes.kafka.producer()];
    const aguarda = new Espera(conexoes.config.redis.url, await conexoes.admin.partitionCount('lancamentos'));
    const inicio = performance.now();
    const fim = inicio + segundosDeLatencia * 1000;
    const enviando = mandaSempre(conexoes, fluxo, { arquivo: cargaContinua, fim, ritmo: EVENTOS_POR_SEGUNDO });
    await espera(AQUECE * segundosDeLatencia * 1000);
    const olhando = aguarda.olha(fim);
    for (let n = 0; performance.now() < fim; n += 1) {
      await umaSonda(conexoes, sondas, n, aguarda);
      await espera(SONDA_A_CADA_MS);
    }
    const enviados = await enviando;
    const ritmo = enviados / ((performance.now() - inicio) / 1000);
    await olhando;
    await Promise.all([fluxo.close(), sondas.close()]);
    const ordenados = aguarda.tempos.sort((a, b) => a - b);
    const [p50, p99] = [percentil(ordenados, 0.5), percentil(ordenados, 0.99)];
    diz(`  até o status: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, a ${Math.round(ritmo)} eventos/s`);
    return [
      { linha: 'status-p50', valor: p50, registros: ordenados.length },
      { linha: 'status-p99', valor: p99, registros: ordenados.length },
      { linha: 'status-ritmo', valor: ritmo, registros: enviados },
    ];
  });
}
