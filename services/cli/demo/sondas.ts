import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as espera } from 'node:timers/promises';
import { pseudonimizador } from '#domain/documento.ts';
import { CodedError } from '#platform/errors.ts';
import { Produtor, transporteHttp } from '#producer/index.ts';
import { SONDA } from './acesso.ts';
import { ofertaDoAno, solucoesDe } from './catalogo.ts';
import { Clientes } from './clientes.ts';

/** Milliseconds from the POST of an event to the moment its client's page shows it. */
export interface Latencia {
  amostras: number;
  /** Not seen within two minutes; in no percentile. */
  perdidas: number;
  p50: number;
  p99: number;
  maxima: number;
}

export interface OpcoesDasSondas {
  /** Where ingest answers. */
  porta: string;
  chave: string;
  /** Where the api answers, and a key that may read. */
  api: string;
  chaveDeConsulta: string;
  clientIdKey: string;
}

/** How often a probe asks: what it measures is that much coarse. */
const LEITURA_EM_DIA_MS = 10;
const LEITURA_NA_CARGA_MS = 150;
const ENTRE_SONDAS_MS = 1_000;
const DESISTE_MS = 120_000;
const SEMENTES = 1_000_000;
const PESSOAS = 100_000_000;

/** @param tempos milliseconds; null: never seen. Without any seen, null. */
export function latenciaDe(tempos: readonly (number | null)[]): Latencia | null {
  const ordenados = tempos.filter((t) => t !== null).toSorted((a, b) => a - b);
  const amostras = ordenados.length;
  if (amostras === 0) return null;
  const percentil = (p: number): number => ordenados[Math.ceil(p * amostras) - 1] ?? Number.NaN;
  const perdidas = tempos.length - amostras;
  return { amostras, perdidas, p50: percentil(0.5), p99: percentil(0.99), maxima: percentil(1) };
}

/** Sends events of clients never seen before, one each, and asks the api for them until it knows them. */
export class Sondas {
  readonly #opcoes: OpcoesDasSondas;
  readonly #produtor: Produtor;
  readonly #clientes = new Clientes(randomInt(SEMENTES), 0);
  enviadas = 0;

  constructor(opcoes: OpcoesDasSondas) {
    this.#opcoes = opcoes;
    const transporte = transporteHttp({ url: opcoes.porta, chave: opcoes.chave });
    this.#produtor = new Produtor({ source: SONDA, transporte, esperaMs: 0 });
  }

  async #uma(leituraMs: number): Promise<number | null> {
    const cpf = this.#clientes.cpf(randomInt(PESSOAS));
    const solucao = solucoesDe('ferramenta')[0];
    const inicio = performance.now();
    this.enviadas += 1;
    await this.#produtor.send({
      tipo: 'momento-digital',
      time: new Date(),
      id: randomUUID(),
      data: {
        tipoSolucao: solucao.tipoSolucao,
        solucaoId: solucao.id,
        disponibilizacaoId: ofertaDoAno(solucao, 2026),
        unidade: 'NA',
        canal: 'portal',
        cliente: { pf: { cpf } },
        momento: 'concluiu',
      },
    });
    const id = pseudonimizador(this.#opcoes.clientIdKey)(cpf);
    while (performance.now() - inicio < DESISTE_MS) {
      if (await this.#visivel(id)) return performance.now() - inicio;
      await espera(leituraMs);
    }
    return null;
  }

  /** The client has one event only: to be known is to have its status. An api that is away shows nothing to anybody. */
  async #visivel(id: string): Promise<boolean> {
    const resposta = await fetch(`${this.#opcoes.api}/v1/clientes/${encodeURIComponent(id)}`, {
      headers: { authorization: `Bearer ${this.#opcoes.chaveDeConsulta}` },
    }).catch(() => null);
    await resposta?.body?.cancel();
    if (resposta === null || resposta.status === 404 || resposta.status >= 500) return false;
    if (!resposta.ok) throw new CodedError('DEMO_SEM_ACESSO', `a api recusou a sonda (${resposta.status})`);
    return true;
  }

  /** `quantas` probes, one after the other: what an event takes when the line has nothing else to do. */
  async emSeguida(quantas: number): Promise<Latencia | null> {
    const tempos: (number | null)[] = [];
    for (let n = 0; n < quantas; n += 1) tempos.push(await this.#uma(LEITURA_EM_DIA_MS));
    return latenciaDe(tempos);
  }

  /** One probe a second, beside each other, until told that it is enough; those under way then are seen through. */
  async enquanto(continua: () => boolean): Promise<Latencia | null> {
    const emVoo: Promise<number | null>[] = [];
    while (continua()) {
      emVoo.push(this.#uma(LEITURA_NA_CARGA_MS));
      // Told below; a failure before that must not end the process.
      emVoo.at(-1)?.catch(() => undefined);
      await espera(ENTRE_SONDAS_MS);
    }
    return latenciaDe(await Promise.all(emVoo));
  }

  fecha(): Promise<void> {
    return this.#produtor.close();
  }
}
