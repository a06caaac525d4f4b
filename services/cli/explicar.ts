import { explica, type Passo } from '#domain/decidir.ts';
import { descricaoDe } from '#domain/motivos.ts';
import { decideEvento, type LinhaClassificada, linhaDe } from './classificar.ts';
import type { Offline } from './offline.ts';

export interface Explicacao {
  decisao: LinhaClassificada;
  passos: Passo[];
  /** The type's clause, as the rulebook names it. */
  tipo: string | null;
}

export function explicaEvento(evento: unknown, offline: Offline, agora: number): Explicacao {
  const decidido = decideEvento(evento, offline, agora);
  const { entrada } = decidido;
  const decisao = linhaDe(decidido);
  if (entrada === null) {
    const pergunta = 'O registro tem os campos que o contrato exige?';
    return { decisao, passos: [{ pergunta, motivo: decisao.motivo, detalhe: decisao.detalhe ?? null }], tipo: null };
  }
  const { interacao, rulebook } = entrada;
  const tipo = interacao.tipoSolucao === null ? undefined : rulebook.tiposSolucao[interacao.tipoSolucao];
  return {
    decisao,
    passos: explica(entrada).passos,
    tipo: tipo === undefined ? null : `${tipo.clausula} ${tipo.nome}`,
  };
}

const DESFECHO = {
  contabiliza: 'CONTA como atendimento',
  'nao-contabiliza': 'NÃO CONTA como atendimento',
  quarentena: 'FICA EM QUARENTENA até ser corrigido',
};

export function textoDaExplicacao({ decisao, passos, tipo }: Explicacao): string {
  const linhas = passos.map(({ pergunta, motivo, detalhe }, n) => {
    const numero = String(n + 1).padStart(2);
    if (motivo === null) return `${numero}. ✓ ${pergunta}`;
    return `${numero}. ✗ ${pergunta}\n      ${motivo}${detalhe === null ? '' : `: ${detalhe}`}`;
  });
  const clausula = decisao.regra === null ? 'nenhuma cláusula' : `cláusula ${decisao.regra}`;
  return [
    `Evento ${decisao.id ?? '(sem id)'} de ${decisao.source ?? '(sem source)'}${tipo === null ? '' : `: ${tipo}`}`,
    '',
    ...linhas,
    '',
    `${DESFECHO[decisao.resultado]}: ${decisao.motivo}`,
    `  ${descricaoDe(decisao.motivo)}`,
    `  ${clausula}, rulebook ${decisao.rulebook}${decisao.metrica === null ? '' : `, métrica ${decisao.metrica}`}`,
    ...(decisao.creditos.length > 0 ? [`  creditado a ${decisao.creditos.join(' e ')}`] : []),
  ].join('\n');
}
