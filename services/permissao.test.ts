import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Permitida } from '#platform/credenciais/permissoes.ts';
import { chaveDoRegistro } from '#platform/credenciais/tabela.ts';
import { type Portas, portas } from './acesso-fixture.ts';

const FAMPE = { tipoSolucao: 'garantia-fampe', contratoId: 'C', instituicaoFinanceira: 'B', canal: 'presencial' };
const evento = (source: string, tipo: string, dados: object = {}) => ({
  ...{ specversion: '1.0', id: '1', source, type: `br.com.sebrae.interacao.${tipo}` },
  ...{ time: '2026-03-02T10:15:00-03:00', data: { unidade: 'SP', ...dados } },
});
type Evento = ReturnType<typeof evento>;

/** Each way an event may come in, and what of the answer tells of the one event. */
const MODOS: Record<string, (e: Evento) => { headers: Record<string, string>; payload: string; lote: boolean }> = {
  estruturado: (e) => ({
    ...{ headers: { 'content-type': 'application/cloudevents+json' }, payload: JSON.stringify(e), lote: false },
  }),
  binário: ({ data, ...atributos }) => {
    const ce = Object.entries(atributos).map(([nome, valor]) => [`ce-${nome}`, encodeURIComponent(String(valor))]);
    const headers = { 'content-type': 'application/json', ...Object.fromEntries(ce) };
    return { headers, payload: JSON.stringify(data), lote: false };
  },
  lote: (e) => ({
    ...{ headers: { 'content-type': 'application/cloudevents-batch+json' }, payload: JSON.stringify([e]), lote: true },
  }),
  NDJSON: (e) => ({
    ...{ headers: { 'content-type': 'application/x-ndjson' }, payload: `${JSON.stringify(e)}\n`, lote: true },
  }),
};

/** A problem, or what became of an item. */
type Resposta = { codigo?: string; motivo?: string; estado?: string };

const OK = 'aceito';
const FONTE = 'FONTE_NAO_AUTORIZADA';
const TIPO = 'INTERACAO_NAO_AUTORIZADA';

/** What the source and the key may send (null: whatever the source may), what is sent, and what becomes of it. */
const CASOS: [Permitida[], Permitida[] | null, Evento, string][] = [
  [['*'], null, evento('lms', 'login'), OK],
  [['*'], ['login'], evento('lms', 'login'), OK],
  [['*'], null, evento('outra', 'login'), FONTE],
  [['*'], null, evento('nunca-vista', 'login'), FONTE],
  [['*'], null, evento('LMS', 'login'), FONTE],
  [['*'], null, evento('lms ', 'login'), FONTE],
  [['*'], null, evento('atendido-consolidador', 'login'), FONTE],
  [['cadastro'], null, evento('lms', 'login'), TIPO],
  [['*'], ['cadastro'], evento('lms', 'login'), TIPO],
  // The source was narrowed after the key was made.
  [['cadastro'], ['login', 'cadastro'], evento('lms', 'login'), TIPO],
  [['*'], null, evento('lms', 'contratacao', FAMPE), TIPO],
  [['*'], ['*', 'contratacao:garantia-fampe'], evento('lms', 'contratacao', FAMPE), TIPO],
  [['*', 'contratacao:garantia-fampe'], ['*'], evento('lms', 'contratacao', FAMPE), TIPO],
  [['contratacao'], null, evento('lms', 'contratacao', FAMPE), TIPO],
  [['contratacao:garantia-fampe'], null, evento('lms', 'contratacao', FAMPE), OK],
];

let p: Portas;
beforeAll(async () => {
  p = await portas();
  p.aplica('fonte', 'outra', { source: 'outra', nome: 'Outra', interacoes: ['*'] });
});
afterAll(() => p.fecha());
beforeEach(() => {
  p.enviados.length = 0;
});

