import { request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { hashDoSegredo } from '#platform/credenciais/credencial.ts';
import { chaveDoRegistro, TabelaDeCredenciais } from '#platform/credenciais/tabela.ts';
import { RetryableError } from '#platform/errors.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { Readiness } from '#platform/readiness.ts';
import { criaIngest, type Dependencias } from './app.ts';
import { evento, kafkaQueEspera } from './app-fixture.ts';

const json = (v: object) => Buffer.from(JSON.stringify(v));

function tabela(): TabelaDeCredenciais {
  const t = new TabelaDeCredenciais('a chave de operação dos testes de unidade');
  t.aplica(chaveDoRegistro('fonte', 'lms'), json({ source: 'lms', nome: 'LMS', interacoes: ['*'] }));
  const lms = {
    id: 'lms',
    hash: hashDoSegredo('chave'),
    source: 'lms',
    papeis: ['produtor'],
    interacoes: null,
    criada: '',
  };
  t.aplica(chaveDoRegistro('credencial', 'lms'), json(lms));
  return t;
}

const fechamentos: (() => unknown)[] = [];
afterEach(async () => {
  for (const fecha of fechamentos.splice(0)) await fecha();
});

type Envia = (records: readonly OutputRecord[]) => Promise<void>;
function monta(envia: Envia, pronto = true, doPortfolio: Envia = envia) {
  const codec = { encode: (v: object) => json(v) };
  const dependencias: Dependencias = {
    credenciais: { tabela: tabela(), caughtUp: async () => {} },
    producer: { send: envia },
    producerDoPortfolio: { send: doPortfolio },
    kafka: { exclusive: async () => ({ send: envia, close: async () => {} }) },
    pseudonimo: pseudonimizador('uma chave qualquer'),
    codecs: { interacoes: codec, solucoes: codec, disponibilizacoes: codec },
  };
  const metricas = new Registry();
  const readiness = new Readiness();
  const opcoes = {
    log: pino({ level: 'silent' }),
    readiness,
    metricas,
    dependencias: () => (pronto ? dependencias : null),
  };
  const app = criaIngest(opcoes);
  fechamentos.push(() => app.close());
  return { app, metricas, readiness };
}

const posta = (app: ReturnType<typeof monta>['app'], payload: object, tipo = 'application/cloudevents+json') =>
  app.inject({
    method: 'POST',
    url: '/v1/eventos',
    headers: { authorization: 'Bearer chave', 'content-type': tipo },
    payload: JSON.stringify(payload),
  });

describe('POST /v1/eventos', () => {
  it.each([
    ['application/json; charset=utf-8', 202],
    ['application/cloudevents+json;charset="UTF-8"', 202],
    ['application/json; charset=us-ascii', 202],
    ['application/json; charset=iso-8859-1', 415],
    ['application/cloudevents+json; x=1; Charset="utf-16"', 415],
    ['application/json; charset=constructor', 415],
  ])('bodies are read as UTF-8, and one that says it is %s: %i', async (tipo, status) => {
    const { app } = monta(async () => {});
    const resposta = await posta(app, evento('1'), tipo);
    expect(resposta.statusCode).toBe(status);
    if (status === 415) {
      expect(resposta.json()).toMatchObject({
        codigo: 'TIPO_DE_CONTEUDO_INVALIDO',
        detail: expect.stringContaining('UTF-8'),
      });
    }
  });

  it.each([
    ['data.foo', { data: { unidade: 'SP', foo: 1, bar: 2 } }, ['data.foo', 'data.bar']],
    ['a unidade that is none', { data: { unidade: 'XX' } }, ['data.unidade']],
    ['a time without offset, and no id', { time: '2026-03-02T10:15:00', id: '' }, ['id', 'time']],
  ])('one event, refused for %s: each field by itself in erros', async (_nome, partes, campos) => {
    const { app } = monta(async () => {});
    const resposta = await posta(app, { ...evento('1'), ...partes });
    expect([resposta.statusCode, resposta.headers['content-type']]).toEqual([
      400,
      expect.stringContaining('problem+json'),
    ]);
    const { codigo, detail, erros } = resposta.json();
    expect(codigo).toBe('ESQUEMA_INVALIDO');
    expect(erros).toEqual(campos.map((campo) => ({ campo, mensagem: expect.stringMatching(/./) })));
    for (const campo of campos) expect(detail).toContain(campo);
    // Of a batch the words are enough: its answer is one per item.
    const lote = await posta(app, [{ ...evento('1'), ...partes }], 'application/cloudevents-batch+json');
    expect(Object.keys(lote.json()[0]).toSorted()).not.toContain('erros');
  });

  it('Kafka away: 503 and Retry-After, and no item called accepted, not even of a batch', async () => {
    const { app, metricas } = monta(async () => {
      throw new RetryableError('sem broker em 10.0.0.1');
    });
    for (const corpo of [evento('1'), [evento('1'), evento('2', 'XX')]]) {
      const tipo = Array.isArray(corpo) ? 'application/cloudevents-batch+json' : undefined;
      const resposta = await posta(app, corpo, tipo);
      expect(resposta.statusCode).toBe(503);
      expect(Number(resposta.headers['retry-after'])).toBeGreaterThan(0);
      expect(resposta.json()).toMatchObject({ codigo: 'SERVICO_INDISPONIVEL' });
      expect(resposta.body).not.toMatch(/aceito|10\.0\.0\.1/);
    }
    expect(await metricas.metrics()).not.toContain('estado="aceito"');
  });

  it('answers only after the send resolved, and sends a batch at once', async () => {
    const envios: number[] = [];
    const kafka = kafkaQueEspera();
    const { app, metricas } = monta((records) => {
      envios.push(records.length);
      return kafka.send();
    });
    const lote = [evento('1'), evento('2', 'XX'), evento('3')];
    const resposta = await kafka.respostaDepois(posta(app, lote, 'application/cloudevents-batch+json'));
    expect(resposta.statusCode).toBe(207);
    expect(envios).toEqual([2]);
    const texto = await metricas.metrics();
    expect(texto).toContain('atendido_eventos_recebidos_total{estado="aceito",motivo=""} 2');
    expect(texto).toContain('atendido_eventos_recebidos_total{estado="recusado",motivo="ESQUEMA_INVALIDO"} 1');
  });

  it('a bug is a 500 that tells nothing', async () => {
    const { app } = monta(async () => {
      throw new TypeError('segredo interno');
    });
    const resposta = await posta(app, evento('1'));
    expect(resposta.statusCode).toBe(500);
    expect(resposta.json()).toMatchObject({ codigo: 'ERRO_INTERNO' });
    expect(resposta.body).not.toContain('segredo interno');
  });

  it('too many bytes under way: 429 and Retry-After, and room again afterwards', async () => {
    const { promise: guardado, resolve: guarda } = Promise.withResolvers<void>();
    const { app } = monta(() => guardado);
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const lote = `[${JSON.stringify(evento('1'))}${' '.repeat(8_000_000)}]`;
    const manda = (body: string) =>
      fetch(`${url}/v1/eventos`, {
        method: 'POST',
        headers: { authorization: 'Bearer chave', 'content-type': 'application/cloudevents-batch+json' },
        body,
      });
    const respostas = await Promise.all(
      Array.from({ length: 13 }, async () => {
        const r = await manda(lote);
        if (r.status === 429) guarda();
        return { status: r.status, espera: r.headers.get('retry-after') };
      }),
    );
    expect(respostas.map((r) => r.status).sort()).toEqual([...Array.from({ length: 12 }, () => 202), 429]);
    expect(respostas.find((r) => r.status === 429)?.espera).toBe('1');
    expect((await manda(lote)).status).toBe(202);
  });

  /** A body without end, at the pace it is read. */
  const semFim = (antes: string) => {
    let n = 0;
    return new ReadableStream<Uint8Array>({
      pull: (c) =>
        c.enqueue(
          Buffer.from(n++ === 0 && antes !== '' ? antes : `${JSON.stringify(evento(String(n)))}\n`.repeat(200)),
        ),
    });
  };
  const derrama = (url: string, body: ReadableStream<Uint8Array>, mais: Record<string, string> = {}) =>
    fetch(`${url}/v1/eventos`, {
      method: 'POST',
      headers: { authorization: 'Bearer chave', 'content-type': 'application/x-ndjson', ...mais },
      body,
      duplex: 'half',
    });

  it('a stream that Kafka stops taking: 503 while it is still being sent, and the next is taken', async () => {
    let envios = 0;
    const { app } = monta(async () => {
      envios += 1;
      if (envios === 5) throw new RetryableError('sem broker');
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const resposta = await derrama(url, semFim(''));
    expect(resposta.status).toBe(503);
    expect(resposta.headers.get('retry-after')).toBe('2');
    expect(await resposta.json()).toMatchObject({ codigo: 'SERVICO_INDISPONIVEL' });
    expect(envios).toBe(5);
    expect((await posta(app, evento('1'))).statusCode).toBe(202);
  });

  it('a stream is refused before it is read: key, encoding, what opens to nothing', async () => {
    const { app } = monta(async () => {});
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    expect((await derrama(url, semFim(''), { authorization: 'Bearer errada' })).status).toBe(401);
    expect((await derrama(url, semFim(''), { 'content-encoding': 'br' })).status).toBe(415);
    const latin1 = { 'content-type': 'application/x-ndjson; charset=iso-8859-1' };
    expect((await derrama(url, semFim(''), latin1)).status).toBe(415);
    const aberta = await derrama(url, semFim('não é gzip'), { 'content-encoding': 'gzip' });
    expect([aberta.status, await aberta.json()]).toMatchObject([400, { codigo: 'COMPRESSAO_INVALIDA' }]);
  });

  it('streams under way are bounded in number; a caller who goes away half-way leaves room', async () => {
    const { app, metricas } = monta(async () => {});
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { authorization: 'Bearer chave', 'content-type': 'application/x-ndjson' };
    const linha = `${JSON.stringify(evento('1'))}\n`;
    const abertas = Array.from({ length: 11 }, () => {
      const pedido = request(`${url}/v1/eventos`, { method: 'POST', headers });
      pedido.on('error', () => undefined).write(linha);
      return pedido;
    });
    await expect.poll(() => metricas.metrics()).toContain('estado="aceito",motivo=""} 11');
    const manda = async () => (await fetch(`${url}/v1/eventos`, { method: 'POST', headers, body: linha })).status;
    expect(await manda()).toBe(429);
    for (const pedido of abertas) pedido.destroy();
    await expect.poll(() => Promise.all(abertas.map(manda))).toEqual(abertas.map(() => 202));
  });

  it('what is no HTTP is told so as every other error is', async () => {
    const { app } = monta(async () => {});
    await app.listen({ host: '127.0.0.1', port: 0 });
    const diz = async (texto: string) => {
      const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
      socket.write(texto);
      return (await readAll(socket)).split('\r\n\r\n');
    };
    const [cabeca, corpo] = await diz('GET / HTTQ\r\n\r\n');
    expect(cabeca).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json/s);
    expect(JSON.parse(corpo ?? '')).toMatchObject({ codigo: 'REQUISICAO_INVALIDA' });
    const [, grande] = await diz(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(JSON.parse(grande ?? '')).toMatchObject({ codigo: 'CABECALHOS_GRANDES_DEMAIS', status: 431 });
  });

  it('small requests that wait for Kafka are bounded in number too', async () => {
    const { promise: guardado, resolve: guarda } = Promise.withResolvers<void>();
    const { app } = monta(() => guardado);
    const respostas = Array.from({ length: 6_200 }, (_, n) => posta(app, evento(String(n))));
    for (const r of respostas) void r.then(({ statusCode }) => statusCode === 429 && guarda());
    const estados = (await Promise.all(respostas)).map((r) => r.statusCode);
    expect(estados.filter((s) => s === 202).length).toBeLessThan(6_144);
    expect(new Set(estados)).toEqual(new Set([202, 429]));
  });
});

it('the portfolio, which names nobody, is written while events are held up by a change of key', async () => {
  const topicos: string[] = [];
  const { app } = monta(
    () => Promise.reject(new RetryableError('a CLIENT_ID_KEY está sendo trocada')),
    true,
    async (records) => void topicos.push(...records.map(({ topic }) => topic)),
  );
  expect((await posta(app, evento('1'))).statusCode).toBe(503);
  const resposta = await app.inject({
    method: 'PUT',
    url: '/v1/portfolio/solucoes/S',
    headers: { authorization: 'Bearer chave' },
    payload: { id: 'S', tipoSolucao: 'palestra', nome: 'P' },
  });
  expect(resposta.statusCode).toBe(200);
  expect(topicos).toEqual(['atos', 'solucoes']);
});

describe('while the servers are waited for', () => {
  it('health says why; everything else is 503', async () => {
    const { app, readiness } = monta(async () => {}, false);
    readiness.set('kafka', 'sem resposta');
    expect((await app.inject('/saude/vivo')).statusCode).toBe(200);
    const pronto = await app.inject('/saude/pronto');
    expect([pronto.statusCode, pronto.json()]).toEqual([
      503,
      { pronto: false, causa: 'kafka: sem resposta', pid: process.pid },
    ]);
    expect((await posta(app, evento('1'))).json()).toMatchObject({ codigo: 'SERVICO_INDISPONIVEL' });
  });
});
