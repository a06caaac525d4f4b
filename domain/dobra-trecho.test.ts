import { describe, expect, it } from 'vitest';
import { type EstadoCliente, estadoVazio } from './cliente.ts';
import { dobraTrecho, porTitular } from './dobra-trecho.ts';
import type { Lancamento } from './lancamento.ts';
import type { Rulebooks } from './rulebook.ts';

const rulebooks = { em: () => ({ versao: 'r', indicadores: {} }) } as unknown as Rulebooks;

function entrega(cliente: string, id: string): Lancamento {
  return {
    ...{ cliente, source: 's', id, time: Date.UTC(2026, 5), principal: true, metrica: 'atendimento', motivo: 'm' },
    ...{ tipoSolucao: 'curso', unidade: 'SP', canal: null, modalidade: 'presencial', estornada: null },
    credito: { chave: `curso|${id}`, quantidade: 1, comPj: false, ladoDePf: false },
  };
}

const estorno = (de: Lancamento): Lancamento => ({
  ...de,
  ...{ id: `estorno-${de.id}`, metrica: 'improcedente', credito: null, estornada: { source: de.source, id: de.id } },
});

/** States kept in memory; `passos`: who was asked for and who was kept, in order. */
function memoria() {
  const passos: string[] = [];
  const estados = new Map<string, EstadoCliente>();
  const le = (titular: string): EstadoCliente => {
    passos.push(`le ${titular}`);
    return estados.get(titular) ?? estadoVazio();
  };
  const guarda = (titular: string, estado: EstadoCliente): void => {
    passos.push(`guarda ${titular}`);
    estados.set(titular, estado);
  };
  return { passos, estados: { le, guarda } };
}

describe('the fold of a run', () => {
  it('takes one holder after the other, whatever lots name them, and keeps those that changed', () => {
    const [a, b] = [entrega('pf:a', '1'), entrega('pf:b', '2')];
    const { passos, estados } = memoria();
    dobraTrecho(porTitular([[a, b], [entrega('pf:a', '3')], []]), estados, rulebooks);
    expect(passos).toEqual(['le pf:a', 'guarda pf:a', 'le pf:b', 'guarda pf:b']);
    passos.length = 0;
    const { metricas } = dobraTrecho(porTitular([[b], [entrega('pf:c', '4')]]), estados, rulebooks);
    expect(passos).toEqual(['le pf:b', 'le pf:c', 'guarda pf:c']);
    expect([...metricas.values()]).toEqual([1]);
    passos.length = 0;
    dobraTrecho(porTitular([[entrega('pf:d', '5')], [entrega('pf:d', '5')]]), estados, rulebooks);
    expect(passos).toEqual(['le pf:d', 'guarda pf:d']);
  });

  it('tells a year that turned and turned back in two lots, not in one: lots are what a run is told by', () => {
    const uma = entrega('pf:a', '1');
    const emUm = dobraTrecho(porTitular([[uma, estorno(uma)]]), memoria().estados, rulebooks);
    expect(emUm.status.size).toBe(0);
    const emDois = dobraTrecho(porTitular([[uma], [estorno(uma)]]), memoria().estados, rulebooks);
    expect([...emDois.status.values()]).toMatchObject([{ cliente: 'pf:a', ano: 2026, atendido: false }]);
  });
});
