import { expect, test } from 'vitest';
import type { Lancamento } from '#domain/lancamento.ts';
import { desempacota, empacota } from './pacote.ts';

const base: Lancamento = {
  ...{ cliente: 'pf:a', source: 'crm', id: 'ação-1', time: 1_772_445_600_123, principal: true, metrica: 'jornada' },
  ...{ motivo: 'ESTORNO', tipoSolucao: null, unidade: 'SP', canal: null, modalidade: null, credito: null },
  estornada: { source: 'lms', id: '7' },
};

test('entries go over whole, in order, in memory of their own', () => {
  const credito = { chave: 'curso|T1', quantidade: 30, comPj: true, ladoDePf: false };
  const conta = { ...base, cliente: null, metrica: 'atendimento', tipoSolucao: 'curso', canal: 'portal' };
  const lancamentos = [base, { ...conta, modalidade: 'presencial', credito, estornada: null, principal: false }];
  const pacote = empacota(lancamentos);
  expect(pacote.byteLength).toBe(pacote.buffer.byteLength);
  const porta = structuredClone(pacote, { transfer: [pacote.buffer] });
  expect(JSON.parse(JSON.stringify(desempacota(porta)))).toEqual(lancamentos);
  expect(desempacota(empacota([]))).toEqual([]);
});
