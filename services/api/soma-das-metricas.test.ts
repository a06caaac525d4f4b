import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mesesEntre } from '#domain/tempo.ts';
import type { ContadoDeMetrica } from '#platform/estado/leitor.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { comparado, type Intervalo } from './periodos.ts';
import { CAMPOS, type Campo, FILTROS, type Filtros, somaDosMeses } from './soma-das-metricas.ts';

const rulebooks = await loadRulebooks();
const tipos = rulebooks.em(Date.now()).tiposSolucao;

const dia = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 }))
  .map(([m, d]) => `2026-0${m}-${String(m === 2 ? Math.min(d, 28) : d).padStart(2, '0')}`);
const contado: fc.Arbitrary<ContadoDeMetrica> = fc.record({
  metrica: fc.constantFrom('atendimento', 'jornada'),
  motivo: fc.constantFrom('A', 'B'),
  tipoSolucao: fc.constantFrom('palestra', 'curso', 'constructor', ''),
  unidade: fc.constantFrom('SP', 'MG'),
  canal: fc.constantFrom('ead', ''),
  dia,
  n: fc.integer({ min: 1, max: 5 }),
});
const pedido = fc.record({
  agrupar: fc.subarray([...CAMPOS], { minLength: 1 }),
  filtros: fc.record(
    { unidade: fc.constantFrom('SP', 'MG'), propostaValor: fc.constantFrom('evento', 'capacitacao') },
    { requiredKeys: [] },
  ),
  dias: fc.tuple(dia, dia).map(([a, b]): Intervalo => (a < b ? { de: a, ate: b } : { de: b, ate: a })),
});

function campoDe(c: ContadoDeMetrica, campo: Campo): string {
  if (campo === 'mes') return c.dia.slice(0, 7);
  if (campo !== 'propostaValor') return c[campo];
  return Object.hasOwn(tipos, c.tipoSolucao) ? (tipos[c.tipoSolucao]?.propostaValor ?? '') : '';
}

/** One by one, as anyone would. */
function simples(
  contados: readonly ContadoDeMetrica[],
  filtros: Filtros,
  agrupar: readonly Campo[],
  { de, ate }: Intervalo,
) {
  const soma = new Map<string, number>();
  for (const c of contados) {
    if (c.dia < de || c.dia > ate) continue;
    if (FILTROS.some((f) => filtros[f] !== undefined && filtros[f] !== campoDe(c, f))) continue;
    const nome = agrupar.map((campo) => campoDe(c, campo)).join('|');
    soma.set(nome, (soma.get(nome) ?? 0) + c.n);
  }
  return soma;
}

it('sums what is asked for, whatever was asked before of the same counters', () => {
  fc.assert(
    fc.property(
      fc.array(contado, { maxLength: 40 }),
      fc.array(pedido, { minLength: 1, maxLength: 6 }),
      (contados, todos) => {
        const porMes = mesesEntre('2026-01', '2026-04').map((mes) => contados.filter((c) => c.dia.startsWith(mes)));
        for (const { agrupar, filtros, dias } of [...todos, ...todos]) {
          const { total, grupos } = somaDosMeses(porMes, { filtros, agrupar, rulebooks }, dias);
          const esperado = simples(contados, filtros, agrupar, dias);
          expect(new Map([...grupos].map(([nome, { n }]) => [nome, n]))).toEqual(esperado);
          expect(total).toBe([...esperado.values()].reduce((a, b) => a + b, 0));
        }
      },
    ),
  );
});

it('the same month is another one where it is held against another', () => {
  const marco: ContadoDeMetrica[] = [
    { metrica: 'm', motivo: 'M', tipoSolucao: '', unidade: 'SP', canal: '', dia: '2026-03-31', n: 2 },
  ];
  const doDia = { filtros: {}, agrupar: ['dia', 'mes'], rulebooks } satisfies Parameters<typeof somaDosMeses>[1];
  const nomes = (periodo: Intervalo) => [...somaDosMeses([marco], doDia, periodo).grupos.keys()];
  expect(nomes({ de: '2026-03-01', ate: '2026-03-31' })).toEqual(['2026-03-31|2026-03']);
  expect(nomes(comparado({ de: '2026-04-01', ate: '2026-04-30' }, 'anterior'))).toEqual(['|2026-04']);
  expect(nomes(comparado({ de: '2027-03-01', ate: '2027-03-31' }, 'ano-anterior'))).toEqual(['2027-03-31|2027-03']);
});
