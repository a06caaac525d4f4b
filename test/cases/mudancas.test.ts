import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dobra, type EstadoCliente, entregas, estadoVazio, titularDe } from '#domain/cliente.ts';
import { decide } from '#domain/decidir.ts';
import { acumulaDiferenca, type Contadores, contribuicoes } from '#domain/indicadores.ts';
import { lancamentosDe } from '#domain/lancar.ts';
import { acumulaMudanca } from '#domain/mudanca.ts';
import { Somas } from '#domain/somas.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { portfolioDosCasos } from './carrega.ts';
import { AGORA, avulsas } from './geradores.ts';

const rulebooks = await loadRulebooks();
const portfolio = portfolioDosCasos();
const ordenado = (c: Contadores) => [...c].sort(([a], [b]) => (a < b ? -1 : 1));

it('what a fold changes in the indicators is the difference of what it leaves and what it found', () => {
  fc.assert(
    fc.property(avulsas, fc.integer({ min: 1, max: 7 }), (eventos, tamanho) => {
      const estados = new Map<string, EstadoCliente>();
      const pelaMudanca = new Somas();
      const pelaDiferenca: Contadores = new Map();
      const lancamentos = eventos.flatMap((interacao) => {
        const rulebook = rulebooks.em(interacao.time);
        return lancamentosDe(interacao, decide({ interacao, rulebook, portfolio, registradaEm: AGORA }));
      });
      for (let n = 0; n < lancamentos.length; n += tamanho) {
        for (const [titular, seus] of Map.groupBy(lancamentos.slice(n, n + tamanho), titularDe)) {
          const estado = estados.get(titular) ?? estadoVazio();
          estados.set(titular, estado);
          const antes = { entregas: entregas(estado), contribuicoes: contribuicoes(titular, estado, rulebooks) };
          dobra(estado, seus);
          acumulaMudanca(pelaMudanca, titular, antes.entregas, entregas(estado), rulebooks);
          acumulaDiferenca(pelaDiferenca, antes.contribuicoes, contribuicoes(titular, estado, rulebooks));
        }
      }
      expect(ordenado(new Map(pelaMudanca.recolhe()))).toEqual(ordenado(pelaDiferenca));
    }),
    { numRuns: 500 },
  );
});
