import { Counter } from 'prom-client';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Interacao } from '#domain/interacao.ts';
import { type EstadoDaOferta, ofertaVazia } from '#domain/presenca.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import type { OutputRecord, Round } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { semApuracoes } from '../../test/integration/seguidas.ts';
import { NOW, palestra } from './palestra-fixture.ts';
import { consolidatorStep } from './round.ts';
import type { PresenceStore } from './store.ts';

const REGISTRY: Registry = { register: async () => 7, idOf: async () => 7, writer: async () => null };
const { portfolio, checkIn: CHECK_IN, closing: CLOSING } = palestra('PAL-A');

let codec: Codec<Interacao>;
let rulebooks: Rulebooks;

beforeAll(async () => {
  codec = await codecFor(REGISTRY, 'interacoes');
  rulebooks = await loadRulebooks();
});

/**
 * A store in memory that writes down what is done with it; `refuse` answers commits with a position moved by others,
 * `away` is a partition that cannot be read; `back` is the place of a record that came back from quarantine.
 */
function world({ refuse, away, back }: { refuse?: number; away?: number; back?: string } = {}) {
  const actions: string[] = [];
  const sent: OutputRecord[] = [];
  let [position, marked] = [0, 0];
  let offers = new Map<string, EstadoDaOferta>();
  const store = {
    position: async () => position,
    async load(partition: number, touched: ReadonlyMap<string, unknown>) {
      if (partition === away) throw new RetryableError('Redis');
      const copy = new Map([...touched.keys()].map((id) => [id, structuredClone(offers.get(id) ?? ofertaVazia(id))]));
      return { position, offers: copy };
    },
    async commit(_: number, from: number, to: number, changed: Map<string, EstadoDaOferta>) {
      actions.push(`commit ${from}→${to}`);
      if (refuse !== undefined) return refuse;
      offers = new Map([...offers, ...changed]);
      position = to;
      return to;
    },
    forgotten: async () => marked,
    async forget(ids: string[]) {
      if (ids.length === 0) return;
      actions.push(`forget ${ids}`);
      marked = ids.length;
    },
  } as unknown as PresenceStore;
  const producer = {
    async send(records: readonly OutputRecord[]) {
      if (records.length > 0) actions.push(`send ${records.length}`);
      sent.push(...records);
    },
    close: async () => {},
  };
  const seguidas = semApuracoes(rulebooks);
  const follower = { portfolio, caughtUp: async () => {}, stop: async () => {} };
  const emitted = new Counter({ name: 'x', help: 'x', labelNames: ['interacao'], registers: [] });
  const late = new Counter({ name: 'y', help: 'y', registers: [] });
  let known = false;
  const postas = {
    async atualiza() {
      known = true;
    },
    voltou: (place: string) => known && place === back,
  };
  const step = consolidatorStep({ storeOf: () => store, follower, seguidas, codec, producer, postas, emitted, late });
  const { esquecimentos } = seguidas;
  const restore = (): void => {
    marked = 0;
  };
  const lateOnes = async () => (await late.get()).values[0]?.value;
  return { actions, sent, step, esquecimentos, restore, moveTo: (p: number) => (position = p), lateOnes };
}

function round(from: number, ...values: (Interacao | string)[]): Round {
  const records = values.map((v, n) => ({
    offset: from + n,
    timestamp: NOW,
    key: null,
    value: typeof v === 'string' ? Buffer.from(v) : codec.encode(v),
    headers: {},
  }));
  const batch = { topic: 'presencas', partition: 0, records, next: from + records.length, isStillOurs: () => true };
  return { batches: [batch], commit: async () => {} };
}