describe.each(Object.entries(MODOS))('%s', (_nome, modo) => {
  it.each(CASOS)('source %j, key %j, $2.source $2.type: $3', async (daFonte, daChave, e, desfecho) => {
    p.aplica('fonte', 'lms', { source: 'lms', nome: 'LMS', interacoes: daFonte });
    const chave = p.chave('lms', { papeis: ['produtor'], source: 'lms', ...(daChave && { interacoes: daChave }) });
    const { headers, payload, lote } = modo(e);
    const resposta = await fetch(`${p.apiUrl}/v1/eventos`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${chave}` },
      body: payload,
    });
    const corpo = (await resposta.json()) as Resposta | Resposta[];
    const [{ codigo, motivo, estado }] = [corpo].flat() as [Resposta];
    const obtido = codigo ?? motivo ?? estado;
    expect(obtido).toBe(desfecho);
    expect(resposta.status).toBe(desfecho === OK ? 202 : lote ? 400 : 403);
    expect(p.enviados).toHaveLength(desfecho === OK ? 1 : 0);
  });
});

describe('a batch', () => {
  it('what the key may not send stays out, and the rest goes on', async () => {
    p.aplica('fonte', 'lms', { source: 'lms', nome: 'LMS', interacoes: ['login'] });
    const chave = p.chave('lms', { papeis: ['produtor'], source: 'lms' });
    const lote = [evento('lms', 'login'), evento('outra', 'login'), evento('lms', 'cadastro')];
    const resposta = await p.api.app.inject({
      method: 'POST',
      url: '/v1/eventos',
      headers: { 'content-type': 'application/cloudevents-batch+json', authorization: `Bearer ${chave}` },
      payload: JSON.stringify(lote),
    });
    expect(resposta.statusCode).toBe(207);
    expect(resposta.json().map((r: { motivo?: string }) => r.motivo ?? OK)).toEqual([OK, FONTE, TIPO]);
    expect(p.enviados).toHaveLength(1);
  });

  it('its events count against the limit of the key', async () => {
    p.aplica('fonte', 'lms', { source: 'lms', nome: 'LMS', interacoes: ['login'] });
    const chave = p.chave('lenta', { papeis: ['produtor'], source: 'lms', limite: 10 });
    const posta = () =>
      p.ingest.app.inject({
        method: 'POST',
        url: '/v1/eventos',
        headers: { 'content-type': 'application/cloudevents-batch+json', authorization: `Bearer ${chave}` },
        payload: JSON.stringify(Array.from({ length: 1_000 }, () => evento('lms', 'login'))),
      });
    expect((await posta()).statusCode).toBe(202);
    const depois = await posta();
    expect(depois.statusCode).toBe(429);
    expect(depois.json()).toMatchObject({ codigo: 'LIMITE_DA_CHAVE' });
    expect(Number(depois.headers['retry-after'])).toBeGreaterThan(90);
    expect(p.enviados).toHaveLength(1_000);
  });
});

describe('a stream', () => {
  it('ends when its key is revoked half-way: what comes after is not taken in', async () => {
    p.aplica('fonte', 'lms', { source: 'lms', nome: 'LMS', interacoes: ['login'] });
    const chave = p.chave('em-fluxo', { papeis: ['produtor'], source: 'lms' });
    const linha = Buffer.from(`${JSON.stringify(evento('lms', 'login'))}\n`);
    async function* corpo() {
      yield linha;
      await expect.poll(() => p.enviados.length).toBe(1);
      p.tabela.aplica(chaveDoRegistro('credencial', 'em-fluxo'), null);
      yield linha;
    }
    const resposta = await fetch(`${p.apiUrl}/v1/eventos`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${chave}` },
      body: Readable.toWeb(Readable.from(corpo())),
      duplex: 'half',
    });
    expect([resposta.status, await resposta.json()]).toMatchObject([401, { codigo: 'CREDENCIAL_INVALIDA' }]);
    expect(p.enviados).toHaveLength(1);
  });
});
