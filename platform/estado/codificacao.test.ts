import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EstadoCliente, estadoVazio, type Portador } from '#domain/cliente.ts';
import { Impressoes } from '#domain/impressoes.ts';
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
    // Avro's longs on the wire end at 52 bits: the year 144,683.
    time: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
    tipoSolucao,
    unidade: fc.oneof(fc.constantFrom('SP', 'NA'), texto),
    modalidade: fc.constantFrom('presencial', 'a-distancia', ''),
    quantidade: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    comPj: fc.boolean(),
    ladoDePf: fc.boolean(),
    desfeito: fc.boolean(),
    resto,
    forma: fc.constantFrom('evento', 'campo', 'qualquer'),
  })
  .map(({ resto, forma, ...p }) => {
    if (forma === 'evento') return { ...p, chave: `${p.tipoSolucao}|evento|${p.source}|${p.id}` };
    return { ...p, chave: forma === 'campo' ? `${p.tipoSolucao}|${resto}` : resto };
  });

const impressao = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((b) => Buffer.from(b).toString('latin1'));
const impressoes = fc.array(impressao, { maxLength: 20 }).map((lista) => Impressoes.de(lista));
const outraMetrica = fc.record({
  ano: fc.constantFrom('2025', '2026'),
  metrica: fc.constantFrom('jornada', 'campanha', 'nova'),
  n: fc.integer({ min: 1, max: 1e6 }),
});

const estado: fc.Arbitrary<EstadoCliente> = fc.record({
  portadores: fc.array(portador, { maxLength: 6 }),
  estornados: impressoes,
  vistos: impressoes,
  outrasMetricas: fc.array(outraMetrica),
});

/** What a state holds, as plain values. */
const conteudo = ({ portadores, estornados, vistos, outrasMetricas }: EstadoCliente) => {
  return { portadores, estornados: [...estornados], vistos: [...vistos], outrasMetricas };
};

test('any state comes back as it was written', () => {
  const volta = fc.property(estado, (e) => {
    expect(conteudo(decodificaEstado(codificaEstado(e)))).toEqual(conteudo(e));
  });
  fc.assert(volta, { numRuns: 1_000 });
});

test('holders that nobody asked for are written as they were read, those that changed anew', () => {
  const volta = fc.property(estado, portador, impressao, (e, outro, vista) => {
    const intocado = decodificaEstado(codificaEstado(e));
    intocado.vistos.add(vista);
    const esperado = { ...conteudo(e), vistos: [...Impressoes.de([...e.vistos, vista])] };
    expect(conteudo(decodificaEstado(codificaEstado(intocado)))).toEqual(esperado);
    const mudado = decodificaEstado(codificaEstado(e));
    mudado.portadores.push(outro);
    const comOutro = { ...conteudo(e), portadores: [...e.portadores, outro] };
    expect(conteudo(decodificaEstado(codificaEstado(mudado)))).toEqual(comOutro);
  });
  fc.assert(volta, { numRuns: 300 });
});

test('a client with two deliveries fits in 160 bytes', () => {
  const base = {
    source: 'lms-ead',
    time: 1_772_457_300_000,
    unidade: 'SP',
    quantidade: 1,
    comPj: true,
    ladoDePf: false,
    desfeito: false,
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
  e.vistos = Impressoes.de(['12345678', '87654321']);
  e.outrasMetricas = [{ ano: '2026', metrica: 'jornada', n: 3 }];
  expect(codificaEstado(e).length).toBeLessThan(160);
});

test('bytes of another format are refused', () => {
  expect(() => decodificaEstado(Buffer.of(1, 0, 0, 0, 0, 0))).toThrow('formato 1');
  expect(() => decodificaEstado(Buffer.alloc(0))).toThrow('formato ausente');
});
