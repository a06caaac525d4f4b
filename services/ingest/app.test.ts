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

function monta(envia: (records: readonly OutputRecord[]) => Promise<void>, pronto = true) {
  const codec = { encode: (v: object) => json(v) };
  const dependencias: Dependencias = {
    credenciais: { tabela: tabela(), caughtUp: async () => {} },
    producer: { send: envia },
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

const evento = (id: string, unidade = 'SP') => ({
  specversion: '1.0',
  id,
  source: 'lms',
  type: 'br.com.sebrae.interacao.login',
  time: '2026-03-02T10:15:00-03:00',
  data: { unidade },
});

const posta = (app: ReturnType<typeof monta>['app'], payload: object, tipo = 'application/cloudevents+json') =>
  app.inject({
    method: 'POST',
    url: '/v1/eventos',
    headers: { authorization: 'Bearer chave', 'content-type': tipo },
    payload: JSON.stringify(payload),
  });

describe('POST /v1/eventos', () => {
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
    const { promise: guardado, resolve: guarda } = Promise.withResolvers<void>();
    const { promise: enviado, resolve: envia } = Promise.withResolvers<void>();
    const { app, metricas } = monta(async (records) => {
      envios.push(records.length);
      envia();
      await guardado;
    });
    let respondida = false;
    const lote = [evento('1'), evento('2', 'XX'), evento('3')];
    const resposta = posta(app, lote, 'application/cloudevents-batch+json').then((r) => {
      respondida = true;
      return r;
    });
    await enviado;
    await new Promise(setImmediate);
    expect(respondida).toBe(false);
    guarda();
    expect((await resposta).statusCode).toBe(207);
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
    const linha = `${JSON.stringify(evento('1'))}${' '.repeat(30_000_000)}\n`;
    const manda = (body: string) =>
      fetch(`${url}/v1/eventos`, {
        method: 'POST',
        headers: { authorization: 'Bearer chave', 'content-type': 'application/x-ndjson' },
        body,
      });
    const respostas = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const r = await manda(linha);
        if (r.status === 429) guarda();
        return { status: r.status, espera: r.headers.get('retry-after') };
      }),
    );
    expect(respostas.map((r) => r.status).sort()).toEqual([202, 202, 202, 429]);
    expect(respostas.find((r) => r.status === 429)?.espera).toBe('1');
    expect((await manda(linha)).status).toBe(202);
  });
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
