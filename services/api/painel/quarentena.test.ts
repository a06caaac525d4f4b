import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { Esquecimentos } from '#domain/esquecimento.ts';
import type { Interacao } from '#domain/interacao.ts';
import { PoisonError } from '#platform/codec.ts';
import { criaServidor, type Servidor } from '#platform/http/servidor.ts';
import type { OutputRecord, ReadOptions } from '#platform/kafka/port.ts';
import { LOTE_DE_REENVIO } from '#platform/quarentena/reenvio.ts';
import { Readiness } from '#platform/readiness.ts';
import { AGORA, cliente, comIndice, emQuarentena, entrada, esquecida, interacao, MARIA } from './indice/fixture.ts';
import { registraQuarentena } from './quarentena.ts';
import type { ContextoDoPainel } from './rotas.ts';

/** More than go into two transactions. */
const TODAS = 2 * LOTE_DE_REENVIO + 1;

let app: Servidor;
afterEach(() => app.close());

/** A participation that was derived of somebody forgotten since, for a company. */
const DERIVADA = {
  source: 'atendido-consolidador',
  id: `PAL-1/${MARIA}/1`,
  cliente: cliente(MARIA, 'pj:11222333000181'),
};

const REGISTRO = { source: DERIVADA.source, id: DERIVADA.id };

interface Mundo {
  /** Told of each transaction. */
  aoEnviar?: (quantas: number) => void;
  sinal?: AbortSignal;
  esquecimentos?: Esquecimentos;
  /** Whether records can be read: else not by whoever decides them. */
  legivel?: boolean;
}

/** A quarantine of very many such records. */
function sobe({ aoEnviar = () => {}, sinal, esquecimentos = new Esquecimentos(), legivel = false }: Mundo): void {
  const { indice, resolucoes } = comIndice(TODAS);
  for (let n = 0; n < TODAS; n += 1) indice.poe(entrada(`0/${n}`, { ...REGISTRO, de: interacao(DERIVADA) }));
  const send = async (registros: readonly OutputRecord[]) =>
    aoEnviar(registros.filter(({ topic }) => topic === 'interacoes').length);
  const readToEnd = async (topic: string, { from, to, onBatch }: ReadOptions): Promise<void> => {
    const [de, ate] = [from?.get(0) ?? 0, to?.get(0) ?? TODAS];
    const records = Array.from({ length: ate - de }, (_, n) => {
      return { offset: de + n, timestamp: 0, key: null, value: Buffer.from(`0/${de + n}`), headers: {} };
    });
    await onBatch({ topic, partition: 0, records });
  };
  const le = (): Interacao => {
    if (legivel) return interacao(DERIVADA);
    throw new PoisonError('ilegível');
  };
  const atualiza = async (): Promise<void> => {};
  const quarentena = {
    kafka: { readToEnd, exclusive: async () => ({ send, close: async () => {} }) },
    admin: { offsets: async () => [{ partition: 0, low: 0, high: TODAS }] },
    quarentenas: { prepareIds: async () => {}, decodeSync: (v: Buffer) => emQuarentena(String(v), REGISTRO).registro },
    interacoes: { prepareIds: async () => {}, decodeSync: le },
    resolucoes: { ...resolucoes, atualiza, inteira: atualiza, codec: { encode: () => Buffer.alloc(0) } },
    apuracoes: { emVigor: 0 },
    seguidas: { apuracoes: { emVigor: 0 }, esquecimentos, caughtUp: async () => {} },
    ...{ indice: { emDia: async () => indice }, sinal },
  };
  const exigeQuem = () => ({ quarentena, credencial: { id: 'chave' }, entra: () => {} });
  const log = pino({ level: 'silent' });
  app = criaServidor({ log, readiness: new Readiness(), metricas: new Registry(), bodyLimit: 1_000 });
  registraQuarentena({ app, exigeQuem } as unknown as ContextoDoPainel);
}

const reenvia = async (aplica = true) => {
  const payload = { motivo: 'A', ate: AGORA + 1, aplica };
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/painel/dados/quarentena/reenvio', payload });
  return { statusCode, dito: JSON.parse(body) };
};

it('a replay of very many is put back in lots', async () => {
  const lotes: number[] = [];
  sobe({ aoEnviar: (n) => lotes.push(n), sinal: new AbortController().signal });
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
  sobe({ aoEnviar, sinal: fim.signal });
  for (const _vez of [1, 2]) {
    expect(await reenvia()).toMatchObject({
      statusCode: 503,
      dito: { codigo: 'SERVICO_INDISPONIVEL', detail: expect.stringContaining('parando') },
    });
  }
  expect(lotes).toEqual([LOTE_DE_REENVIO]);
});

it.each([
  ['nobody was', new Esquecimentos(), DERIVADA.id],
  ['she was', esquecida(), 'PAL-1/***/1'],
])(
  'of a person inside of an id, forgotten or not (%s), a replay and the event tell so',
  async (_caso, esquecimentos, id) => {
    sobe({ esquecimentos });
    const { statusCode, dito } = await reenvia(false);
    expect([statusCode, dito.selecionadas, dito.registros[0].evento]).toEqual([200, TODAS, id]);
    await app.close();
    sobe({ esquecimentos, legivel: true });
    const { body } = await app.inject('/painel/dados/quarentena/evento?id=0/1');
    expect(JSON.parse(body).evento?.id).toBe(id);
    expect(body.includes(MARIA)).toBe(id === DERIVADA.id);
  },
);
