import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Apuracoes } from '../../domain/apuracao.ts';
import { dobra, estadoVazio } from '../../domain/cliente.ts';
import { pseudonimizador } from '../../domain/documento.ts';
import { Esquecimentos } from '../../domain/esquecimento.ts';
import { contribuicoes, somaMetricas } from '../../domain/indicadores.ts';
import type { Lancamento } from '../../domain/lancamento.ts';
import { EscritorDeEstado } from '../../platform/estado/escritor.ts';
import { leitorDeEstado } from '../../platform/estado/leitor-redis.ts';
import type { Servidor } from '../../platform/http/servidor.ts';
import { followPortfolio } from '../../platform/portfolio.ts';
import { Readiness } from '../../platform/readiness.ts';
import { connectRedis } from '../../platform/redis.ts';
import { loadRulebooks } from '../../platform/rulebooks.ts';
import { criaApi } from '../../services/api/app.ts';
import {
  CHAVE_DO_CPF,
  CHAVE_OPERACAO,
  CPF,
  chama,
  chaveDe,
  evento,
  type IngestNoAr,
  ingestNoAr,
  registroEmMemoria,
} from './http-fixture.ts';
import { gravados } from './state-fixture.ts';

const { log, texto } = registroEmMemoria();
const pseudonimo = pseudonimizador(CHAVE_DO_CPF);
const metricas = new Registry();
let ingest: IngestNoAr;
let app: Servidor;
let url: string;
let chave: string;
const paradas: (() => Promise<void> | void)[] = [];

/** Two deliveries of one person, one in each month, and an event that does not count. */
async function estadoNoRedis(escritor: EscritorDeEstado, rulebooks: Awaited<ReturnType<typeof loadRulebooks>>) {
  const cliente = pseudonimo(CPF);
  const base = { source: 's', cliente, principal: true, unidade: 'SP', canal: 'ead', modalidade: 'a-distancia' };
  const conta = (id: string, time: string, tipoSolucao: string): Lancamento => ({
    ...base,
    id,
    time: Date.parse(time),
    metrica: 'atendimento',
    motivo: 'MOMENTO_INICIO',
    tipoSolucao,
    credito: { chave: id, quantidade: 1, comPj: false, ladoDePf: false },
    estornada: null,
  });
  const lancamentos: Lancamento[] = [
    conta('a', '2026-03-02T10:00:00-03:00', 'curso-autoinstrucional'),
    conta('b', '2026-04-02T10:00:00-03:00', 'ferramenta'),
    {
      ...conta('c', '2026-04-03T10:00:00-03:00', 'ferramenta'),
      metrica: 'jornada',
      motivo: 'CADASTRO_OU_LOGIN',
      credito: null,
    },
  ];
  const estado = estadoVazio();
  dobra(estado, lancamentos);
  const contadas = new Map<string, number>();
  somaMetricas(contadas, lancamentos);
  const gravacao = escritor.gravacao(0, {
    de: 0,
    para: 1,
    estados: gravados([[cliente, estado]]),
    indicadores: contribuicoes(cliente, estado, rulebooks),
    metricas: contadas,
  });
  await escritor.aplica(gravacao);
}

beforeAll(async () => {
  ingest = await ingestNoAr();
  const redis = connectRedis(inject('redisUrl'), 'teste-api');
  const rulebooks = await loadRulebooks();
  const geracao = `api-${process.pid}`;
  await estadoNoRedis(new EscritorDeEstado(redis, geracao), rulebooks);
  const portfolio = await followPortfolio(ingest.kafka, ingest.registry, log);
  const leitor = leitorDeEstado(redis, { particoes: 1, geracao });
  const dependencias = {
    credenciais: ingest.credenciais,
    leitor,
    portfolio,
    apuracoes: new Apuracoes(rulebooks),
    esquecimentos: new Esquecimentos(),
    esquece: async () => null,
    pseudonimo,
  };
  const readiness = new Readiness();
  app = await criaApi({ log, readiness, metricas, dependencias: () => dependencias, ingestUrl: ingest.url });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  chave = await chaveDe(url, 'lms-da-api');
  paradas.push(
    () => app.close(),
    () => portfolio.stop(),
    () => leitor.close(),
    () => ingest.fecha(),
  );
});
afterAll(async () => {
  for (const para of paradas) await para();
});

const pede = (caminho: string, com: string | null = CHAVE_OPERACAO) => chama(`${url}${caminho}`, 'GET', com);

