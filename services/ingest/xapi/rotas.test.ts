import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { hashDoSegredo } from '#platform/credenciais/credencial.ts';
import { chaveDoRegistro, TabelaDeCredenciais } from '#platform/credenciais/tabela.ts';
import { RetryableError } from '#platform/errors.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { Readiness } from '#platform/readiness.ts';
import { criaIngest, type Dependencias } from '../app.ts';
import { kafkaQueEspera } from '../app-fixture.ts';
import { CMI5, CPF, MOODLE, porCpf } from './statements-fixture.ts';

const json = (v: object) => Buffer.from(JSON.stringify(v));

/** `lms` may send anything, `so-login` logins alone, `sem-papel` nothing. */
function tabela(): TabelaDeCredenciais {
  const t = new TabelaDeCredenciais('a chave de operação dos testes de unidade');
  t.aplica(chaveDoRegistro('fonte', 'lms'), json({ source: 'lms', nome: 'LMS', interacoes: ['*'], unidade: 'SP' }));
  const chave = (id: string, papel: string, interacoes: string[] | null) => {
    const hash = hashDoSegredo(`chave-${id}`);
    t.aplica(
      chaveDoRegistro('credencial', id),
      json({ id, hash, source: 'lms', papeis: [papel], interacoes, criada: '' }),
    );
  };
  chave('lms', 'produtor', null);
  chave('so-login', 'produtor', ['login']);
  chave('sem-papel', 'bi', null);
  return t;
}

const fechamentos: (() => unknown)[] = [];
afterEach(async () => {
  for (const fecha of fechamentos.splice(0)) await fecha();
});

function monta(envia: (records: readonly OutputRecord[]) => Promise<void> = async () => {}) {
  const enviados: { id: string }[][] = [];
  const codec = { encode: (v: object) => json(v) };
  const dependencias: Dependencias = {
    credenciais: { tabela: tabela(), caughtUp: async () => {} },
    producer: {
      send: async (registros) => {
        await envia(registros);
        enviados.push(registros.map((r) => JSON.parse(String(r.value))));
      },
    },
    producerDoPortfolio: { send: () => Promise.reject(new Error('no portfolio is sent here')) },
    kafka: { exclusive: () => Promise.reject(new Error('no key is changed here')) },
    pseudonimo: pseudonimizador('uma chave qualquer'),
    codecs: { interacoes: codec, solucoes: codec, disponibilizacoes: codec },
  };
  const metricas = new Registry();
  const log = pino({ level: 'silent' });
  const app = criaIngest({ log, readiness: new Readiness(), metricas, dependencias: () => dependencias });
  fechamentos.push(() => app.close());
  const manda = (method: 'POST' | 'PUT', corpo: unknown, mais: Record<string, string> = {}, query = '') =>
    app.inject({
      method,
      url: `/xapi/statements${query}`,
      headers: {
        authorization: 'Bearer chave-lms',
        'content-type': 'application/json',
        'x-experience-api-version': '1.0.3',
        ...mais,
      },
      payload: typeof corpo === 'string' ? corpo : JSON.stringify(corpo),
    });
  return { app, metricas, enviados, manda };
}

const semChave = { authorization: '' };
const basic = (dupla: string) => ({ authorization: `Basic ${Buffer.from(dupla).toString('base64')}` });

