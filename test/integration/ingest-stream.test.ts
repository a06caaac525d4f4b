import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { criaServidor, type Servidor } from '../../platform/http/servidor.ts';
import { Readiness } from '../../platform/readiness.ts';
import { encaminhaEscrita } from '../../services/api/encaminha.ts';
import { chama, chaveDe, evento, type IngestNoAr, ingestNoAr } from './http-fixture.ts';

const FONTE = 'lms-em-fluxo';
const LINHAS = 'application/x-ndjson';
const LOTE = 'application/cloudevents-batch+json';
let ingest: IngestNoAr;
let frente: Servidor;
let url: string;
let chave: string;

beforeAll(async () => {
  ingest = await ingestNoAr();
  const opcoes = { log: pino({ level: 'silent' }), readiness: new Readiness(), metricas: new Registry() };
  frente = criaServidor({ ...opcoes, bodyLimit: 1 });
  encaminhaEscrita(frente, ingest.url);
  // Through the front door, as callers do.
  url = `${await frente.listen({ host: '127.0.0.1', port: 0 })}/v1/eventos`;
  chave = await chaveDe(ingest.url, FONTE);
});
afterAll(async () => {
  await frente.close();
  await ingest.fecha();
});

const envia = (corpo: string | Uint8Array<ArrayBuffer>, tipo: string, codificacao?: string) =>
  chama(url, 'POST', chave, corpo, {
    'content-type': tipo,
    ...(codificacao === undefined ? {} : { 'content-encoding': codificacao }),
  });

/** How often each id of the source stands in Kafka, with its key and bytes. */
async function guardados(): Promise<Map<string, string[]>> {
  const porId = new Map<string, string[]>();
  await ingest.kafka.readToEnd('interacoes', {
    onBatch: async ({ records }) => {
      for (const r of records) {
        const i = await ingest.codecs.interacoes.decode(r.value).catch(() => null);
        if (i?.source !== FONTE) continue;
        const copia = `${r.key?.toString()} ${r.value?.toString('base64')}`;
        porId.set(i.id, [...(porId.get(i.id) ?? []), copia]);
      }
    },
  });
  return porId;
}

describe('NDJSON of any length', () => {
  test('more than any batch: each event its answer, in order, and every accepted one is in Kafka', async () => {
    const total = 30_000;
    const eventos = Array.from({ length: total }, (_, n) => evento(FONTE, {}, n % 100 === 99 ? { unidade: 'XX' } : {}));
    const corpo = eventos.map((e) => JSON.stringify(e)).join('\n');
    for (const [codificacao, comprimido] of [
      ['zstd', zstdCompressSync(corpo)],
      [undefined, Buffer.from(corpo)],
    ] as const) {
      const { status, corpo: lista } = await envia(new Uint8Array(comprimido), LINHAS, codificacao);
      const itens = lista as { id: string; estado: string }[];
      expect(status).toBe(207);
      expect(itens.map((i) => i.id)).toEqual(eventos.map((e) => e.id));
      expect(itens.filter((i) => i.estado === 'recusado')).toHaveLength(total / 100);
    }
    // Sent twice: the same records, key and bytes, which are counted once for their (source, id).
    const noKafka = await guardados();
    for (const e of eventos) {
      const copias = noKafka.get(e.id) ?? [];
      if (e.data.unidade === 'XX') expect(copias).toEqual([]);
      else if (copias.length !== 2 || copias[0] !== copias[1]) expect({ id: e.id, copias }).toBe('twice the same');
    }
  });
});

describe('compressed bodies', () => {
  test('an event in gzip, a batch in zstd', async () => {
    const e = evento(FONTE);
    const gzip = new Uint8Array(gzipSync(JSON.stringify(e)));
    expect(await envia(gzip, 'application/cloudevents+json', 'gzip')).toMatchObject({
      status: 202,
      corpo: { id: e.id },
    });
    const lote = new Uint8Array(zstdCompressSync(JSON.stringify([evento(FONTE), evento(FONTE)])));
    expect((await envia(lote, LOTE, 'zstd')).status).toBe(202);
  });

  test.each([
    [
      'a bomb',
      new Uint8Array(zstdCompressSync(Buffer.alloc(200_000_000, ' '))),
      LOTE,
      'zstd',
      413,
      'CORPO_GRANDE_DEMAIS',
    ],
    ['an encoding unknown', new Uint8Array([1]), LOTE, 'br', 415, 'CODIFICACAO_INVALIDA'],
    ['what is not gzip', new Uint8Array(100), LINHAS, 'gzip', 400, 'COMPRESSAO_INVALIDA'],
    [
      'a stream cut short',
      new Uint8Array(gzipSync('{}\n'.repeat(9_000)).subarray(0, -9)),
      LINHAS,
      'gzip',
      400,
      'COMPRESSAO_INVALIDA',
    ],
  ])('refuses %s', async (_nome, corpo, tipo, codificacao, status, codigo) => {
    expect(await envia(corpo, tipo, codificacao)).toMatchObject({ status, corpo: { codigo } });
  });
});

describe('nothing is invented: what is missing is refused by name, in every mode', () => {
  test.each(['specversion', 'id', 'source', 'type', 'time', 'data'] as const)('%s', async (falta) => {
    const { [falta]: _falta, ...e } = evento(FONTE);
    const inteiro = evento(FONTE);
    const { data, ...atributos } = { data: undefined, ...e };
    const ce = Object.fromEntries(Object.entries(atributos).map(([nome, valor]) => [`ce-${nome}`, String(valor)]));
    const recusa = { motivo: 'ESQUEMA_INVALIDO', detalhe: expect.stringContaining(falta) };
    const problema = { codigo: 'ESQUEMA_INVALIDO', detail: expect.stringContaining(falta) };
    expect(await envia(JSON.stringify(e), 'application/cloudevents+json')).toMatchObject({
      status: 400,
      corpo: problema,
    });
    const binario = await chama(url, 'POST', chave, data ?? {}, ce);
    // Without its data a binary event has those of another: an empty object, whose `unidade` is missing.
    const esperado = falta === 'data' ? expect.stringContaining('unidade') : problema.detail;
    expect(binario).toMatchObject({ status: 400, corpo: { ...problema, detail: esperado } });
    for (const [tipo, corpo] of [
      [LOTE, JSON.stringify([e, inteiro])],
      [LINHAS, `${JSON.stringify(e)}\n${JSON.stringify(inteiro)}`],
    ] as const) {
      expect(await envia(corpo, tipo)).toMatchObject({
        status: 207,
        corpo: [recusa, { id: inteiro.id, estado: 'aceito' }],
      });
    }
  });
});
