import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { PoisonError } from '#platform/codec.ts';
import { criaServidor, type Servidor } from '#platform/http/servidor.ts';
import type { OutputRecord, ReadOptions } from '#platform/kafka/port.ts';
import { LOTE_DE_REENVIO } from '#platform/quarentena/reenvio.ts';
import { Readiness } from '#platform/readiness.ts';
import { comIndice, emQuarentena, entrada } from './indice/fixture.ts';
import { registraQuarentena } from './quarentena.ts';
import type { ContextoDoPainel } from './rotas.ts';

/** More than go into two transactions. */
const TODAS = 2 * LOTE_DE_REENVIO + 1;

let app: Servidor;
afterEach(() => app.close());

/** A quarantine of records that nobody can read. @param aoEnviar told of each transaction */
function sobe(aoEnviar: (quantas: number) => void, sinal: AbortSignal): void {
  const { indice, resolucoes } = comIndice(TODAS);
  for (let n = 0; n < TODAS; n += 1) indice.poe(entrada(`0/${n}`));
  const esquecimentos = new Esquecimentos();
  const send = async (registros: readonly OutputRecord[]) =>
    aoEnviar(registros.filter(({ topic }) => topic === 'interacoes').length);
  const readToEnd = async (topic: string, { from, to, onBatch }: ReadOptions): Promise<void> => {
    const [de, ate] = [from?.get(0) ?? 0, to?.get(0) ?? TODAS];
    const records = Array.from({ length: ate - de }, (_, n) => {
      return { offset: de + n, timestamp: 0, key: null, value: Buffer.from(`0/${de + n}`), headers: {} };
    });
    await onBatch({ topic, partition: 0, records });
  };
  const ilegivel = (): never => {
    throw new PoisonError('ilegível');
  };
  const quarentena = {
    kafka: { readToEnd, exclusive: async () => ({ send, close: async () => {} }) },
    admin: { offsets: async () => [{ partition: 0, low: 0, high: TODAS }] },
    quarentenas: { prepareIds: async () => {}, decodeSync: (v: Buffer) => emQuarentena(String(v)).registro },
    interacoes: { prepareIds: async () => {}, decodeSync: ilegivel },
    resolucoes: { ...resolucoes, atualiza: async () => {}, codec: { encode: () => Buffer.alloc(0) } },
    apuracoes: { emVigor: 0 },
    seguidas: { apuracoes: { emVigor: 0 }, esquecimentos, caughtUp: async () => {} },
    ...{ indice: { emDia: async () => indice }, sinal },
  };
  const exigeQuem = () => ({ quarentena, credencial: { id: 'chave' }, entra: () => {} });
  const log = pino({ level: 'silent' });
  app = criaServidor({ log, readiness: new Readiness(), metricas: new Registry(), bodyLimit: 1_000 });
  registraQuarentena({ app, exigeQuem } as unknown as ContextoDoPainel);
}

const reenvia = async () => {
  const payload = { motivo: 'A', ate: Date.now(), aplica: true };
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/painel/dados/quarentena/reenvio', payload });
  return { statusCode, dito: JSON.parse(body) };
};

it('a replay of very many is put back in lots', async () => {
  const lotes: number[] = [];
  sobe((n) => lotes.push(n), new AbortController().signal);
  const { statusCode, dito } = await reenvia();
  expect([statusCode, dito.reenviadas, lotes]).toEqual([200, TODAS, [LOTE_DE_REENVIO, LOTE_DE_REENVIO, 1]]);
});

it('the end of the api ends it after the lot that is under way, says so, and begins none', async () => {
  const lotes: number[] = [];
  const fim = new AbortController();
  const aoEnviar = (n: number): void => {
    lotes.push(n);
    fim.abort();
  };
  sobe(aoEnviar, fim.signal);
  for (const _vez of [1, 2]) {
    expect(await reenvia()).toMatchObject({
      statusCode: 503,
      dito: { codigo: 'SERVICO_INDISPONIVEL', detail: expect.stringContaining('parando') },
    });
  }
  expect(lotes).toEqual([LOTE_DE_REENVIO]);
});
