import { expect, it } from 'vitest';
import { loadRulebooks } from '../platform/rulebooks.ts';
import { dobra, entregas, estadoVazio } from './cliente.ts';
import { historico } from './historico.ts';
import type { Lancamento } from './lancamento.ts';

const base = await loadRulebooks();
const JULHO = Date.parse('2026-07-01T00:00:00-03:00');
const v2024 = base.em(JULHO);
const { palestra } = v2024.tiposSolucao;
if (palestra === undefined) throw new Error('não há palestra');
const novo = { ...v2024, versao: 'novo', tiposSolucao: { palestra: { ...palestra, clausula: '9.9' } } };
const rulebooks = base.aPartirDe({ desde: JULHO, rulebook: novo });

const credito = { chave: 'k', quantidade: 1, comPj: false, ladoDePf: false };
const lancamento = (id: string, quando: string, mais: Partial<Lancamento> = {}): Lancamento => ({
  ...{ source: 's', id, cliente: 'pf:x', time: Date.parse(quando), principal: true, metrica: 'atendimento' },
  ...{ motivo: 'M', tipoSolucao: 'palestra', unidade: 'SP', canal: null, modalidade: null },
  ...{ credito: { ...credito, chave: id }, estornada: null, ...mais },
});

it('each interaction with its clause, in the rulebook of its time; what became of it; the newest first', () => {
  const estado = estadoVazio();
  dobra(estado, [
    lancamento('a', '2026-06-30T23:00:00-03:00'),
    lancamento('b', '2026-07-01T00:00:00-03:00'),
    lancamento('a2', '2026-07-02T10:00:00-03:00', { credito: { ...credito, chave: 'a' } }),
    lancamento('c', '2026-07-03T10:00:00-03:00', { tipoSolucao: 'constructor' }),
    lancamento('e', '2026-07-04T10:00:00-03:00', { credito: null, estornada: { source: 's', id: 'b' } }),
  ]);
  const feito = historico(estado, rulebooks);
  expect(feito.map((e) => [e.id, e.dia, e.regra, e.rulebook, e.situacao])).toEqual([
    ['c', '2026-07-03', null, 'novo', 'conta'],
    ['a2', '2026-07-02', '9.9', 'novo', 'repetida'],
    ['b', '2026-07-01', '9.9', 'novo', 'estornada'],
    ['a', '2026-06-30', '1.1', '2024-1', 'conta'],
  ]);
  expect(feito.filter((e) => e.situacao === 'conta').length).toBe(entregas(estado).length);
});