describe('GET /v1/clientes', () => {
  test.each([
    ['CPF', CPF],
    ['CPF with punctuation', '529.982.247-25'],
    ['id', pseudonimo(CPF)],
  ])('by %s: status by year', async (_nome, quem) => {
    const { status, corpo } = await pede(`/v1/clientes/${encodeURIComponent(quem)}`);
    expect(status).toBe(200);
    expect(corpo).toMatchObject({
      id: pseudonimo(CPF),
      anos: {
        '2026': {
          atendido: true,
          atendimentos: 2,
          primeiro: '2026-03-02T13:00:00.000Z',
          ultimo: '2026-04-02T13:00:00.000Z',
          porTipo: { 'curso-autoinstrucional': 1, ferramenta: 1 },
          outrasMetricas: { jornada: 1 },
          indicadores: expect.arrayContaining([{ codigo: 'clientes-atendidos', periodo: '2026', atendimentos: 2 }]),
        },
      },
    });
  });

  test('who is not there, and what is no document', async () => {
    expect(await pede('/v1/clientes/12345678909')).toMatchObject({
      status: 404,
      corpo: { codigo: 'CLIENTE_NAO_ENCONTRADO' },
    });
    expect(await pede('/v1/clientes/52998224724')).toMatchObject({ status: 400, corpo: { codigo: 'CPF_INVALIDO' } });
    expect(await pede('/v1/clientes/11222333000180')).toMatchObject({
      status: 400,
      corpo: { codigo: 'CNPJ_INVALIDO' },
    });
  });

  test('to forget who is not there: it says how far it looked', async () => {
    const { status, corpo } = await chama(`${url}/v1/esquecimentos`, 'POST', CHAVE_OPERACAO, { cpf: '12345678909' });
    expect([status, corpo]).toMatchObject([404, { codigo: 'CLIENTE_NAO_ENCONTRADO' }]);
    expect((corpo as { detail: string }).detail).toMatch(/já foi decidido.*atendido forget/);
  });
});

describe('indicators and metrics', () => {
  test('an indicator with its cuts, whole or of one unit', async () => {
    const um = { clientes: 1, atendimentos: 2 };
    const { corpo } = await pede('/v1/indicadores/clientes-atendidos?periodo=2026');
    expect(corpo).toMatchObject({
      ...um,
      unidade: null,
      porUnidade: { SP: um },
      porMes: { '2026-03': { clientes: 1, atendimentos: 1 }, '2026-04': { clientes: 1, atendimentos: 1 } },
      porModalidade: { 'a-distancia': um },
    });
    expect((await pede('/v1/indicadores/clientes-atendidos?periodo=2026&unidade=SP')).corpo).toMatchObject(um);
    expect((await pede('/v1/indicadores/clientes-atendidos?periodo=2026&unidade=MG')).corpo).toMatchObject({
      clientes: 0,
      porUnidade: {},
    });
  });

  test.each([
    ['/v1/indicadores/constructor', 404, 'INDICADOR_DESCONHECIDO'],
    ['/v1/indicadores/clientes-atendidos?periodo=2026-03', 400, 'PARAMETRO_INVALIDO'],
    ['/v1/indicadores/clientes-atendidos?periodo=0000', 400, 'PARAMETRO_INVALIDO'],
    ['/v1/indicadores/clientes-atendidos?ano=2026', 400, 'PARAMETRO_INVALIDO'],
    ['/v1/indicadores?foo=1', 400, 'PARAMETRO_INVALIDO'],
    [`/v1/clientes/${CPF}?foo=1`, 400, 'PARAMETRO_INVALIDO'],
    [`/v1/clientes/${CPF}/entregas?foo=1`, 400, 'PARAMETRO_INVALIDO'],
    ['/v1/clientes/abc', 400, 'CNPJ_INVALIDO'],
    ['/v1/clientes/pj:12abc34501de35', 404, 'CLIENTE_NAO_ENCONTRADO'],
    ['/v1/metricas?de=2026-05-01&ate=2026-01-01', 400, 'PARAMETRO_INVALIDO'],
    ['/v1/metricas?de=2026-02-30', 400, 'PARAMETRO_INVALIDO'],
    ['/v1/metricas?agrupar=cor', 400, 'PARAMETRO_INVALIDO'],
    ['/v1/nada', 404, 'ROTA_DESCONHECIDA'],
  ])('%s: %i %s', async (caminho, status, codigo) => {
    expect(await pede(caminho)).toMatchObject({ status, corpo: { codigo } });
  });

  test('metrics filtered and grouped', async () => {
    expect((await pede('/v1/metricas?de=2026-01-01&ate=2026-12-31')).corpo).toMatchObject({
      total: 3,
      itens: [
        { metrica: 'atendimento', motivo: 'MOMENTO_INICIO', n: 2 },
        { metrica: 'jornada', motivo: 'CADASTRO_OU_LOGIN', n: 1 },
      ],
    });
    const { corpo } = await pede('/v1/metricas?dia=2026-04-02&metrica=atendimento&agrupar=tipoSolucao,dia');
    expect(corpo).toMatchObject({ total: 1, itens: [{ tipoSolucao: 'ferramenta', dia: '2026-04-02', n: 1 }] });
  });
});

