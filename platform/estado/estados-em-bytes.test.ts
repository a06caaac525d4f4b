import { expect, it } from 'vitest';
import { type EstadoCliente, estadoVazio } from '#domain/cliente.ts';
import { codificaEstado, decodificaEstado } from './codificacao.ts';
import { EstadosEmBytes, type EstadosGravados } from './estados-em-bytes.ts';

function comEventos(quantos: number): EstadoCliente {
  const estado = estadoVazio();
  for (let n = 0; n < quantos; n += 1) estado.vistos.add(String(n).padStart(8, '0'));
  return estado;
}

/** By holder, how many events the state that was laid out has seen. */
function vistos({ titulares, tamanhos, valores }: EstadosGravados): Record<string, number> {
  let em = 0;
  return Object.fromEntries(
    titulares.map((titular, n) => {
      const inicio = em;
      em += tamanhos[n] ?? 0;
      return [titular, decodificaEstado(valores.subarray(inicio, em)).vistos.size];
    }),
  );
}

it('gives each state as Redis has it, and lays out those kept one after the other', () => {
  const estados = new EstadosEmBytes(
    new Map([
      ['pf:a', codificaEstado(comEventos(2))],
      ['pf:b', codificaEstado(comEventos(1))],
      ['pf:c', null],
    ]),
  );
  for (const [titular, quantos] of [['pf:a', 2_000] as const, ['pf:c', 3] as const]) {
    const estado = estados.le(titular);
    for (const visto of comEventos(quantos).vistos) estado.vistos.add(visto);
    estados.guarda(titular, estado);
  }
  expect(estados.le('pf:b').vistos.size).toBe(1);
  const gravados = estados.termina();
  expect(vistos(gravados)).toEqual({ 'pf:a': 2_000, 'pf:c': 3 });
  expect(gravados.tamanhos.reduce((a, b) => a + b, 0)).toBe(gravados.valores.length);
  expect(gravados.removidos).toEqual([]);
});

it('has those removed of whom nothing is left', () => {
  const estados = new EstadosEmBytes(new Map([['pf:a', codificaEstado(comEventos(2))]]));
  estados.guarda('pf:a', estadoVazio());
  expect(estados.termina()).toMatchObject({ titulares: [], tamanhos: [], removidos: ['pf:a'] });
});

it('does not take somebody it was not given for somebody new', () => {
  expect(() => new EstadosEmBytes(new Map()).le('pf:a')).toThrow('falta o estado');
});
