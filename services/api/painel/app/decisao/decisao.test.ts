import { expect, it } from 'vitest';
import { decide } from '#domain/decidir.ts';
import { pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { clausulaPorExtenso } from './clausula.ts';
import { EXEMPLOS, textoDo } from './exemplos.ts';

/** Nothing in it. */
const VAZIO = { solucao: () => undefined, disponibilizacao: () => undefined };
const ESPERADO: Record<string, string> = {
  orientacao: 'INTERACAO_DE_ATENDIMENTO',
  conteudo: 'CONTEUDO_TECNICO',
  anonimo: 'CLIENTE_NAO_IDENTIFICADO',
  informacao: 'INFORMACAO_NAO_CONTABILIZA',
  login: 'CADASTRO_OU_LOGIN',
  campanha: 'CAMPANHA_ATIVA',
  'sem-responsavel': 'SEM_RESPONSAVEL',
  'fora-do-portfolio': 'SOLUCAO_DESCONHECIDA',
  'cpf-errado': 'CPF_INVALIDO',
};

it('each example is decided as its name says, whatever the portfolio', async () => {
  const rulebooks = await loadRulebooks();
  const obtido = EXEMPLOS.map((exemplo) => {
    const lido = leEvento(JSON.parse(textoDo(exemplo)), pseudonimizador('k'.repeat(32)));
    if (!lido.ok) throw new Error(`${exemplo.id}: ${JSON.stringify(lido.erros)}`);
    const { interacao, documentoInvalido } = lido;
    const rulebook = rulebooks.em(interacao.time);
    const registradaEm = interacao.time;
    const d = decide({ interacao, documentoInvalido, rulebook, portfolio: VAZIO, registradaEm });
    const palavra = { contabiliza: ': conta', 'nao-contabiliza': ': não conta', quarentena: ': quarentena' }[
      d.resultado
    ];
    expect(exemplo.nome).toMatch(new RegExp(`${palavra}$`));
    return [exemplo.id, d.motivo];
  });
  expect(Object.fromEntries(obtido)).toEqual(ESPERADO);
});

it('clauses in words', () => {
  expect(clausulaPorExtenso('3.3')).toBe('cláusula 3.3 das Diretrizes');
  expect(clausulaPorExtenso('RG-8')).toBe('8ª regra geral das Diretrizes (RG-8)');
  expect(clausulaPorExtenso(null)).toBe('nenhuma');
});