describe('POST /xapi/statements', () => {
  it('one: 200 with its id; by pseudonym, in one record', async () => {
    const { manda, enviados } = monta();
    const resposta = await manda('POST', CMI5.inicio);
    expect([resposta.statusCode, resposta.json()]).toEqual([200, [CMI5.inicio.id]]);
    expect(resposta.headers['x-experience-api-version']).toBe('1.0.3');
    expect(enviados).toMatchObject([[{ id: CMI5.inicio.id, momento: 'inicio' }]]);
    expect(JSON.stringify(enviados)).not.toContain(CPF);
  });

  it('a list: the ids in order, those of the statements without one as well, in one send', async () => {
    const { manda, enviados, metricas } = monta();
    const resposta = await manda('POST', [CMI5.inicio, MOODLE.conclusao, MOODLE.conclusao]);
    expect(resposta.statusCode).toBe(200);
    const [primeiro, segundo, terceiro] = resposta.json<string[]>();
    expect([primeiro, terceiro]).toEqual([CMI5.inicio.id, segundo]);
    expect(enviados.map((e) => e.map((i) => i.id))).toEqual([[primeiro, segundo]]);
    expect((await manda('POST', MOODLE.conclusao)).json()).toEqual([segundo]);
    expect(await metricas.metrics()).toContain('atendido_xapi_statements_total{resultado="aceito",motivo=""} 4');
  });

  it('one of a list refused: nothing is kept, and each is told why', async () => {
    const { manda, enviados, metricas } = monta();
    const errado = { ...CMI5.inicio, id: '11111111-1111-4111-8111-111111111111', actor: porCpf('52998224724') };
    const resposta = await manda('POST', [CMI5.inicio, MOODLE.usuarioNumerico, MOODLE.visita, CMI5.grupo, errado, 7]);
    expect(resposta.statusCode).toBe(400);
    expect(resposta.json()).toMatchObject([
      { id: CMI5.inicio.id, estado: 'recusado', motivo: 'OUTRO_STATEMENT_RECUSADO' },
      { id: null, estado: 'recusado', motivo: 'ATOR_SEM_CPF' },
      { id: null, estado: 'recusado', motivo: 'VERBO_NAO_MAPEADO' },
      { id: CMI5.inicio.id, estado: 'recusado', motivo: 'ATOR_SEM_CPF' },
      { id: errado.id, estado: 'recusado', motivo: 'CPF_INVALIDO', detalhe: expect.stringContaining('actor.account') },
      { id: null, estado: 'recusado', motivo: 'ESQUEMA_INVALIDO' },
    ]);
    expect(resposta.body).not.toMatch(/5299822472/);
    expect(enviados).toEqual([]);
    const texto = await metricas.metrics();
    expect(texto).toContain('atendido_xapi_statements_total{resultado="recusado",motivo="ATOR_SEM_CPF"} 2');
    expect(texto).toContain('atendido_xapi_statements_total{resultado="recusado",motivo="OUTRO_STATEMENT_RECUSADO"} 1');
    expect(texto).not.toContain('resultado="aceito"');
    // What was right is not held against a second try.
    expect((await manda('POST', { ...CMI5.inicio, actor: porCpf('11144477735') })).statusCode).toBe(200);
  });

  it.each([
    ['a verb that is no interaction', MOODLE.visita, 400, 'VERBO_NAO_MAPEADO', 'viewed'],
    ['a unit that is none', comUnidade('XX'), 400, 'ESQUEMA_INVALIDO', 'https://sebrae.com.br/xapi/unidade'],
    [
      'a time without offset',
      { ...CMI5.inicio, timestamp: '2026-03-02T10:15:00' },
      400,
      'ESQUEMA_INVALIDO',
      'timestamp',
    ],
    ['an activity longer than an id', longo(), 400, 'ESQUEMA_INVALIDO', 'object.id'],
    ['a list of none', [], 400, 'ESQUEMA_INVALIDO', 'statement'],
    ['too many', Array.from({ length: 10_001 }, () => 0), 413, 'LOTE_GRANDE_DEMAIS', '10000'],
    ['broken JSON', '{"actor":', 400, 'JSON_INVALIDO', 'JSON'],
    ['no body', '', 400, 'JSON_INVALIDO', ''],
    ['a prototype', '{"__proto__":{"x":1}}', 400, 'JSON_INVALIDO', ''],
    ['more than may be', ' '.repeat(2_097_153), 413, 'CORPO_GRANDE_DEMAIS', ''],
  ])('refuses %s', async (_nome, corpo, status, codigo, citado) => {
    const { manda, enviados } = monta();
    const resposta = await manda('POST', corpo);
    expect([resposta.statusCode, resposta.json()]).toMatchObject([
      status,
      { codigo, detail: expect.stringContaining(citado) },
    ]);
    expect(resposta.headers['x-experience-api-version']).toBe('1.0.3');
    expect(enviados).toEqual([]);
  });

  it('refuses what is no JSON: attachments too', async () => {
    const { manda } = monta();
    for (const tipo of ['multipart/mixed; boundary=x', 'text/plain', 'application/x-www-form-urlencoded']) {
      expect((await manda('POST', '--x', { 'content-type': tipo })).json()).toMatchObject({ status: 415 });
    }
  });

  it('Kafka away: 503 and Retry-After, and nothing called accepted or remembered', async () => {
    let fora = true;
    const { manda, metricas } = monta(async () => {
      if (fora) throw new RetryableError('sem broker');
    });
    for (const corpo of [CMI5.inicio, [CMI5.inicio, MOODLE.conclusao]]) {
      const resposta = await manda('POST', corpo);
      expect([resposta.statusCode, Number(resposta.headers['retry-after'])]).toEqual([503, expect.any(Number)]);
    }
    expect(await metricas.metrics()).not.toContain('resultado="aceito"');
    fora = false;
    expect((await manda('POST', { ...CMI5.inicio, actor: porCpf('11144477735') })).statusCode).toBe(200);
  });

  it('answers only after Kafka has it', async () => {
    const kafka = kafkaQueEspera();
    const { manda } = monta(kafka.send);
    const resposta = await kafka.respostaDepois(manda('POST', CMI5.inicio));
    expect(resposta.statusCode).toBe(200);
  });
});