describe('consolidatorStep', () => {
  it('emits the participations of a closing, and moves the position last', async () => {
    const { actions, sent, step } = world();
    await step.positionOf({ topic: 'presencas', partition: 0 });
    expect(await step.onRound(round(0, CHECK_IN, CLOSING))).toEqual([]);
    expect(actions).toEqual(['send 1', 'commit 0→2']);
    const derived = codec.decodeSync(sent[0]?.value ?? null);
    expect(derived).toMatchObject({ tipoInteracao: 'consolidacao-participacao', presencas: 1, time: CLOSING.time });
    expect(sent[0]?.key).toBe(CHECK_IN.cliente?.pf);
  });

  it('emits the same again after a crash before the position moved', async () => {
    const [first, second] = [world(), world()];
    for (const { step } of [first, second]) {
      await step.positionOf({ topic: 'presencas', partition: 0 });
      await step.onRound(round(0, CHECK_IN, CLOSING));
    }
    expect(second.sent).toEqual(first.sent);
  });

  it('goes where Redis says when Redis lost its tail, and emits nothing', async () => {
    const { actions, step, moveTo } = world();
    moveTo(7);
    await step.positionOf({ topic: 'presencas', partition: 0 });
    moveTo(3);
    expect(await step.onRound(round(7, CHECK_IN))).toEqual([{ topic: 'presencas', partition: 0, offset: 3 }]);
    expect(actions).toEqual([]);
  });

  it('folds nothing again of a round that failed in another partition, and is handed again as it was', async () => {
    const { actions, step } = world({ away: 1 });
    for (const partition of [0, 1]) await step.positionOf({ topic: 'presencas', partition });
    const [zero] = round(0, CHECK_IN, CLOSING).batches;
    if (zero === undefined) throw new Error('a round has a batch');
    const both = { batches: [zero, { ...zero, partition: 1 }], commit: async () => {} };
    await expect(step.onRound(both)).rejects.toThrow(RetryableError);
    await expect(step.onRound(both)).rejects.toThrow(RetryableError);
    expect(actions).toEqual(['send 1', 'commit 0→2']);
  });

  it('goes where Redis says also when the round failed in another partition, and is handed again as it was', async () => {
    const { actions, step, moveTo } = world({ away: 1 });
    moveTo(7);
    for (const partition of [0, 1]) await step.positionOf({ topic: 'presencas', partition });
    moveTo(3);
    const [zero] = round(7, CHECK_IN).batches;
    if (zero === undefined) throw new Error('a round has a batch');
    const both = { batches: [zero, { ...zero, partition: 1 }], commit: async () => {} };
    await expect(step.onRound(both)).rejects.toThrow(RetryableError);
    expect(await step.onRound({ ...both, batches: [zero] })).toEqual([{ topic: 'presencas', partition: 0, offset: 3 }]);
    expect(actions).toEqual([]);
  });

  it('goes where Redis says when another instance moved the position meanwhile', async () => {
    const { step } = world({ refuse: 9 });
    await step.positionOf({ topic: 'presencas', partition: 0 });
    expect(await step.onRound(round(0, CHECK_IN))).toEqual([{ topic: 'presencas', partition: 0, offset: 9 }]);
  });

  it('folds nothing of a record that came back from quarantine as another one', async () => {
    const other = {
      ...CHECK_IN,
      id: 'p2',
      cliente: { pf: 'pf:BBBBBBBBBBBBBBBBBBBBBB', pj: null, naoIdentificado: null },
    };
    const { sent, step } = world({ back: 'presencas/0/1' });
    await step.positionOf({ topic: 'presencas', partition: 0 });
    await step.onRound(round(0, CHECK_IN, other, CLOSING));
    expect(sent.map(({ key }) => key)).toEqual([CHECK_IN.cliente?.pf]);
  });

  it('folds what stands before an order to forget as ever, and nothing behind it', async () => {
    const { sent, step, actions, esquecimentos, restore } = world();
    await step.positionOf({ topic: 'presencas', partition: 0 });
    esquecimentos.registra({
      ...{ numero: 1, titular: CHECK_IN.cliente?.pf ?? '', nome: 'pf:novo', por: 'ana', em: 0, anunciado: false },
      ...{ desde: NOW, limites: { interacoes: [0], presencas: [3] }, fechamentos: [] },
    });
    const other = {
      ...CHECK_IN,
      id: 'p2',
      cliente: { pf: 'pf:BBBBBBBBBBBBBBBBBBBBBB', pj: null, naoIdentificado: null },
    };
    const pj = { id: 'pj:11222333000181', vinculo: 'enriquecimento' as const };
    const late = { ...CHECK_IN, id: 'p3', cliente: { pf: CHECK_IN.cliente?.pf ?? null, pj, naoIdentificado: null } };
    await step.onRound(round(0, CHECK_IN, other, CLOSING, late));
    expect(sent.map(({ key }) => key)).toEqual([CHECK_IN.cliente?.pf, other.cliente.pf]);
    expect(actions).toEqual(['send 2', 'commit 0→4', `forget ${CHECK_IN.cliente?.pf}`]);
    // Of a Redis that went back, in a partition where nothing came since, the position is the same.
    const here = { topic: 'presencas', partition: 0 };
    expect(await step.hasMoved(here)).toBe(false);
    restore();
    expect(await step.hasMoved(here)).toBe(true);
    await step.positionOf(here);
    expect(actions.at(-1)).toBe(`forget ${CHECK_IN.cliente?.pf}`);
    expect(await step.hasMoved(here)).toBe(false);
    // The closing taken back: whose presence it was is not known any more.
    const undone = { ...CLOSING, id: 'd1', tipoInteracao: 'estorno', estornada: { source: 'leitor', id: 'f1' } };
    await step.onRound(round(4, undone));
    expect(sent.slice(2).map(({ key }) => key)).toEqual([other.cliente.pf]);
  });

  it('counts the check-ins that come past the late window, each once, and once it is kept', async () => {
    const { sent, step, lateOnes } = world();
    await step.positionOf({ topic: 'presencas', partition: 0 });
    const DAY_MS = 86_400_000;
    const closing = { ...CLOSING, time: NOW - 40 * DAY_MS };
    const at = (id: string, time: number) => ({ ...CHECK_IN, id, time });
    await step.onRound(round(0, at('before', NOW - 1), closing, at('late', NOW - 10 * DAY_MS)));
    expect([await lateOnes(), sent.length]).toEqual([0, 1]);
    const nobody = { ...at('nobody', NOW - 2), cliente: null };
    await step.onRound(
      round(3, at('too-late', NOW - 1), at('too-late', NOW - 1), nobody, at('other', NOW - 9.9 * DAY_MS)),
    );
    expect([await lateOnes(), sent.length]).toEqual([2, 1]);
    // Handed again, as it is after a round that failed elsewhere; and sent again by who sends everything twice.
    await step.onRound(round(3, at('too-late', NOW - 1)));
    await step.onRound(round(7, at('too-late', NOW - 1), at('other', NOW - 9.9 * DAY_MS)));
    expect([await lateOnes(), sent.length]).toEqual([2, 1]);
  });

  it('counts no check-in as late where the position moved elsewhere', async () => {
    const { step, lateOnes } = world({ refuse: 9 });
    await step.positionOf({ topic: 'presencas', partition: 0 });
    const closing = { ...CLOSING, time: NOW - 40 * 86_400_000 };
    await step.onRound(round(0, closing, CHECK_IN));
    expect(await lateOnes()).toBe(0);
  });

  it('leaves what it cannot read to the classifier', async () => {
    const { step, sent } = world();
    await step.positionOf({ topic: 'presencas', partition: 0 });
    expect(await step.onRound(round(0, 'lixo', CHECK_IN, CLOSING))).toEqual([]);
    expect(sent).toHaveLength(1);
  });
});
