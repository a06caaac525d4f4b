import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Lancamento } from '#domain/lancamento.ts';
import { type Codec, codecFor } from './codec.ts';
import { LotWriter } from './codec-lote.ts';
import type { LoteDeLancamentos } from './codec-types.ts';

const MOST = { entries: 1_000, bytes: 100_000 };
const ENTRY: Lancamento = {
  ...{ cliente: 'pf:1', source: 's', id: 'e', time: 1_772_445_600_123, principal: true, metrica: 'jornada' },
  ...{ motivo: 'CADASTRO_OU_LOGIN', tipoSolucao: null, unidade: 'SP', canal: null, modalidade: null, credito: null },
  estornada: null,
};

const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀'), maxLength: 80 });
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null });
const credito = fc.record({
  ...{ chave: text, quantidade: fc.nat(), comPj: fc.boolean(), ladoDePf: fc.boolean() },
});
const entries = fc.array(
  fc.record({
    ...{
      cliente: maybe(text),
      source: text,
      id: text,
      time: fc.integer({ min: -1e12, max: 4e15 }),
      principal: fc.boolean(),
    },
    ...{ metrica: text, motivo: text, tipoSolucao: maybe(text), unidade: text, canal: maybe(text) },
    ...{ modalidade: maybe(text), credito: maybe(credito) },
    estornada: maybe(fc.record({ source: text, id: text })),
  }),
  { maxLength: 200 },
);

describe('LotWriter', () => {
  let codec: Codec<LoteDeLancamentos>;
  beforeAll(async () => {
    codec = await codecFor({ register: async () => 7, idOf: async () => 7, writer: async () => null }, 'lancamentos');
  });

  /** The lot of some entries, all of which it takes. */
  function lotOf(lancamentos: readonly Lancamento[]): Buffer {
    const lot = new LotWriter(codec.schemaId, MOST);
    for (const one of lancamentos) expect(lot.add(one)).toBe(true);
    return lot.end();
  }

  it('writes what the codec does of all of them at once', () => {
    const check = (some: Lancamento[]) => {
      expect(lotOf(some)).toEqual(codec.encode({ lancamentos: some }));
    };
    fc.assert(fc.property(entries, check), { numRuns: 200 });
    for (const count of [0, 1, 63, 64, 65, 1_000]) check(Array(count).fill(ENTRY));
  });

  it('writes them wherever its memory ends', () => {
    for (let length = 1_500; length < 4_500; length++) {
      const some = [{ ...ENTRY, id: 'x'.repeat(length) }];
      expect(lotOf(some).equals(codec.encode({ lancamentos: some }))).toBe(true);
    }
  });

  it('takes as many as it may hold, of bytes too, and one however large', () => {
    const taken = (one: Lancamento) => {
      const lot = new LotWriter(codec.schemaId, MOST);
      let count = 0;
      while (lot.add(one)) count++;
      expect(codec.decodeSync(lot.end()).lancamentos).toEqual(Array(count).fill(one));
      return count;
    };
    expect(taken(ENTRY)).toBe(1_000);
    expect(taken({ ...ENTRY, id: 'x'.repeat(1_000) })).toBe(95);
    expect(taken({ ...ENTRY, id: 'x'.repeat(150_000) })).toBe(1);
  });
});
