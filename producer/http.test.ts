import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CodedError, RetryableError } from '#platform/errors.ts';
import type { CloudEvent } from './evento.ts';
import { type OpcoesHttp, pausaPedida, transporteHttp } from './http.ts';
import { type Aviso, comReserva } from './reserva.ts';

type Resposta = { status: number; corpo?: unknown; cabecalhos?: Record<string, string> } | null;

let servidor: Server | null = null;
afterEach(() => servidor?.close());

/** A door that answers as told (null: never), and remembers what it was asked. */
async function porta(responde: (lote: CloudEvent[], n: number) => Resposta, mais: Partial<OpcoesHttp> = {}) {
  const pedidos: { cabecalhos: IncomingMessage['headers']; lote: CloudEvent[] }[] = [];
  servidor = createServer(async (req: IncomingMessage, res: ServerResponse) => {
    const partes: Buffer[] = [];
    for await (const parte of req) partes.push(parte as Buffer);
    const lote = JSON.parse(Buffer.concat(partes).toString('utf8'));
    pedidos.push({ cabecalhos: req.headers, lote });
    const resposta = responde(lote, pedidos.length);
    if (resposta === null) return;
    const { status, corpo, cabecalhos = {} } = resposta;
    res.writeHead(status, { 'content-type': 'application/json', ...cabecalhos }).end(JSON.stringify(corpo ?? null));
  });
  await new Promise<void>((resolve) => servidor?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(servidor.address() as AddressInfo).port}`;
  return { pedidos, transporte: transporteHttp({ url, chave: 'segredo', pacienciaMs: 3_000, ...mais }) };
}

function evento(id: string): CloudEvent {
  return { specversion: '1.0', id, source: 's', type: 't', time: '2026-03-02T10:15:00-03:00', data: {} };
}
const aceita = (lote: CloudEvent[]): Resposta => ({
  status: 202,
  corpo: lote.map(({ id }) => ({ id, estado: 'aceito' })),
});

describe('the HTTP transport', () => {
  test('sends a batch with its key, and hands back each refusal', async () => {
    const { pedidos, transporte } = await porta(() => ({
      status: 207,
      corpo: [
        { id: 'a', estado: 'aceito' },
        { id: 'b', estado: 'recusado', motivo: 'CPF_INVALIDO', detalhe: 'data.cliente.pf.cpf' },
      ],
    }));
    expect(await transporte.envia([evento('a'), evento('b')])).toEqual([
      { id: 'a', estado: 'aceito' },
      { id: 'b', estado: 'recusado', motivo: 'CPF_INVALIDO', detalhe: 'data.cliente.pf.cpf' },
    ]);
    expect(pedidos[0]?.cabecalhos).toMatchObject({
      authorization: 'Bearer segredo',
      'content-type': 'application/cloudevents-batch+json',
    });
  });

  test('waits as long as it is told to, then sends the same again', async () => {
    const { pedidos, transporte } = await porta((lote, n) =>
      n === 1 ? { status: 429, cabecalhos: { 'retry-after': '1' } } : n === 2 ? { status: 503 } : aceita(lote),
    );
    const antes = performance.now();
    expect(await transporte.envia([evento('a')])).toEqual([{ id: 'a', estado: 'aceito' }]);
    expect(performance.now() - antes).toBeGreaterThanOrEqual(990);
    expect(pedidos.map((p) => p.lote[0]?.id)).toEqual(['a', 'a', 'a']);
  });

  test('gives up, retryably, when asked to wait for longer than it may', async () => {
    const { transporte } = await porta(() => ({ status: 429, cabecalhos: { 'retry-after': '60' } }));
    await expect(transporte.envia([evento('a')])).rejects.toThrow(RetryableError);
  });

  test('halves a batch that is too large', async () => {
    const { pedidos, transporte } = await porta((lote) => (lote.length > 1 ? { status: 413 } : aceita(lote)));
    const ids = ['a', 'b', 'c'];
    expect((await transporte.envia(ids.map(evento))).map((r) => r.id)).toEqual(ids);
    expect(pedidos.map((p) => p.lote.length)).toEqual([3, 2, 1, 1, 1]);
  });

  const GRANDE = { status: 413, corpo: { codigo: 'REGISTRO_GRANDE_DEMAIS', title: 'grande demais' } };
  const semOGrande = (lote: CloudEvent[]): Resposta => (lote.some((e) => e.id === 'b') ? GRANDE : aceita(lote));

  test('one event that is too large is refused with its code, and its neighbours go on', async () => {
    const { transporte } = await porta(semOGrande);
    expect(await transporte.envia(['a', 'b', 'c'].map(evento))).toEqual([
      { id: 'a', estado: 'aceito' },
      { id: 'b', estado: 'recusado', motivo: 'REGISTRO_GRANDE_DEMAIS', detalhe: expect.stringContaining('413') },
      { id: 'c', estado: 'aceito' },
    ]);
  });

  test('one that a proxy in front finds too large has a code too', async () => {
    const { transporte } = await porta(() => ({ status: 413, corpo: '<html>' }));
    expect(await transporte.envia([evento('a')])).toMatchObject([
      { estado: 'recusado', motivo: 'CORPO_GRANDE_DEMAIS' },
    ]);
  });

  test('nor does it hold up what waits on disk behind it', async () => {
    const pasta = mkdtempSync(join(tmpdir(), 'reserva-413-'));
    const fim = Promise.withResolvers<Aviso>();
    const avisa = (aviso: Aviso): void => {
      if (aviso.tipo === 'entregues') fim.resolve(aviso);
      if (aviso.tipo === 'ainda-fora' && !(aviso.causa instanceof RetryableError)) fim.reject(aviso.causa);
    };
    const { transporte } = await porta((lote, n) => (n === 1 ? { status: 503 } : semOGrande(lote)), { pacienciaMs: 0 });
    const reserva = await comReserva(transporte, { pasta, segredo: 'um segredo de dezesseis', pausaMs: 5, avisa });
    try {
      const guardados = await reserva.envia(['a', 'b', 'c'].map(evento));
      expect(guardados.map((r) => r.estado)).toEqual(['guardado', 'guardado', 'guardado']);
      const { resultados } = (await fim.promise) as Aviso & { tipo: 'entregues' };
      expect(resultados.map((r) => r.estado)).toEqual(['aceito', 'recusado', 'aceito']);
    } finally {
      await reserva.fecha();
      rmSync(pasta, { recursive: true });
    }
  });

  test.each<[string, Resposta]>([
    ['pause', { status: 503, cabecalhos: { 'retry-after': '60' } }],
    ['request', null],
  ])('a signal ends a %s, with its reason', async (_oque, resposta) => {
    const parada = new AbortController();
    const parou = new CodedError('INTERROMPIDO', 'x');
    const responde = () => {
      setImmediate(() => parada.abort(parou));
      return resposta;
    };
    const { transporte } = await porta(responde, { sinal: parada.signal, pacienciaMs: 120_000 });
    await expect(transporte.envia([evento('a')])).rejects.toBe(parou);
    servidor?.closeAllConnections();
  });

  test('a refusal of the whole call is an error with its code, at once', async () => {
    const { pedidos, transporte } = await porta(() => ({
      status: 401,
      corpo: { codigo: 'CHAVE_INVALIDA', title: 'chave desconhecida' },
    }));
    await expect(transporte.envia([evento('a')])).rejects.toMatchObject({ code: 'CHAVE_INVALIDA' });
    expect(pedidos).toHaveLength(1);
  });

  test('reads Retry-After as seconds and as a date', () => {
    expect(pausaPedida('2', 0)).toBe(2_000);
    expect(pausaPedida('Thu, 01 Jan 1970 00:00:05 GMT', 1_000)).toBe(4_000);
    expect(pausaPedida('logo', 0)).toBeNull();
    expect(pausaPedida(null, 0)).toBeNull();
  });
});
