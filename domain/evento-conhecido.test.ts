import { describe, expect, it } from 'vitest';
import { pseudonimizador } from './documento.ts';
import { leEvento } from './evento.ts';
import { eventoComPessoas, separaPessoas } from './evento-conhecido.ts';
import { INTERACAO_VAZIA, type Interacao } from './interacao.ts';

const [ANA, BIA] = [`pf:${'a'.repeat(22)}`, `pf:${'b'.repeat(22)}`];
const NINGUEM = { pf: null, pj: null, naoIdentificado: null };
const PJ = { id: 'pj:11222333000181', vinculo: 'enriquecimento' as const };

const base: Interacao = {
  ...INTERACAO_VAZIA,
  ...{ source: 'lms', id: '1', tipoInteracao: 'atendimento', time: Date.parse('2026-03-02T13:15:00Z') },
  ...{ unidade: 'SP', canal: 'telefone', tipoSolucao: 'orientacao-tecnica', duracaoMin: 12 },
};

function idaEVolta(interacao: Interacao): Interacao {
  const { evento, devolve } = separaPessoas(eventoComPessoas(interacao));
  const lido = leEvento(evento, pseudonimizador('outra chave'));
  if (!lido.ok) throw new Error(JSON.stringify(lido.erros));
  expect(lido.documentoInvalido).toBeNull();
  return devolve(lido.interacao);
}

describe('an event of the log', () => {
  it.each([
    ['of nobody', { cliente: null }],
    ['of a PF', { cliente: { ...NINGUEM, pf: ANA } }],
    ['of a PF and a PJ', { cliente: { ...NINGUEM, pf: ANA, pj: PJ } }],
    ['of a PJ', { cliente: { ...NINGUEM, pj: PJ } }],
    ['of people not identified', { cliente: { ...NINGUEM, naoIdentificado: { perfil: 'turma', quantidade: 30 } } }],
    [
      'with a list',
      {
        ...{ tipoInteracao: 'consolidacao-disponibilizacao', disponibilizacaoId: 'D', cliente: null, canal: null },
        participantes: [ANA, BIA, null].map((pf) => ({
          ...{ cliente: { ...NINGUEM, pf, pj: PJ }, presencas: 3, frequencia: null, papel: null },
        })),
      },
    ],
  ])('%s is read again as it was', (_, mais) => {
    const interacao = { ...base, ...mais } as Interacao;
    expect(idaEVolta(interacao)).toEqual(interacao);
  });

  it('is not changed by being read', () => {
    const evento = eventoComPessoas({ ...base, cliente: { ...NINGUEM, pf: ANA } });
    const antes = structuredClone(evento);
    separaPessoas(evento);
    expect(evento).toEqual(antes);
  });

  it.each([
    ['no pseudonym', { id: 'pf:curto' }],
    ['no text', { id: 7 }],
    ['a CPF beside it', { id: ANA, cpf: '52998224725' }],
  ])('with %s as the id of a PF is left to be refused', (_, pf) => {
    const evento = { ...eventoComPessoas(base), data: { unidade: 'SP', cliente: { pf } } };
    expect(separaPessoas(evento).evento).toEqual(evento);
  });

  it('however deep is separated without exhausting the stack', () => {
    let fundo: unknown = 1;
    for (let n = 0; n < 200_000; n += 1) fundo = [fundo];
    expect(() => separaPessoas({ data: { estranho: fundo, cliente: { pf: { id: ANA, fundo } } } })).not.toThrow();
  });

  it('hides what is no pseudonym where one should be: it may be a document', () => {
    const evento = eventoComPessoas({ ...base, cliente: { ...NINGUEM, pf: '1234567890' } });
    expect(JSON.stringify(evento)).not.toContain('1234567890');
  });

  it.each([[null], ['texto'], [[]], [{ data: null }], [{ data: { cliente: [], participantes: 'x' } }]])(
    'that is none, %j, is left to be refused',
    (evento) => {
      expect(separaPessoas(evento).evento).toEqual(evento);
    },
  );
});
