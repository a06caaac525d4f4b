import { expect, it } from 'vitest';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { type EstadoCliente, entregas, estadoVazio, type Portador } from './cliente.ts';
import { contribuicoes } from './indicadores.ts';
import { acumulaMudanca } from './mudanca.ts';
import { bytesPorNumero, Somas } from './somas.ts';

const rulebooks = await loadRulebooks();
const TITULAR = 'pf:AAAAAAAAAAAAAAAAAAAAAA';
const TIPOS = ['palestra', 'curso', 'oficina', 'consultoria', 'assessoramento', 'ferramenta'];
const UNIDADES = Array.from({ length: 28 }, (_, n) => `U${n}`);
/** A little more than may be held: what is over is found out at the next fold. */
const LIMITE = 17 * 1024 * 1024;

const ordenados = (c: Iterable<[string, number]>) => [...c].sort(([a], [b]) => (a < b ? -1 : 1));

/** A client with one delivery. */
function comUma(mes: number, unidade: string, tipoSolucao: string): EstadoCliente {
  const entrega: Portador = {
    ...{ source: 'crm', id: `${mes}`, tipoSolucao, unidade, modalidade: 'presencial', quantidade: 1 },
    ...{ time: Date.UTC(2024, mes, 10, 15), chave: 'protocolo', comPj: false, ladoDePf: false, desfeito: false },
  };
  return { ...estadoVazio(), portadores: [entrega] };
}

function somasDe(estado: EstadoCliente): [string, number][] {
  const somas = new Somas();
  acumulaMudanca(somas, TITULAR, [], entregas(estado), rulebooks);
  return somas.recolhe();
}

it('what is kept by number stays within its bound however many months come, and its sums are those of their names', () => {
  let maior = 0;
  let largadas = 0;
  for (let mes = 0; mes < 240; mes += 1) {
    for (const unidade of UNIDADES) {
      const antes = bytesPorNumero();
      for (const tipo of TIPOS) somasDe(comUma(mes, unidade, tipo));
      maior = Math.max(maior, bytesPorNumero());
      if (bytesPorNumero() < antes) largadas += 1;
    }
    const deAntes = comUma(mes % 7, 'U3', 'curso');
    expect(ordenados(somasDe(deAntes))).toEqual(ordenados(contribuicoes(TITULAR, deAntes, rulebooks)));
  }
  expect(largadas).toBeGreaterThan(0);
  expect(maior).toBeLessThan(LIMITE);
});
