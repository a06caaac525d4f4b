import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EstadoCliente, estadoVazio, type Portador } from '#domain/cliente.ts';
import { codificaEstado, decodificaEstado } from './codificacao.ts';

const texto = fc.string({ unit: 'binary', maxLength: 12 });
const tipoSolucao = fc.oneof(fc.constantFrom('curso', 'palestra', 'tipo-novo', ''), texto);
const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((u) => u.toUpperCase()),
  texto,
);
const resto = fc.oneof(
  fc.constantFrom('disponibilizacaoId=OF-1', 'solucaoId=S|momento=m|sessaoId=', 'evento|a=b|c', '='),
  texto,
);

const portador: fc.Arbitrary<Portador> = fc
  .record({
    source: fc.oneof(fc.constantFrom('lms-ead', 'SP'), texto),
    id,
    // avsc writes longs of up to 52 bits: the year 144,683, on the wire too.
    time: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
    tipoSolucao,
    unidade: fc.oneof(fc.constantFrom('SP', 'NA'), texto),
    modalidade: fc.constantFrom('presencial', 'a-distancia', ''),
    quantidade: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    comPj: fc.boolean(),
    ladoDePf: fc.boolean(),
    resto,
    forma: fc.constantFrom('evento', 'campo', 'qualquer'),
  })
  .map(({ resto, forma, ...p }) => {
    if (forma === 'evento') return { ...p, chave: `${p.tipoSolucao}|evento|${p.source}|${p.id}` };
    return { ...p, chave: forma === 'campo' ? `${p.tipoSolucao}|${resto}` : resto };
  });

const impressao = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((b) => Buffer.from(b).toString('latin1'));
const impressoes = fc.array(impressao, { maxLength: 20 }).map((lista) => new Set(lista));
const metrica = fc
  .tuple(fc.constantFrom('2025', '2026'), fc.constantFrom('jornada', 'campanha', 'nova'))
  .map((p) => p.join('|'));

const estado: fc.Arbitrary<EstadoCliente> = fc.record({
  portadores: fc.array(portador, { maxLength: 6 }),
  estornados: impressoes,
  vistos: impressoes,
  outrasMetricas: fc.array(fc.tuple(metrica, fc.integer({ min: 1, max: 1e6 }))).map((pares) => new Map(pares)),
});

test('any state comes back as it was written', () => {
  const volta = fc.property(estado, (e) => {
    expect(decodificaEstado(codificaEstado(e))).toEqual(e);
  });
  fc.assert(volta, { numRuns: 1_000 });
});

test('a client with two deliveries fits in 160 bytes', () => {
  const base = {
    source: 'lms-ead',
    time: 1_772_457_300_000,
    unidade: 'SP',
    quantidade: 1,
    comPj: true,
    ladoDePf: false,
  };
  const e = estadoVazio();
  e.portadores = [
    {
      ...base,
      id: '0197a7c5-26e8-7a44-9a3f-0c9b7a1de001',
      tipoSolucao: 'curso-autoinstrucional',
      modalidade: 'a-distancia',
      chave: 'curso-autoinstrucional|solucaoId=CA-100|matriculaId=M-123456',
    },
    {
      ...base,
      id: '0197a7c5-26e8-7a44-9a3f-0c9b7a1de002',
      tipoSolucao: 'palestra',
      modalidade: 'presencial',
      chave: 'palestra|disponibilizacaoId=PAL-2026-0001',
    },
  ];
  e.vistos = new Set(['12345678', '87654321']);
  e.outrasMetricas = new Map([['2026|jornada', 3]]);
  expect(codificaEstado(e).length).toBeLessThan(160);
});

test('bytes of another format are refused', () => {
  expect(() => decodificaEstado(Buffer.of(2, 0, 0, 0, 0, 0))).toThrow('formato 2');
  expect(() => decodificaEstado(Buffer.alloc(0))).toThrow('formato ausente');
});