describe('POST /v1/decisoes', () => {
  const ensaia = (corpo: object, com = CHAVE_OPERACAO) => chama(`${url}/v1/decisoes`, 'POST', com, corpo);

  test('the decision, its clause and the tests made, with the portfolio of this moment', async () => {
    const id = `CA-${Date.now()}`;
    const e = evento('x', {}, { solucaoId: id, disponibilizacaoId: undefined });
    const antes = await ensaia(e);
    expect(antes.corpo).toMatchObject({ decisao: { resultado: 'quarentena', motivo: 'SOLUCAO_DESCONHECIDA' } });
    const solucao = { id, tipoSolucao: 'curso-autoinstrucional', nome: 'Curso' };
    expect((await chama(`${url}/v1/portfolio/solucoes/${id}`, 'PUT', CHAVE_OPERACAO, solucao)).status).toBe(200);
    expect((await ensaia(e)).corpo).toMatchObject({
      decisao: { resultado: 'contabiliza', motivo: 'MOMENTO_INICIO', regra: '3.3', creditos: [pseudonimo(CPF)] },
      descricao: expect.any(String),
      passos: expect.arrayContaining([expect.objectContaining({ pergunta: expect.any(String) })]),
    });
    // A producer learns no pseudonym.
    expect((await ensaia(e, chave)).corpo).toMatchObject({ decisao: { creditos: ['pf'] } });
    expect((await ensaia({ ...e, time: 'ontem' })).corpo).toMatchObject({ codigo: 'ESQUEMA_INVALIDO' });
  });
});

describe('one address in front', () => {
  test('what writes is forwarded whole: single, batch, refusals and their headers', async () => {
    const posta = (corpo: object | string, tipo: string, com: string | null = chave) =>
      chama(`${url}/v1/eventos`, 'POST', com, corpo, { 'content-type': tipo });
    const e = evento('lms-da-api');
    expect(await posta(e, 'application/cloudevents+json')).toMatchObject({ status: 202, corpo: { id: e.id } });
    const lote = [evento('lms-da-api'), evento('lms-da-api', {}, { unidade: 'XX' })];
    expect((await posta(lote, 'application/cloudevents-batch+json')).status).toBe(207);
    expect(await posta(e, 'application/json; charset=iso-8859-1')).toMatchObject({
      status: 415,
      corpo: { codigo: 'TIPO_DE_CONTEUDO_INVALIDO' },
    });
    expect(await posta(e, 'text/xml')).toMatchObject({ status: 415, corpo: { codigo: 'TIPO_DE_CONTEUDO_INVALIDO' } });
    expect(await posta(e, 'application/json', null)).toMatchObject({ status: 401 });
    const grande = ' '.repeat(2_097_153);
    expect(await posta(grande, 'application/json')).toMatchObject({
      status: 413,
      corpo: { codigo: 'CORPO_GRANDE_DEMAIS' },
    });
  });

  test('each role opens what is its own', async () => {
    const nova = async (papel: string) => {
      const caminho = `${url}/v1/credenciais/api-${papel}`;
      return ((await chama(caminho, 'PUT', CHAVE_OPERACAO, { papeis: [papel] })).corpo as { chave: string }).chave;
    };
    const caminhos = [`/v1/clientes/${CPF}`, '/v1/indicadores', '/v1/metricas', '/v1/motivos'];
    const quadro: Record<string, number[]> = {};
    const chaves = {
      produtor: chave,
      bi: await nova('bi'),
      consulta: await nova('consulta'),
      ninguem: 'x',
      operacao: CHAVE_OPERACAO,
    };
    for (const [papel, segredo] of Object.entries(chaves)) {
      quadro[papel] = await Promise.all(caminhos.map(async (c) => (await pede(c, segredo)).status));
    }
    expect(quadro).toEqual({
      produtor: [403, 403, 403, 200],
      bi: [403, 200, 200, 200],
      consulta: [200, 200, 200, 200],
      ninguem: [401, 401, 401, 401],
      operacao: [200, 200, 200, 200],
    });
  });

  test('the OpenAPI document has every call, from the schemas that check', async () => {
    const { corpo } = await pede('/openapi.json', null);
    const documento = corpo as { openapi: string; paths: Record<string, Record<string, { requestBody?: unknown }>> };
    expect(documento.openapi).toBe('3.1.0');
    expect(Object.keys(documento.paths)).toEqual(
      expect.arrayContaining(['/v1/eventos', '/v1/portfolio/solucoes/{id}', '/v1/clientes/{cliente}', '/v1/decisoes']),
    );
    expect(JSON.stringify(documento.paths['/v1/eventos']?.post?.requestBody)).toContain('matriculaId');
    const docs = await pede('/docs/', null);
    expect(docs.status).toBe(200);
    expect(String(docs.corpo)).not.toMatch(/(src|href)="https?:/);
  });

  test('no CPF in any log line or metric', async () => {
    expect(texto() + ingest.logado()).not.toMatch(/5299822472|529\.982/);
    expect(texto()).toContain('/v1/clientes/:cliente');
    expect(await metricas.metrics()).not.toMatch(/5299822472|529\.982/);
  });
});
