import { decide } from './decidir.ts';
import type { Decisao } from './decisao.ts';
import { type Cliente, INTERACAO_VAZIA, type Interacao } from './interacao.ts';
import type { Portfolio } from './portfolio.ts';
import {
  type CheckIn,
  contem,
  type Emitida,
  type Encerramento,
  type EstadoDaOferta,
  type LinhaDaLista,
  mesmo,
  nadaEmitido,
  nomeAoLado,
  type Participacao,
  porTempo,
} from './presenca.ts';
import type { Rulebooks } from './rulebook.ts';

const DIA_MS = 86_400_000;

/** What a consolidation may ask, and when the record that moves it was written. */
export interface ContextoDaConsolidacao {
  rulebooks: Rulebooks;
  portfolio: Portfolio;
  /** The broker's timestamp of the record (ms). */
  registradaEm: number;
  /** The apuração whose participations these are. */
  apuracao: number;
}

export const NINGUEM: Cliente = { pf: null, pj: null, naoIdentificado: null };

/** A closing, and until when a check-in makes somebody present at it (RG-2). Milliseconds since the epoch. */
interface Prazo {
  encerramento: Encerramento;
  ate: number;
}

/** The closings that stand, the earliest first. */
export function prazosDe({ cabecalho }: EstadoDaOferta, { portfolio, rulebooks }: ContextoDaConsolidacao): Prazo[] {
  const oferta = portfolio.disponibilizacao(cabecalho.disponibilizacaoId);
  const validos = cabecalho.encerramentos.filter((e) => !contem(cabecalho.estornados, e)).sort(porTempo);
  return validos.map((encerramento) => {
    const { time } = encerramento;
    const dias = oferta?.janelaTardiaDias ?? rulebooks.em(time).janelaTardiaDias;
    return { encerramento, ate: time + dias * DIA_MS };
  });
}

/** The figures of a participation: the list's, else the check-ins' distinct stages. Being listed is one presence. */
function figuras(linha: LinhaDaLista | undefined, checkIns: readonly CheckIn[]): Partial<Interacao> {
  if (linha?.frequencia != null) return { frequencia: linha.frequencia };
  if (linha?.presencas != null) return { presencas: linha.presencas };
  const etapas = new Set(checkIns.map((c) => c.etapa)).size;
  return { presencas: etapas === 0 && linha !== undefined ? 1 : etapas };
}

/** What a closing tells of a participant: by a line of its list, else by the check-ins. */
interface Relato {
  encerramento: Encerramento;
  linha: LinhaDaLista | undefined;
  checkIns: readonly CheckIn[];
  cliente: Cliente;
}

function relato(
  p: Participacao,
  encerramento: Encerramento,
  linha: LinhaDaLista | undefined,
  checkIns: CheckIn[],
): Relato {
  const pj = linha?.cliente.pj ?? checkIns.find((c) => c.pj !== null)?.pj ?? null;
  const cliente = linha?.cliente.naoIdentificado ? linha.cliente : { ...NINGUEM, pf: p.pf, pj };
  return { encerramento, linha, checkIns, cliente };
}

/** Everything that closings tell of a participant, the earliest first; of one closing in the order of its list. */
function* relatosDe(p: Participacao, prazos: readonly Prazo[]): Generator<Relato> {
  const vivos = p.checkIns.filter((c) => !contem(p.estornados, c)).sort(porTempo);
  for (const { encerramento, ate } of prazos) {
    const checkIns = vivos.filter((c) => c.time <= ate);
    const linhas = p.listas.filter((l) => mesmo(l.encerramento, encerramento));
    for (const linha of linhas) yield relato(p, encerramento, linha, checkIns);
    if (linhas.length === 0 && checkIns.length > 0) yield relato(p, encerramento, undefined, checkIns);
  }
}

/** The participation that is told of, but for its source and id. */
function participacaoDe({ encerramento, linha, checkIns, cliente }: Relato, disponibilizacaoId: string): Interacao {
  const { source: _, id: __, ...e } = encerramento;
  return {
    ...INTERACAO_VAZIA,
    ...e,
    ...{ tipoInteracao: 'consolidacao-participacao', disponibilizacaoId, cliente, papel: linha?.papel ?? null },
    ...figuras(linha, checkIns),
  };
}

/** Whether a PF may have been there for some other PJ than that of its own participation: mostly not, and nothing more is asked. */
function podeTerOutras({ listas, checkIns, aoLado }: Participacao, propria: string | undefined): boolean {
  const outra = (pj: Cliente['pj']) => pj !== null && pj.id !== propria;
  return aoLado !== undefined || listas.some((l) => outra(l.cliente.pj)) || checkIns.some((c) => outra(c.pj));
}

/**
 * What is told of a PF with other PJs than that of its own participation: each is credited too. What check-ins name goes
 * for nothing once a list has named the participant.
 */
function relatosAoLado(relatos: readonly Relato[], propria: string | undefined): Map<string, Relato[]> {
  const naLista = relatos.filter(({ linha }) => linha !== undefined);
  const porPj = new Map<string, Relato[]>();
  for (const r of naLista.length > 0 ? naLista : relatos) {
    const pj = r.cliente.pj?.id;
    if (pj === undefined || pj === propria) continue;
    porPj.set(pj, [...(porPj.get(pj) ?? []), r]);
  }
  return porPj;
}