describe('PUT /xapi/statements', () => {
  const id = CMI5.inicio.id;
  const { id: _, ...semId } = CMI5.inicio;

  it('204, with the id of the address', async () => {
    const { manda, enviados } = monta();
    const resposta = await manda('PUT', semId, {}, `?statementId=${id}`);
    expect([resposta.statusCode, resposta.body]).toEqual([204, '']);
    expect(resposta.headers['x-experience-api-version']).toBe('1.0.3');
    expect((await manda('PUT', CMI5.inicio, {}, `?statementId=${id.toUpperCase()}`)).statusCode).toBe(204);
    expect(enviados).toMatchObject([[{ id }], [{ id }]]);
  });

  it.each([
    ['no statementId', semId, '', 'PARAMETRO_INVALIDO'],
    ['a statementId that is no UUID', semId, '?statementId=7', 'PARAMETRO_INVALIDO'],
    ['a parameter xAPI has not', semId, `?statementId=${id}&x=1`, 'PARAMETRO_INVALIDO'],
    ['another id in the body', CMI5.inicio, '?statementId=11111111-1111-4111-8111-111111111111', 'ID_DIVERGENTE'],
    ['an id that is no text', { ...semId, id: { toString: 1 } }, `?statementId=${id}`, 'ID_DIVERGENTE'],
    ['a list', [CMI5.inicio], `?statementId=${id}`, 'ESQUEMA_INVALIDO'],
    ['a user that is a number', { ...MOODLE.usuarioNumerico, id }, `?statementId=${id}`, 'ATOR_SEM_CPF'],
  ])('refuses %s', async (_nome, corpo, query, codigo) => {
    const { manda, enviados } = monta();
    expect((await manda('PUT', corpo, {}, query)).json()).toMatchObject({ status: 400, codigo });
    expect(enviados).toEqual([]);
  });
});

describe('one id, two statements', () => {
  it('409 for the second, which is not kept; the same again is no conflict', async () => {
    const { manda, enviados } = monta();
    expect((await manda('POST', CMI5.inicio)).statusCode).toBe(200);
    expect((await manda('POST', CMI5.inicio)).statusCode).toBe(200);
    const outro = { ...CMI5.conclusao, id: CMI5.inicio.id };
    expect((await manda('POST', outro)).json()).toMatchObject({ status: 409, codigo: 'STATEMENT_CONFLITANTE' });
    expect((await manda('PUT', outro, {}, `?statementId=${outro.id}`)).statusCode).toBe(409);
    expect(enviados.flat()).toMatchObject([{ momento: 'inicio' }, { momento: 'inicio' }]);
  });

  it('in one list: the list is refused', async () => {
    const { manda, enviados } = monta();
    const resposta = await manda('POST', [CMI5.inicio, CMI5.conclusao]);
    expect([resposta.statusCode, resposta.json()]).toMatchObject([
      400,
      [{ motivo: 'OUTRO_STATEMENT_RECUSADO' }, { motivo: 'STATEMENT_CONFLITANTE' }],
    ]);
    expect(enviados).toEqual([]);
  });
});

describe('who may', () => {
  it.each([
    ['no key', semChave, 401, 'CREDENCIAL_AUSENTE'],
    ['a wrong key', { authorization: 'Bearer errada' }, 401, 'CREDENCIAL_INVALIDA'],
    ['Basic with a wrong key', basic('lms:errada'), 401, 'CREDENCIAL_INVALIDA'],
    ['Basic with no password', basic('chave-lms:'), 401, 'CREDENCIAL_AUSENTE'],
    ['another role', { authorization: 'Bearer chave-sem-papel' }, 403, 'PAPEL_INSUFICIENTE'],
    ['a kind the key may not send', basic('so-login:chave-so-login'), 403, 'INTERACAO_NAO_AUTORIZADA'],
    ['no version', { 'x-experience-api-version': '' }, 400, 'VERSAO_XAPI_INVALIDA'],
    ['version 2.0.0', { 'x-experience-api-version': '2.0.0' }, 400, 'VERSAO_XAPI_INVALIDA'],
    ['version 0.95', { 'x-experience-api-version': '0.95' }, 400, 'VERSAO_XAPI_INVALIDA'],
  ])('%s', async (_nome, headers, status, codigo) => {
    const { manda, enviados } = monta();
    for (const resposta of [
      await manda('POST', CMI5.inicio, headers),
      await manda('PUT', CMI5.inicio, headers, `?statementId=${CMI5.inicio.id}`),
    ]) {
      expect(resposta.json()).toMatchObject({ status, codigo });
      expect(resposta.headers['x-experience-api-version']).toBe('1.0.3');
    }
    expect(enviados).toEqual([]);
  });

  it('Basic, the key for its password; any 1.0 version', async () => {
    const { manda } = monta();
    for (const versao of ['1.0', '1.0.0', '1.0.3', '1.0.9']) {
      const headers = { ...basic('moodle:chave-lms'), 'x-experience-api-version': versao };
      expect((await manda('POST', CMI5.inicio, headers)).statusCode).toBe(200);
    }
  });

  it('GET /xapi/about is open, and asks for no version', async () => {
    const { app } = monta();
    const resposta = await app.inject('/xapi/about');
    expect([resposta.statusCode, resposta.json()]).toEqual([200, { version: ['1.0.3'] }]);
    expect(resposta.headers['x-experience-api-version']).toBe('1.0.3');
  });
});

function comUnidade(unidade: string) {
  return { ...MOODLE.conclusao, context: { extensions: { 'https://sebrae.com.br/xapi/unidade': unidade } } };
}

function longo() {
  return { ...CMI5.inicio, object: { id: `https://x.br/${'a'.repeat(512)}` } };
}
