import { Registry } from 'prom-client';
import { inject } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import { dobra, type EstadoCliente, estadoVazio, titularDe } from '#domain/cliente.ts';
import { pseudonimizador } from '#domain/documento.ts';
import { acumulaContadores, type Contadores, contribuicoes, somaMetricas } from '#domain/indicadores.ts';
import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { TabelaDeCredenciais } from '#platform/credenciais/tabela.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { Readiness } from '#platform/readiness.ts';
import { connectRedis } from '#platform/redis.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { Esquecimentos } from '../../domain/esquecimento.ts';
import { criaApi } from '../../services/api/app.ts';
import { CHAVE_DO_CPF, CHAVE_OPERACAO, CPF, chama, registroEmMemoria } from './http-fixture.ts';
import { gravados } from './state-fixture.ts';

export const PARTICOES = 3;
export const pseudonimo = pseudonimizador(CHAVE_DO_CPF);
export const CLIENTE = pseudonimo(CPF);
export const redis = connectRedis(inject('redisUrl'), 'teste-leitura');
export const rulebooks = await loadRulebooks();

let numero = 0;

/** A counting interaction of the client of all tests; each its own delivery. */
export function conta(time: string, tipoSolucao: string, mais: Partial<Lancamento> = {}): Lancamento {
  numero += 1;
  const chave = `${tipoSolucao}|evento|s|e${numero}`;
  return {
    ...{ source: 's', id: `e${numero}`, cliente: CLIENTE, time: Date.parse(time), principal: true },
    ...{ unidade: 'SP', canal: 'ead', modalidade: 'a-distancia', metrica: 'atendimento', motivo: 'MOMENTO_INICIO' },
    ...{ tipoSolucao, credito: { chave, quantidade: 1, comPj: false, ladoDePf: false }, estornada: null, ...mais },
  };
}

/** One that does not count. */
export function naoConta(time: string, mais: Partial<Lancamento> = {}): Lancamento {
  return conta(time, 'ferramenta', { metrica: 'jornada', motivo: 'CADASTRO_OU_LOGIN', credito: null, ...mais });
}

/** Writes entries of clients that the generation has not heard of, as an aggregator's run. */
export async function grava(geracao: string, lancamentos: readonly Lancamento[], os: Rulebooks = rulebooks) {
  const escritor = new EscritorDeEstado(redis, geracao);
  const porParticao = Map.groupBy(lancamentos, (l) => murmur2Partition(chaveDoLancamento(l), PARTICOES));
  for (const [particao, entradas] of porParticao) {
    const de = await escritor.assume(particao);
    const estados = new Map<string, EstadoCliente>();
    const [indicadores, metricas]: Contadores[] = [new Map(), new Map()];
    for (const [titular, dele] of Map.groupBy(entradas, titularDe)) {
      const estado = estadoVazio();
      dobra(estado, dele);
      estados.set(titular, estado);
      acumulaContadores(indicadores ?? new Map(), contribuicoes(titular, estado, os));
    }
    somaMetricas(metricas ?? new Map(), entradas);
    const mudanca = {
      de,
      para: de + 1,
      estados: gravados(estados),
      indicadores: indicadores ?? [],
      metricas: metricas ?? [],
    };
    const { kind } = await escritor.aplica(escritor.gravacao(particao, mudanca));
    if (kind !== 'aplicada') throw new Error(`${geracao}, ${particao}: ${kind}`);
  }
}

export async function apaga(geracao: string): Promise<void> {
  const chaves = await redis.keys(`${geracao}:*`);
  if (chaves.length > 0) await redis.del(...chaves);
}

/** The api over this Redis alone: keys and portfolio in memory. @param geracao default: whichever is live */
export async function apiNoAr({ geracao, apuracoes = new Apuracoes(rulebooks), agora }: OpcoesDaApiNoAr = {}) {
  const dependencias = {
    credenciais: { tabela: new TabelaDeCredenciais(CHAVE_OPERACAO) },
    leitor: leitorDeEstado(redis, { particoes: PARTICOES, ...(geracao !== undefined && { geracao }) }),
    portfolio: { portfolio: new PortfolioEmMemoria(), caughtUp: async () => {} },
    apuracoes,
    pseudonimo,
    esquecimentos: new Esquecimentos(),
    esquece: async () => null,
  };
  const app = await criaApi({
    ...{ log: registroEmMemoria().log, readiness: new Readiness(), metricas: new Registry() },
    ...{ dependencias: () => dependencias, ingestUrl: 'http://127.0.0.1:1' },
    ...(agora !== undefined && { agora }),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const pede = (caminho: string, headers: Record<string, string> = {}) =>
    chama(url + caminho, 'GET', CHAVE_OPERACAO, undefined, headers);
  return { url, pede, fecha: () => app.close() };
}

interface OpcoesDaApiNoAr {
  geracao?: string;
  apuracoes?: Apuracoes;
  agora?: () => number;
}