interface Avaliada {
  relato: Relato;
  interacao: Interacao;
  decisao: Decisao;
}

/** What is said of an offer's participants, as one record moves it. */
export interface Emissao extends ContextoDaConsolidacao {
  disponibilizacaoId: string;
  /** As {@link prazosDe} gives them. */
  prazos: readonly Prazo[];
  /** Of what is derived. */
  source: string;
  /** When the record happened. Milliseconds since the epoch. */
  time: number;
}

/** A participation and what was emitted of it. */
interface Emitente {
  nome: string;
  emitida: Emitida;
}

const idDaRevisao = ({ disponibilizacaoId }: Emissao, { nome }: Emitente, revisao: number): string =>
  `${disponibilizacaoId}/${nome}/${revisao}`;

/** What a participation is now: by the earliest that is told of it by which it counts, else by the earliest of all. */
function avalia(relatos: Iterable<Relato>, de: Emitente, emissao: Emissao): Avaliada | null {
  const { rulebooks, portfolio, registradaEm, source, disponibilizacaoId } = emissao;
  const id = idDaRevisao(emissao, de, de.emitida.revisao + 1);
  let primeira: Avaliada | null = null;
  for (const r of relatos) {
    const interacao = { ...participacaoDe(r, disponibilizacaoId), source, id };
    const rulebook = rulebooks.em(interacao.time);
    const decisao = decide({ interacao, rulebook, portfolio, registradaEm });
    const avaliada = { relato: r, interacao, decisao };
    if (decisao.resultado === 'contabiliza') return avaliada;
    primeira ??= avaliada;
  }
  return primeira;
}

function estornoDa(de: Emitente, emissao: Emissao): Interacao[] {
  const { viva } = de.emitida;
  if (viva === null) return [];
  const { source, time } = emissao;
  const id = idDaRevisao(emissao, de, viva.revisao);
  return [
    {
      ...INTERACAO_VAZIA,
      source,
      id: `${id}/estorno`,
      tipoInteracao: 'estorno',
      time,
      unidade: viva.unidade,
      cliente: viva.cliente,
      estornada: { source, id },
      causa: 'a participação deixou de valer',
    },
  ];
}

/** What makes two revisions the same delivery, whatever the figures of presence. */
function assinaturaDa(i: Interacao): string {
  return JSON.stringify([i.time, i.unidade, i.canal, i.cliente, i.responsavel, i.papel]);
}

/** Says what changed of one participation since the last revision, and repeats nothing. */
function emite(agora: Avaliada | null, de: Emitente, emissao: Emissao): Interacao[] {
  const { emitida } = de;
  if (agora?.decisao.resultado === 'contabiliza') {
    const { interacao } = agora;
    const assinatura = assinaturaDa(interacao);
    if (emitida.viva?.assinatura === assinatura) return [];
    const saida = [...estornoDa(de, emissao), interacao];
    emitida.revisao += 1;
    emitida.motivo = null;
    const { cliente, unidade } = interacao;
    emitida.viva = { revisao: emitida.revisao, assinatura, cliente: cliente ?? NINGUEM, unidade };
    return saida;
  }
  const saida = estornoDa(de, emissao);
  emitida.viva = null;
  if (agora !== null && agora.decisao.motivo !== emitida.motivo) {
    saida.push(agora.interacao);
    emitida.revisao += 1;
  }
  emitida.motivo = agora?.decisao.motivo ?? null;
  return saida;
}

/** What changed of a participant's participations beside its own. */
function emiteAoLado(nome: string, p: Participacao, propria: string | undefined, emissao: Emissao): Interacao[] {
  const relatos = [...relatosDe(p, emissao.prazos)];
  const porPj = relatosAoLado(relatos, propria);
  return [...new Set([...Object.keys(p.aoLado ?? {}), ...porPj.keys()])].flatMap((pj) => {
    const aoLado = { nome: nomeAoLado(nome, pj), emitida: p.aoLado?.[pj] ?? nadaEmitido() };
    const dela = avalia(porPj.get(pj) ?? [], aoLado, emissao);
    // That the first does not count was said of the participant's own participation.
    const jaDita = dela?.decisao.resultado !== 'contabiliza' && dela?.relato === relatos[0];
    const saida = emite(jaDita ? null : dela, aoLado, emissao);
    if (aoLado.emitida.revisao > 0) p.aoLado = { ...p.aoLado, [pj]: aoLado.emitida };
    return saida;
  });
}

/**
 * Says what changed of a participant: of its own participation and, for a PF that was there for several of its PJs, of
 * those beside it. Which they are follows from all that was told, in whatever order it came.
 * @param p changed in place: what was emitted of it
 */
export function emiteParticipacoes(nome: string, p: Participacao, emissao: Emissao): Interacao[] {
  const proprio = { nome, emitida: p };
  const propria = avalia(relatosDe(p, emissao.prazos), proprio, emissao);
  const saida = emite(propria, proprio, emissao);
  const pj = propria?.interacao.cliente?.pj?.id;
  return podeTerOutras(p, pj) ? [...saida, ...emiteAoLado(nome, p, pj, emissao)] : saida;
}
