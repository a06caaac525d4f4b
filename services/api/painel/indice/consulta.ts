import { diaDe } from '#domain/tempo.ts';
import type { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import { pagina } from '../../pagina.ts';
import { deEsquecido, type Entrada } from './entrada.ts';
import { type Ordens, semEsquecidosDe } from './esquecidos.ts';
import type { Alem, Indice } from './indice.ts';
import { diasDaTendencia } from './tendencia.ts';

/** What has become of records, as they are asked for: `espera` are those nobody has put back, corrected or not. */
export const SITUACOES = ['espera', 'intocada', 'corrigida', 'reenviada', 'todas'] as const;
type Situacao = (typeof SITUACOES)[number];

/** Which records are meant: those that meet all that is given. */
export interface FiltrosDaLista {
  motivo?: string | undefined;
  source?: string | undefined;
  unidade?: string | undefined;
  tipoSolucao?: string | undefined;
  /** The calendar day on which it was set aside, in America/Sao_Paulo. */
  dia?: string | undefined;
  /** Default: `espera`. */
  situacao?: Situacao | undefined;
}

/** A record in a list. */
export interface RegistroDaLista
  extends Pick<Entrada, 'id' | 'motivo' | 'detalhe' | 'source' | 'evento' | 'unidade' | 'tipoSolucao' | 'tentativa'> {
  topico: string;
  /** ISO 8601. */
  postaEm: string;
  /** Who corrected it; null: nobody did, or it was put back since. */
  corrigidaPor: string | null;
  /** null: it waits. */
  reenviadaPor: string | null;
}

/** What the index could not hold. */
export interface Limite {
  /** How many records it holds at most. */
  maximo: number;
  alem: Alem;
}

/** Records in pages, the newest first. */
export interface ListaDaQuarentena extends Limite {
  total: number;
  itens: RegistroDaLista[];
  /** Where the next page is; null: this is the last. */
  proximo: string | null;
}

/** One reason: how many wait for it, and how many it set aside of late. */
export interface MotivoEmResumo {
  motivo: string;
  esperam: number;
  /** Of those that wait, how many somebody corrected. */
  corrigidas: number;
  /** Set aside on each day of {@link ResumoDaQuarentena.dias}, also what has been put back since. */
  porDia: number[];
}

/** The quarantine at a glance. */
export interface ResumoDaQuarentena extends Limite {
  esperam: number;
  /** Calendar days in America/Sao_Paulo, the last one today. */
  dias: string[];
  /** Those with the most waiting first. */
  motivos: MotivoEmResumo[];
  /** What a filter may be: of the records that are held. */
  opcoes: Record<'source' | 'unidade' | 'tipoSolucao', string[]>;
  /** Records that this version cannot read. */
  ilegiveis: number;
}

/** What says what has become of records, and which may be shown. */
export interface Sabidos {
  indice: Indice;
  resolucoes: Pick<Resolucoes, 'de' | 'resolvida'>;
  esquecimentos: Ordens;
}

/** The most values of a field that a filter offers. */
const OPCOES = 200;

function naSituacao(id: string, situacao: Situacao, { resolucoes }: Sabidos): boolean {
  if (situacao === 'todas') return true;
  if (resolucoes.resolvida(id)) return situacao === 'reenviada';
  const corrigida = (resolucoes.de(id)?.correcao ?? null) !== null;
  return situacao === 'espera' || situacao === (corrigida ? 'corrigida' : 'intocada');
}

/** The records that filters let through and that may be shown, the newest first. */
export function filtra(sabidos: Sabidos, { situacao = 'espera', ...f }: FiltrosDaLista): Entrada[] {
  return sabidos.indice.todas().filter((e) => {
    return (
      (f.motivo === undefined || e.motivo === f.motivo) &&
      (f.source === undefined || e.source === f.source) &&
      (f.unidade === undefined || e.unidade === f.unidade) &&
      (f.tipoSolucao === undefined || e.tipoSolucao === f.tipoSolucao) &&
      (f.dia === undefined || diaDe(e.postaEm) === f.dia) &&
      naSituacao(e.id, situacao, sabidos) &&
      !deEsquecido(e, sabidos.esquecimentos)
    );
  });
}

function itemDe(e: Entrada, { resolucoes, esquecimentos }: Sabidos): RegistroDaLista {
  const { id, motivo, detalhe, source, evento, unidade, tipoSolucao, tentativa, lugar } = e;
  const feito = resolucoes.de(id);
  return {
    // A derived participation has its person inside its own id.
    ...semEsquecidosDe(esquecimentos, e, { motivo, detalhe, source, evento, unidade, tipoSolucao }),
    ...{ id, tentativa },
    topico: lugar.topic,
    postaEm: new Date(e.postaEm).toISOString(),
    corrigidaPor: feito?.correcao?.por ?? null,
    reenviadaPor: feito?.reenvio?.por ?? null,
  };
}

const limiteDe = ({ indice }: Sabidos): Limite => ({ maximo: indice.maximo, alem: indice.alem() });

/**
 * A page of the records that filters let through.
 * @returns `proximo`: the cursor of the next page
 * @throws ErroHttp PARAMETRO_INVALIDO the cursor is of another list
 */
export function lista(
  sabidos: Sabidos,
  { limite, cursor, ...filtros }: FiltrosDaLista & { limite: number; cursor?: string | undefined },
): ListaDaQuarentena {
  const achadas = filtra(sabidos, filtros);
  const chaveDe = (e: Entrada) => [e.postaEm, e.particao, e.posicao];
  const dela = pagina({ itens: achadas, chaveDe, decrescente: [0], limite, cursor, consulta: filtros });
  const itens = dela.itens.map((e) => itemDe(e, sabidos));
  return { total: achadas.length, itens, proximo: dela.proximo, ...limiteDe(sabidos) };
}

/** What waits by reason, and what a filter may be. @param agora ms since the epoch */
export function resume(sabidos: Sabidos, agora: number): ResumoDaQuarentena {
  const dias = diasDaTendencia(agora);
  const tendencia = sabidos.indice.tendencia.de(dias);
  const novo = (motivo: string): MotivoEmResumo => {
    return { motivo, esperam: 0, corrigidas: 0, porDia: tendencia.get(motivo) ?? dias.map(() => 0) };
  };
  const porMotivo = new Map([...tendencia.keys()].map((motivo) => [motivo, novo(motivo)]));
  const opcoes = { source: new Set<string>(), unidade: new Set<string>(), tipoSolucao: new Set<string>() };
  for (const e of filtra(sabidos, { situacao: 'todas' })) {
    for (const campo of ['source', 'unidade', 'tipoSolucao'] as const) {
      const valor = e[campo];
      if (valor !== null && opcoes[campo].size < OPCOES) opcoes[campo].add(valor);
    }
    if (!naSituacao(e.id, 'espera', sabidos)) continue;
    const um = porMotivo.get(e.motivo) ?? novo(e.motivo);
    um.esperam += 1;
    if (naSituacao(e.id, 'corrigida', sabidos)) um.corrigidas += 1;
    porMotivo.set(e.motivo, um);
  }
  const motivos = [...porMotivo.values()];
  motivos.sort((a, b) => b.esperam - a.esperam || (a.motivo < b.motivo ? -1 : 1));
  const [source, unidade, tipoSolucao] = [opcoes.source, opcoes.unidade, opcoes.tipoSolucao].map((s) => [...s].sort());
  return {
    esperam: motivos.reduce((soma, m) => soma + m.esperam, 0),
    ...{ dias, motivos, ilegiveis: sabidos.indice.ilegiveis, ...limiteDe(sabidos) },
    opcoes: { source: source ?? [], unidade: unidade ?? [], tipoSolucao: tipoSolucao ?? [] },
  };
}
