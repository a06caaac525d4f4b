import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completaZeros, leBooleano, leNumero } from './celulas.ts';
import { FORMATOS, Fuso, formatoDe, leData } from './datas.ts';

describe('leBooleano', () => {
  it.each(['sim', 'SIM', ' Sim ', 's', 'S', 'verdadeiro', 'V', 'true', '1'])('%s is yes', (t) => {
    expect(leBooleano(t)).toBe(true);
  });
  it.each(['não', 'NÃO', 'nao', 'n', 'Falso', 'f', 'FALSE', '0'])('%s is no', (t) => expect(leBooleano(t)).toBe(false));
  it.each(['', 'talvez', 'sim!', '2', 'x'])("'%s' is neither", (t) => expect(leBooleano(t)).toBeNull());
});

describe('leNumero', () => {
  it.each([
    ['1.234,56', ',', 1234.56],
    ['1234,56', ',', 1234.56],
    ['1.234', ',', 1234],
    ['-0,5', ',', -0.5],
    ['75%', ',', 0.75],
    ['7 %', ',', 0.07],
    ['0,0000001%', ',', 1e-9],
    ['1,234.56', '.', 1234.56],
    ['0.75', '.', 0.75],
  ] as const)('%s with %s is %d', (texto, decimal, n) => expect(leNumero(texto, decimal)).toBe(n));
  it.each([
    ['0.75', ','],
    ['1234.56', ','],
    ['1.23', ','],
    ['0,75', '.'],
    ['', ','],
    ['5,29982E+10', ','],
    ['R$ 10', ','],
    ['1.2345', ','],
    ['%', ','],
  ] as const)("'%s' with %s is none", (texto, decimal) => expect(leNumero(texto, decimal)).toBeNull());

  it('reads back what Brazil writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.nat(4), (n, casas) => {
        const valor = n / 10 ** casas;
        const escrito = valor.toLocaleString('pt-BR', { minimumFractionDigits: casas, maximumFractionDigits: casas });
        expect(leNumero(escrito, ',')).toBe(valor === 0 ? leNumero(escrito, ',') : valor);
        expect(leNumero(valor.toFixed(casas), '.')).toBeCloseTo(valor, casas);
      }),
    );
  });

  it('reads any text as a finite number, or as none', () => {
    const texto = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('0', '9', '.', ',', '-', '%', ' ', 'e') }));
    fc.assert(
      fc.property(texto, fc.constantFrom(',' as const, '.' as const), (t, decimal) => {
        const n = leNumero(t, decimal);
        expect(n === null || Number.isFinite(n)).toBe(true);
      }),
    );
  });
});

describe('completaZeros', () => {
  it('puts back what a spreadsheet dropped, and touches nothing else', () => {
    expect(completaZeros('1234567890', 11)).toBe('01234567890');
    expect(completaZeros('529.982.247-25', 11)).toBe('529.982.247-25');
    expect(completaZeros('12ABC34501DE35', 14)).toBe('12ABC34501DE35');
  });
});

const formatos = FORMATOS.map((f) => formatoDe(f) as RegExp);
const leitura = (fuso: string, horaDoDia = 0) => ({ formatos, fuso: new Fuso(fuso), horaDoDia });
const SP = leitura('America/Sao_Paulo');
const iso = (t: number | null) => (t === null ? null : new Date(t).toISOString());

describe('leData', () => {
  it.each([
    ['02/03/2026', '2026-03-02T03:00:00.000Z'],
    ['2/3/2026 9:05', '2026-03-02T12:05:00.000Z'],
    ['02/03/2026  10:15:30', '2026-03-02T13:15:30.000Z'],
    ['2026-03-02 10:15:30.250', '2026-03-02T13:15:30.250Z'],
    ['2026-03-02T10:15:00-05:00', '2026-03-02T15:15:00.000Z'],
    ['2026-03-02T10:15:00Z', '2026-03-02T10:15:00.000Z'],
    // Summer time, while Brazil had it: two hours behind.
    ['15/01/2019 10:00', '2019-01-15T12:00:00.000Z'],
    // Its first day had no midnight.
    ['04/11/2018', '2018-11-04T03:00:00.000Z'],
    // The clock showed this hour twice: the first one.
    ['16/02/2019 23:30', '2019-02-17T01:30:00.000Z'],
  ])('%s is %s', (texto, esperado) => expect(iso(leData(texto, SP))).toBe(esperado));
  it.each(['30/02/2026', '02/13/2026', '02/03/26', '2026-02-30T10:00:00Z', '02/03/2026 24:00', '10:15', '', '46083'])(
    "'%s' is none",
    (texto) => expect(leData(texto, SP)).toBeNull(),
  );
  it('knows no hour that the clock never showed', () => expect(leData('04/11/2018 00:30', SP)).toBeNull());
  it.each([
    ['America/Manaus', '2026-03-02T14:15:00.000Z'],
    ['America/Rio_Branco', '2026-03-02T15:15:00.000Z'],
    ['America/Noronha', '2026-03-02T12:15:00.000Z'],
  ])('reads the clock of %s', (fuso, esperado) => {
    expect(iso(leData('02/03/2026 10:15', leitura(fuso)))).toBe(esperado);
  });
  it('takes a day for the hour it is told', () => {
    expect(iso(leData('02/03/2026', leitura('America/Noronha', 12 * 3_600_000)))).toBe('2026-03-02T14:00:00.000Z');
  });

  it('reads back what the clocks of Brazil show, to the second', () => {
    const instante = fc.integer({
      min: Date.parse('1975-01-01T00:00Z') / 1000,
      max: Date.parse('2040-01-01T00:00Z') / 1000,
    });
    const fusos = ['America/Sao_Paulo', 'America/Manaus', 'America/Rio_Branco', 'America/Noronha'];
    const leituras = new Map(fusos.map((f) => [f, leitura(f)]));
    fc.assert(
      fc.property(instante, fc.constantFrom(...fusos), (segundos, timeZone) => {
        const t = segundos * 1000;
        const mostra = (quando: number) => new Date(quando).toLocaleString('pt-BR', { timeZone }).replace(',', '');
        const lido = leData(mostra(t), leituras.get(timeZone) ?? SP);
        // What a clock put back shows twice is its first time: an hour before.
        expect([t, t - 3_600_000]).toContain(lido);
        expect(mostra(lido ?? 0)).toBe(mostra(t));
      }),
      { numRuns: 500 },
    );
  });
});

describe('formatoDe', () => {
  it.each(['dd/MM', 'dd/MM/yyyy', 'dd/MM/aaaa dd', 'MM/aaaa', ''])("'%s' is no format", (f) => {
    expect(formatoDe(f)).toBeNull();
  });
  it('takes an order of its own', () => {
    const deOutros = { ...SP, formatos: [formatoDe('MM-dd-aaaa HH:mm') as RegExp] };
    expect(iso(leData('03-02-2026 10:15', deOutros))).toBe('2026-03-02T13:15:00.000Z');
  });
});
