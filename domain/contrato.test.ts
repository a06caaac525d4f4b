import { describe, expect, it } from 'vitest';
import { erroDeContrato } from './contrato.ts';
import { INTERACAO_VAZIA, type Interacao } from './interacao.ts';

const ATENDIMENTO: Interacao = {
  ...INTERACAO_VAZIA,
  source: 'crm',
  id: 'x',
  tipoInteracao: 'atendimento',
  time: Date.parse('2026-03-02T13:15:00Z'),
  unidade: 'SP',
  tipoSolucao: 'consultoria',
};

describe('erroDeContrato', () => {
  it.each(['duracaoMin', 'duracaoTotalMin', 'valor', 'frequencia'] as const)(
    '%s que não é número, como o Avro deixa passar, não comprova coisa alguma',
    (campo) => {
      expect(erroDeContrato({ ...ATENDIMENTO, [campo]: 1 })).toBeNull();
      expect(erroDeContrato({ ...ATENDIMENTO, [campo]: Number.NaN })).toMatch(new RegExp(`^${campo}: `));
      expect(erroDeContrato({ ...ATENDIMENTO, [campo]: -1 })).toMatch(new RegExp(`^${campo}: `));
    },
  );
});
