import type { Cliente, IdentidadeEvento, Interacao, Responsavel } from './interacao.ts';

/** A check-in as the consolidation keeps it. */
export interface CheckIn extends IdentidadeEvento {
  time: number;
  etapa: string;
  pj: Cliente['pj'];
}

/** What a closing's own list says of one participant. */
export interface LinhaDaLista {
  encerramento: IdentidadeEvento;
  cliente: Cliente;
  presencas: number | null;
  frequencia: number | null;
  papel: string | null;
}

/** The participation of a client that stands downstream, not taken back. */
export interface Viva {
  revisao: number;
  /** What makes it this delivery: same signature, nothing to say again. */
  assinatura: string;
  cliente: Cliente;
  unidade: string;
}

/** What has been emitted of one participation, revision by revision. */
export interface Emitida {
  revisao: number;
  /** The reason of the last revision, while nothing counts. */
  motivo: string | null;
  viva: Viva | null;
}

/** One participant of an offer: sets of what was said, and what has been emitted of it. */
export interface Participacao extends Emitida {
  pf: string | null;
  checkIns: CheckIn[];
  /** In the order of their lists: a closing may name a PF for several of its PJs. */
  listas: LinhaDaLista[];
  /** Events of this client taken back, come or still to come. */
  estornados: IdentidadeEvento[];
  /** By PJ: participations beside its own, of a PF that was there for several. */
  aoLado?: Record<string, Emitida>;
  /** Whose traces its check-ins were in, where traces are exported; nothing is decided by them. */
  rastros?: string[];
}

/** A closing as the consolidation keeps it: without its list, which is by participant. */
export interface Encerramento extends IdentidadeEvento {
  time: number;
  unidade: string;
  canal: string | null;
  responsavel: Responsavel | null;
  intermediacao: string | null;
  tipoSolucao: string | null;
  solucaoId: string | null;
  etapas: number | null;
}

/** What is of the whole offer. */
export interface CabecalhoDaOferta {
  disponibilizacaoId: string;
  encerramentos: Encerramento[];
  estornados: IdentidadeEvento[];
}

/** An offer's presences; `participacoes` may hold only those a record touches. */
export interface EstadoDaOferta {
  cabecalho: CabecalhoDaOferta;
  participacoes: Map<string, Participacao>;
}

export function ofertaVazia(disponibilizacaoId: string): EstadoDaOferta {
  return { cabecalho: { disponibilizacaoId, encerramentos: [], estornados: [] }, participacoes: new Map() };
}

export function participacaoVazia(pf: string | null): Participacao {
  return { pf, checkIns: [], listas: [], estornados: [], ...nadaEmitido() };
}

export const nadaEmitido = (): Emitida => ({ revisao: 0, motivo: null, viva: null });

/**
 * The name of a participant's participation for one more PJ. Not with one `+`: a version before kept these as records of their
 * own under such names, and an id that it gave is not given again.
 */
export const nomeAoLado = (nome: string, pj: string): string => `${nome}++${pj}`;

/** Whose a participation is, by its name. */
export function donoDaParticipacao(nome: string): string {
  const mais = nome.indexOf('+');
  return mais < 0 ? nome : nome.slice(0, mais);
}

/** Whether a participation is of one of some clients. */
export function ehParticipacaoDeAlgum(nome: string, clientes: ReadonlySet<string>): boolean {
  return clientes.has(donoDaParticipacao(nome));
}

/** Forgets some: what was derived of their presences stands, and nothing follows from it any more. */
export function semParticipantes({ participacoes }: EstadoDaOferta, clientes: ReadonlySet<string>): void {
  if (clientes.size === 0) return;
  for (const nome of participacoes.keys()) if (ehParticipacaoDeAlgum(nome, clientes)) participacoes.delete(nome);
}

export function mesmo(a: IdentidadeEvento, b: IdentidadeEvento): boolean {
  return a.source === b.source && a.id === b.id;
}

export function contem(lista: readonly IdentidadeEvento[], e: IdentidadeEvento): boolean {
  return lista.some((x) => mesmo(x, e));
}

/** By (time, source, id). */
export function porTempo<T extends IdentidadeEvento & { time: number }>(a: T, b: T): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/**
 * The participants a record of `presencas` touches.
 * @returns their names, or `todos` where it touches every one
 */
export function participantesTocados(i: Interacao): string[] | 'todos' {
  const nomeados = [i.cliente?.pf ?? null, i.cliente?.pj?.id ?? null].filter((c) => c !== null);
  if (i.tipoInteracao === 'check-in') return nomeados.slice(0, 1);
  if (i.tipoInteracao === 'estorno' && nomeados.length > 0) return nomeados;
  return 'todos';
}
