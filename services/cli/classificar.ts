import type { Entrada } from '#domain/analise.ts';
import { decide } from '#domain/decidir.ts';
import type { Decisao } from '#domain/decisao.ts';
import { textoDosErros } from '#domain/evento.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import type { Offline } from './offline.ts';

/** A decision as `classify` writes it. */
export interface LinhaClassificada extends Omit<Decisao, 'estrutura' | 'propostaValor' | 'detalhe'> {
  source: string | null;
  id: string | null;
  /** Only in quarantine: what is wrong, and the way out. */
  detalhe?: string;
}

/** A decision as `classify` writes it, with nothing in it that looks like a document. */
export function linhaDe({ source, id, decisao }: EventoDecidido): LinhaClassificada {
  const { resultado, metrica, motivo, regra, rulebook, modalidade, creditos, chave, detalhe } = decisao;
  const publica = { source, id, resultado, metrica, motivo, regra, rulebook, modalidade, creditos, chave };
  return detalhe === null ? publica : { ...publica, detalhe: ocultaCpf(detalhe) };
}

/** What a record that cannot be read waits with. */
function ilegivel(rulebook: string, detalhe: string): Decisao {
  return {
    resultado: 'quarentena',
    metrica: null,
    motivo: 'ESQUEMA_INVALIDO',
    regra: null,
    rulebook,
    modalidade: null,
    estrutura: null,
    propostaValor: null,
    creditos: [],
    chave: null,
    detalhe,
  };
}

/** An event read and decided; `entrada` is what the decision was made from, null where nothing could be read. */
export interface EventoDecidido {
  entrada: Entrada | null;
  source: string | null;
  id: string | null;
  decisao: Decisao;
}

/** Reads and decides one event, offline; `agora` (ms) stands for the broker's timestamp. */
export function decideEvento(evento: unknown, { le, rulebooks, portfolio }: Offline, agora: number): EventoDecidido {
  const lido = le(evento);
  if (!lido.ok) {
    const { source, id, erros } = lido;
    return { entrada: null, source, id, decisao: ilegivel(rulebooks.em(agora).versao, textoDosErros(erros)) };
  }
  const { interacao, documentoInvalido } = lido;
  const rulebook = rulebooks.em(interacao.time);
  const entrada = { interacao, rulebook, portfolio, registradaEm: agora, documentoInvalido };
  return { entrada, source: interacao.source, id: interacao.id, decisao: decide(entrada) };
}

export function classificaEvento(evento: unknown, offline: Offline, agora: number): LinhaClassificada {
  return linhaDe(decideEvento(evento, offline, agora));
}
