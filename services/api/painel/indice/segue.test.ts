import { expect, it } from 'vitest';
import type { Codec } from '#platform/codec.ts';
import { PoisonError } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import type { InputRecord, ReadOptions } from '#platform/kafka/port.ts';
import { emQuarentena, interacao } from './fixture.ts';
import { IndiceSeguido, type PartesDoIndice } from './segue.ts';

/** A topic of one partition in memory, whose readings can be held up. */
function topico() {
  const registros: InputRecord[] = [];
  const e = {
    low: 0,
    high: 0,
    feitos: 0,
    emVigor: 0,
    leituras: 0,
    conexoes: 0,
    fora: false,
    atualizadas: 0,
    entregues: 0,
    juntas: false,
  };
  let solta: (() => void) | null = null;
  let presa: Promise<void> | null = null;
  const decodeSync = (v: Buffer | null): object => {
    if (v === null || String(v) === 'lixo') throw new PoisonError('lixo');
    const { id, apuracao } = JSON.parse(String(v));
    return emQuarentena(id, { apuracao, valor: Buffer.from('v') }).registro;
  };
  const codec = (le: (v: Buffer | null) => object) => ({ prepareIds: async () => {}, decodeSync: le });
  const readToEnd = async (_t: string, { from, to, onBatch }: ReadOptions): Promise<void> => {
    e.leituras += 1;
    await presa;
    const records = registros.filter(({ offset }) => {
      return offset >= Math.max(e.low, from?.get(0) ?? 0) && offset < (to?.get(0) ?? e.high);
    });
    e.entregues += records.length;
    const lotes = e.juntas ? [records] : records.map((record) => [record]);
    for (const lote of lotes) await onBatch({ topic: 'q', partition: 0, records: lote });
  };
  const partes = {
    kafka: {
      reader: async () => {
        e.conexoes += 1;
        return { readToEnd, close: async () => {} };
      },
    },
    admin: {
      offsets: async () => {
        if (e.fora) throw new RetryableError('Kafka fora');
        return [{ partition: 0, low: e.low, high: e.high }];
      },
      ends: async () => new Map([[0, e.feitos]]),
    },
    quarentenas: codec(decodeSync) as unknown as Codec<never>,
    interacoes: codec(() => interacao()) as unknown as Codec<never>,
    resolucoes: { atualiza: async () => void e.atualizadas++, resolvida: () => false },
    apuracoes: {
      get emVigor() {
        return e.emVigor;
      },
    },
  } as unknown as PartesDoIndice;
  const poe = (texto?: string, apuracao = 0): void => {
    const offset = e.high;
    const value = Buffer.from(texto ?? JSON.stringify({ id: `0/${offset}`, apuracao }));
    registros.push({ offset, timestamp: offset, key: null, value, headers: {} });
    e.high += 1;
  };
  const prende = (): void => {
    presa = new Promise((resolve) => (solta = resolve));
  };
  return {
    e,
    poe,
    prende,
    solta: () => solta?.(),
    esvazia: () => void registros.splice(0),
    indice: new IndiceSeguido(partes),
  };
}

const ids = async (indice: IndiceSeguido) => (await indice.emDia()).todas().map(({ id }) => id);

it('until the topic was read once it says so, and how far it came; never an empty list', async () => {
  const t = topico();
  t.poe();
  t.prende();
  await expect(t.indice.emDia()).rejects.toMatchObject({ codigo: 'QUARENTENA_CARREGANDO', retryAfter: 2 });
  await expect(t.indice.emDia()).rejects.toThrow('0% lidos');
  t.solta();
  expect(await ids(t.indice)).toEqual(['0/0']);
});

it('stays at the tail by one connection: each record is read once, and nothing where nothing came', async () => {
  const t = topico();
  t.poe();
  expect(await ids(t.indice)).toEqual(['0/0']);
  await t.indice.emDia();
  expect(t.e).toMatchObject({ leituras: 1, conexoes: 1, atualizadas: 1 });
  t.poe();
  expect(await ids(t.indice)).toEqual(['0/1', '0/0']);
  expect(t.e).toMatchObject({ leituras: 2, conexoes: 1, atualizadas: 1, entregues: 2 });
  t.e.feitos += 1;
  await t.indice.emDia();
  expect(t.e).toMatchObject({ leituras: 2, atualizadas: 2 });
});

it('who asks together is answered by one look, which began after they asked', async () => {
  const t = topico();
  await t.indice.emDia();
  t.prende();
  t.poe();
  const um = ids(t.indice);
  const outros = (async () => {
    await Promise.resolve();
    t.poe();
    return Promise.all([ids(t.indice), ids(t.indice)]);
  })();
  t.solta();
  expect([await um, await outros]).toEqual([expect.arrayContaining(['0/0']), expect.anything()]);
  expect((await outros).map((l) => l.length)).toEqual([2, 2]);
});

it('a server that is away is told, and what was read stands when it is back', async () => {
  const t = topico();
  t.poe();
  await t.indice.emDia();
  t.e.fora = true;
  await expect(t.indice.emDia()).rejects.toThrow(RetryableError);
  t.e.fora = false;
  expect(await ids(t.indice)).toEqual(['0/0']);
});

it('what retention took is shown no more; a log that was made anew is read anew', async () => {
  const t = topico();
  t.poe();
  t.poe();
  await t.indice.emDia();
  t.e.low = 1;
  expect(await ids(t.indice)).toEqual(['0/1']);
  t.esvazia();
  Object.assign(t.e, { low: 0, high: 0 });
  t.poe();
  expect(await ids(t.indice)).toEqual(['0/0']);
});

it('another apuração in force has its own records, which are read from the beginning', async () => {
  const t = topico();
  t.poe();
  t.poe(undefined, 1);
  expect(await ids(t.indice)).toEqual(['0/0']);
  t.e.emVigor = 1;
  t.prende();
  // Of the one before nothing is told any more, though the new one's have not been read.
  await expect(t.indice.emDia()).rejects.toMatchObject({ codigo: 'QUARENTENA_CARREGANDO' });
  t.solta();
  expect(await ids(t.indice)).toEqual(['0/1']);
});

it('a record that cannot be read is counted and stops nothing', async () => {
  const t = topico();
  t.poe('lixo');
  t.poe();
  const indice = await t.indice.emDia();
  expect([indice.ilegiveis, indice.guardadas]).toEqual([1, 1]);
});

it('others have their turn while very many are taken in', async () => {
  const t = topico();
  t.e.juntas = true;
  for (let n = 0; n < 2_000; n += 1) t.poe();
  let [voltas, lido] = [0, false];
  const gira = (): void => {
    voltas += 1;
    if (!lido) setImmediate(gira);
  };
  setImmediate(gira);
  const indice = await t.indice.emDia();
  lido = true;
  expect([indice.guardadas, voltas >= 8]).toEqual([2_000, true]);
});
