import { decide } from '#domain/decidir.ts';
import type { Decisao } from '#domain/decisao.ts';
import type { Interacao } from '#domain/interacao.ts';
import { semDocumentos } from '#platform/http/erros.ts';
import type { Offline } from './offline.ts';

/** A decision as `classify` writes it. */
export interface LinhaClassificada extends Omit<Decisao, 'estrutura' | 'propostaValor' | 'detalhe'> {
  source: string | null;
  id: string | null;
  /** Only in quarantine: what is wrong, and the way out. */
  detalhe?: string;
}

function linha(source: string | null, id: string | null, d: Decisao): LinhaClassificada {
  const { resultado, metrica, motivo, regra, rulebook, modalidade, creditos, chave, detalhe } = d;
  const publica = { source, id, resultado, metrica, motivo, regra, rulebook, modalidade, creditos, chave };
  return detalhe === null ? publica : { ...publica, detalhe: semDocumentos(detalhe) };
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

/** Reads and decides one event, offline; `agora` (ms) stands for the broker's timestamp. */
export function decideEvento(
  evento: unknown,
  { le, rulebooks, portfolio }: Offline,
  agora: number,
): { interacao: Interacao | null; source: string | null; id: string | null; decisao: Decisao } {
  const lido = le(evento);
  if (!lido.ok) {
    const detalhe = lido.erros.map((e) => `${e.campo}: ${e.mensagem}`).join('; ');
    const { source, id } = lido;
    return { interacao: null, source, id, decisao: ilegivel(rulebooks.vigente(agora).versao, detalhe) };
  }
  const { interacao, documentoInvalido } = lido;
  const rulebook = rulebooks.em(interacao.time);
  const decisao = decide({ interacao, rulebook, portfolio, registradaEm: agora, documentoInvalido });
  return { interacao, source: interacao.source, id: interacao.id, decisao };
}

export function classificaEvento(evento: unknown, offline: Offline, agora: number): LinhaClassificada {
  const { source, id, decisao } = decideEvento(evento, offline, agora);
  return linha(source, id, decisao);
}
