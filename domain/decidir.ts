import { type Analise, analisa, creditosDe, type Entrada, estruturaDe } from './analise.ts';
import { chaveDe } from './chave.ts';
import type { Decisao, Motivo, Resultado } from './decisao.ts';
import { type Impedimento, TESTES_DE_QUARENTENA } from './quarentena.ts';
import { type NaoConta, TESTES_DE_CONTAGEM } from './regras.ts';

/** One step of an explanation. */
export interface Passo {
  pergunta: string;
  /** null: the test let the interaction through. */
  motivo: string | null;
  detalhe: string | null;
}

/** A decision, with what it says of what it was made from; of the rest, nothing: that is to be filled in. */
function monta(a: Analise, resultado: Resultado, motivo: Motivo): Decisao {
  return {
    resultado,
    motivo,
    metrica: null,
    regra: null,
    creditos: [],
    chave: null,
    detalhe: null,
    rulebook: a.rulebook.versao,
    modalidade: a.modalidade,
    estrutura: estruturaDe(a),
    propostaValor: a.tipo?.propostaValor ?? null,
  };
}

function emQuarentena(a: Analise, { motivo, detalhe }: Impedimento): Decisao {
  const decisao = monta(a, 'quarentena', motivo);
  decisao.detalhe = detalhe;
  return decisao;
}

function naoConta(a: Analise, { motivo, metrica, regra }: NaoConta): Decisao {
  const decisao = monta(a, 'nao-contabiliza', motivo);
  decisao.metrica = metrica;
  decisao.regra = regra === undefined ? (a.tipo?.clausula ?? null) : regra;
  return decisao;
}

function conta(a: Analise): Decisao {
  if (a.contagem === undefined || a.tipo === undefined) {
    // A rulebook that accepts a kind it has no answer for; validation should have said so.
    return emQuarentena(a, {
      motivo: 'INTERACAO_INCOMPATIVEL',
      detalhe: `o rulebook ${a.rulebook.versao} não diz se ${a.interacao.tipoInteracao} conta`,
    });
  }
  const decisao = monta(a, 'contabiliza', a.contagem.motivo);
  decisao.metrica = 'atendimento';
  decisao.regra = a.tipo.clausula;
  decisao.creditos = creditosDe(a);
  decisao.chave = chaveDe(a.interacao, a.contagem, decisao.creditos.length > 0);
  return decisao;
}

/**
 * Decides one interaction: counts, does not count, or waits in quarantine. Pure: the same entrada always gives the
 * same decision. Source: the Diretrizes, by way of the rulebook; the order of the tests is that of docs/rulebook.md.
 */
export function decide(entrada: Entrada): Decisao {
  const a = analisa(entrada);
  for (const teste of TESTES_DE_QUARENTENA) {
    const impedimento = teste.testa(a);
    if (impedimento !== null) return emQuarentena(a, impedimento);
  }
  for (const teste of TESTES_DE_CONTAGEM) {
    const impedimento = teste.testa(a);
    if (impedimento !== null) return naoConta(a, impedimento);
  }
  return conta(a);
}

/** The decision, and every test made on the way to it, in order. */
export function explica(entrada: Entrada): { decisao: Decisao; passos: Passo[] } {
  const a = analisa(entrada);
  const decisao = decide(entrada);
  const passos: Passo[] = [];
  for (const teste of [...TESTES_DE_QUARENTENA, ...TESTES_DE_CONTAGEM]) {
    const achado = teste.testa(a);
    const detalhe = achado !== null && 'detalhe' in achado ? achado.detalhe : null;
    passos.push({ pergunta: teste.pergunta, motivo: achado?.motivo ?? null, detalhe });
    if (achado !== null) break;
  }
  return { decisao, passos };
}
