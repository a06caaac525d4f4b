import { expect, test } from 'vitest';
import { dobra, type EstadoCliente, estadoVazio } from '#domain/cliente.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { Reagregacao } from '#domain/reagregacao.ts';
import { comparaClientes } from './diferencas.ts';

const TITULAR = 'pf:a';

function entrada(id: string, outra: Partial<Lancamento> = {}): Lancamento {
  return {
    ...{ cliente: TITULAR, source: 'crm', id, time: Date.parse('2026-03-02T12:00:00-03:00'), principal: true },
    ...{ metrica: 'atendimento', motivo: 'CONTA', tipoSolucao: 'curso', unidade: 'SP', canal: 'portal' },
    ...{ modalidade: 'presencial', estornada: null },
    credito: { chave: `curso|${id}`, quantidade: 1, comPj: false, ladoDePf: false },
    ...outra,
  };
}

const estorno = (id: string, de: string): Lancamento =>
  entrada(id, { metrica: 'jornada', motivo: 'ESTORNO', credito: null, estornada: { source: 'crm', id: de } });

function dobrados(lancamentos: readonly Lancamento[]): EstadoCliente {
  const estado = estadoVazio();
  dobra(estado, lancamentos);
  return estado;
}

/** @param deles the states that Redis holds; @param nossos the entries of the recount */
async function compara(
  deles: Record<string, EstadoCliente>,
  nossos: readonly Lancamento[],
  esquecidos: readonly string[] = [],
) {
  const reagregacao = new Reagregacao();
  for (const l of nossos) reagregacao.lanca(l.cliente ?? '', l);
  async function* titulares() {
    for (const [titular, estado] of Object.entries(deles)) yield { titular, estado };
  }
  return comparaClientes({ titulares }, new Set(), { reagregacao, esquecidos: new Set(esquecidos) });
}

const muitas = Array.from({ length: 40 }, (_, n) => entrada(`e${n}`));

test.each([
  ['in the same order', [entrada('1'), entrada('2'), estorno('x', '1')]],
  ['many', muitas],
])('what both counted alike is no difference: %s', async (_, todas) => {
  const igual = { [TITULAR]: dobrados(todas) };
  expect(await compara(igual, todas)).toEqual([1, []]);
  expect(await compara(igual, todas.toReversed())).toEqual([1, []]);
  // Copies change nothing.
  expect(await compara(igual, [...todas, ...todas])).toEqual([1, []]);
});

test('of two copies that are not alike each side may have seen another first', async () => {
  const [uma, outra] = [entrada('1', { unidade: 'SP' }), entrada('1', { unidade: 'RJ' })];
  expect(await compara({ [TITULAR]: dobrados([uma, outra]) }, [outra, uma])).toEqual([1, []]);
});

test.each<[string, Lancamento[], Lancamento[]]>([
  ['one is missing', [entrada('1')], [entrada('1'), entrada('2')]],
  ['one is too many', [entrada('1'), entrada('2')], [entrada('1')]],
  ['of as many one is another', [entrada('1')], [entrada('1', { time: Date.parse('2026-03-03T12:00:00-03:00') })]],
  ['the type is another', [entrada('1')], [entrada('1', { tipoSolucao: 'palestra' })]],
  ['one was not taken back', [entrada('1'), estorno('x', '2')], [entrada('1'), estorno('x', '1')]],
  ['what did not count is another', [estorno('x', '9')], [{ ...estorno('x', '9'), metrica: 'campanha' }]],
  ['what did not count came once more', [estorno('x', '9')], [estorno('x', '9'), estorno('y', '9')]],
  ['one of many is missing', muitas.slice(1), muitas],
  ['the client is not known in Redis', [], [entrada('1')]],
])('a difference: %s', async (_, deles, nossos) => {
  const doRedis: Record<string, EstadoCliente> = deles.length === 0 ? {} : { [TITULAR]: dobrados(deles) };
  const [clientes, diferencas] = await compara(doRedis, nossos);
  expect(clientes).toBe(deles.length === 0 ? 0 : 1);
  expect(diferencas).toMatchObject([{ onde: 'cliente', chave: TITULAR }]);
});

test('a holder that Redis counts twice, and a client that the log does not know, are differences', async () => {
  const todas = [entrada('1'), entrada('2', { tipoSolucao: 'palestra' })];
  const duas = dobrados(todas);
  const [primeira] = duas.portadores;
  // As many as there should be.
  if (primeira !== undefined) duas.portadores[1] = primeira;
  const [, diferencas] = await compara({ [TITULAR]: duas, 'pj:b': dobrados([entrada('9')]) }, todas);
  expect(diferencas.map(({ chave }) => chave)).toEqual([TITULAR, 'pj:b']);
});

test('of the forgotten nothing is to be known, whatever the log says of them', async () => {
  const todas = [entrada('1')];
  expect(await compara({}, todas, [TITULAR])).toEqual([0, []]);
  const [, diferencas] = await compara({ [TITULAR]: dobrados(todas) }, todas, [TITULAR]);
  expect(diferencas).toMatchObject([{ chave: TITULAR, recontagem: null }]);
});
