import { decide } from './decidir.ts';
import type { Decisao } from './decisao.ts';
import { type Cliente, INTERACAO_VAZIA, type Interacao } from './interacao.ts';
import type { Portfolio } from './portfolio.ts';
import {
  type CheckIn,
  contem,
  type Encerramento,
  type EstadoDaOferta,
  type LinhaDaLista,
  mesmo,
  type Participacao,
  participacaoVazia,
  participantesTocados,
  porTempo,
} from './presenca.ts';
import type { Rulebooks } from './rulebook.ts';

/** The source of derived participations; those of a later apuração have its number behind a `/`. */
export const FONTE_CONSOLIDADOR = 'atendido-consolidador';

/** The source of the participations that an apuração derives. No credential may send under any of these. */
export function fonteDaApuracao(apuracao: number): string {
  return apuracao === 0 ? FONTE_CONSOLIDADOR : `${FONTE_CONSOLIDADOR}/${apuracao}`;
}

/** Whether a source is kept for what the line derives. @param source null: there is none */
export function fonteReservada(source: string | null): boolean {
  return source === FONTE_CONSOLIDADOR || source?.startsWith(`${FONTE_CONSOLIDADOR}/`) === true;
}

/** Which apuração derived what comes from this source; null: it is not derived. */
export function apuracaoDaFonte(source: string): number | null {
  if (source === FONTE_CONSOLIDADOR) return 0;
  if (!fonteReservada(source)) return null;
  const numero = source.slice(FONTE_CONSOLIDADOR.length + 1);
  return /^[1-9]\d{0,8}$/.test(numero) ? Number(numero) : null;
}

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

const NINGUEM: Cliente = { pf: null, pj: null, naoIdentificado: null };

function registraCheckIn(estado: EstadoDaOferta, i: Interacao): void {
  const nome = i.cliente?.pf ?? i.cliente?.pj?.id;
  if (nome === undefined) return;
  const p = estado.participacoes.get(nome) ?? participacaoVazia(i.cliente?.pf ?? null);
  estado.participacoes.set(nome, p);
  if (contem(p.checkIns, i)) return;
  const { source, id, time } = i;
  p.checkIns.push({ source, id, time, etapa: i.etapa ?? 'unica', pj: i.cliente?.pj ?? null });
}

/** Students not identified have no name: they are the n-th of their profile in a list. */
function nomeDoParticipante(cliente: Cliente, ordem: Map<string, number>): string {
  const nome = cliente.pf ?? cliente.pj?.id;
  if (nome !== undefined) return nome;
  const perfil = cliente.naoIdentificado?.perfil ?? 'sem-cliente';
  const n = ordem.get(perfil) ?? 0;
  ordem.set(perfil, n + 1);
  return `ni:${perfil}:${n}`;
}

/** One PF may stand in a list for two of its PJs: the second is a participation beside the first. */
function nomeNaLista(nome: string, pj: string | undefined, pjDe: Map<string, string | undefined>): string {
  if (!pjDe.has(nome)) pjDe.set(nome, pj);
  return pjDe.get(nome) === pj || pj === undefined ? nome : `${nome}+${pj}`;
}

function registraEncerramento(estado: EstadoDaOferta, i: Interacao): void {
  const { cabecalho, participacoes } = estado;
  if (contem(cabecalho.encerramentos, i)) return;
  const { source, id, time, unidade, canal, responsavel, intermediacao, tipoSolucao, solucaoId, etapas } = i;
  const deste = { unidade, canal, responsavel, intermediacao, tipoSolucao, solucaoId, etapas };
  cabecalho.encerramentos.push({ source, id, time, ...deste });
  const ordem = new Map<string, number>();
  const pjDe = new Map<string, string | undefined>();
  for (const { cliente, presencas, frequencia, papel } of i.participantes ?? []) {
    const nome = nomeNaLista(nomeDoParticipante(cliente, ordem), cliente.pj?.id, pjDe);
    const p = participacoes.get(nome) ?? participacaoVazia(cliente.pf);
    participacoes.set(nome, p);
    p.listas.push({ encerramento: { source, id }, cliente, presencas, frequencia, papel });
  }
}

function registraEstorno(estado: EstadoDaOferta, i: Interacao): void {
  if (i.estornada === null) return;
  const nomes = participantesTocados(i);
  if (nomes === 'todos') {
    if (!contem(estado.cabecalho.estornados, i.estornada)) estado.cabecalho.estornados.push(i.estornada);
    return;
  }
  for (const nome of nomes) {
    const p = estado.participacoes.get(nome) ?? participacaoVazia(nome === i.cliente?.pf ? nome : null);
    estado.participacoes.set(nome, p);
    if (!contem(p.estornados, i.estornada)) p.estornados.push(i.estornada);
  }
}

/** The figures of a participation: the list's, else the check-ins' distinct stages. Being listed is one presence. */
function figuras(linha: LinhaDaLista | undefined, checkIns: readonly CheckIn[]): Partial<Interacao> {
  if (linha?.frequencia != null) return { frequencia: linha.frequencia };
  if (linha?.presencas != null) return { presencas: linha.presencas };
  const etapas = new Set(checkIns.map((c) => c.etapa)).size;
  return { presencas: etapas === 0 && linha !== undefined ? 1 : etapas };
}

/** The participation a closing gives one client; null where it was neither present nor listed. */
function candidata(
  { cabecalho }: EstadoDaOferta,
  p: Participacao,
  e: Encerramento,
  janelaDias: number,
): Interacao | null {
  const checkIns = p.checkIns
    .filter((c) => !contem(p.estornados, c) && c.time <= e.time + janelaDias * DIA_MS)
    .sort(porTempo);
  const linha = p.listas.find((l) => mesmo(l.encerramento, e));
  if (linha === undefined && checkIns.length === 0) return null;
  const pj = linha?.cliente.pj ?? checkIns.find((c) => c.pj !== null)?.pj ?? null;
  const cliente = linha?.cliente.naoIdentificado ? linha.cliente : { ...NINGUEM, pf: p.pf, pj };
  const { time, unidade, canal, responsavel, intermediacao, tipoSolucao, solucaoId, etapas } = e;
  return {
    ...INTERACAO_VAZIA,
    tipoInteracao: 'consolidacao-participacao',
    disponibilizacaoId: cabecalho.disponibilizacaoId,
    ...{ time, unidade, canal, responsavel, intermediacao, tipoSolucao, solucaoId, etapas, cliente },
    ...figuras(linha, checkIns),
    papel: linha?.papel ?? null,
  };
}

const validos = ({ cabecalho }: EstadoDaOferta): Encerramento[] =>
  cabecalho.encerramentos.filter((e) => !contem(cabecalho.estornados, e)).sort(porTempo);

/** How long after a closing a check-in still makes somebody present. Days. */
function janelaDe({ cabecalho }: EstadoDaOferta, e: Encerramento, ctx: ContextoDaConsolidacao): number {
  const oferta = ctx.portfolio.disponibilizacao(cabecalho.disponibilizacaoId);
  return oferta?.janelaTardiaDias ?? ctx.rulebooks.em(e.time).janelaTardiaDias;
}

/**
 * Whether a check-in comes after the closing and past its late window: it changes nothing (RG-2). Asked before
 * {@link consolida} takes it in, for the same one again is no other. One of nobody makes nobody present at any time.
 */
export function checkInTardio(estado: EstadoDaOferta, i: Interacao, ctx: ContextoDaConsolidacao): boolean {
  const nome = i.cliente?.pf ?? i.cliente?.pj?.id;
  if (i.tipoInteracao !== 'check-in' || nome === undefined) return false;
  const p = estado.participacoes.get(nome);
  if (p !== undefined && (contem(p.checkIns, i) || contem(p.estornados, i))) return false;
  const fins = validos(estado);
  if (fins.length === 0 || fins.some((e) => i.time <= e.time + janelaDe(estado, e, ctx) * DIA_MS)) return false;
  const entrada = { interacao: i, rulebook: ctx.rulebooks.em(i.time), portfolio: ctx.portfolio };
  return decide({ ...entrada, registradaEm: ctx.registradaEm }).resultado !== 'quarentena';
}

interface Avaliada {
  interacao: Interacao;
  decisao: Decisao;
}

/** What a client's participation is now: by the earliest closing by which it counts, else by the earliest of all. */
function avalia(estado: EstadoDaOferta, p: Participacao, ctx: ContextoDaConsolidacao, nome: string): Avaliada | null {
  let primeira: Avaliada | null = null;
  for (const e of validos(estado)) {
    const rulebook = ctx.rulebooks.em(e.time);
    const semId = candidata(estado, p, e, janelaDe(estado, e, ctx));
    if (semId === null) continue;
    const id = idDaRevisao(estado, nome, p.revisao + 1);
    const interacao = { ...semId, source: fonteDaApuracao(ctx.apuracao), id };
    const decisao = decide({ interacao, rulebook, portfolio: ctx.portfolio, registradaEm: ctx.registradaEm });
    primeira ??= { interacao, decisao };
    if (decisao.resultado === 'contabiliza') return { interacao, decisao };
  }
  return primeira;
}

function idDaRevisao({ cabecalho }: EstadoDaOferta, nome: string, revisao: number): string {
  return `${cabecalho.disponibilizacaoId}/${nome}/${revisao}`;
}

function estornoDa(
  estado: EstadoDaOferta,
  nome: string,
  p: Participacao,
  { source, time }: Pick<Interacao, 'source' | 'time'>,
): Interacao[] {
  if (p.viva === null) return [];
  const id = idDaRevisao(estado, nome, p.viva.revisao);
  return [
    {
      ...INTERACAO_VAZIA,
      source,
      id: `${id}/estorno`,
      tipoInteracao: 'estorno',
      time,
      unidade: p.viva.unidade,
      cliente: p.viva.cliente,
      estornada: { source, id },
      causa: 'a participação deixou de valer',
    },
  ];
}

/** What makes two revisions the same delivery, whatever the figures of presence. */
function assinaturaDa(i: Interacao): string {
  return JSON.stringify([i.time, i.unidade, i.canal, i.cliente, i.responsavel, i.papel]);
}

/** Says what changed of one participant since the last revision, and repeats nothing. */
function emite(estado: EstadoDaOferta, nome: string, p: Participacao, ctx: ContextoDaConsolidacao, time: number) {
  const agora = avalia(estado, p, ctx, nome);
  const estorna = () => estornoDa(estado, nome, p, { source: fonteDaApuracao(ctx.apuracao), time });
  if (agora?.decisao.resultado === 'contabiliza') {
    const { interacao } = agora;
    const assinatura = assinaturaDa(interacao);
    if (p.viva?.assinatura === assinatura) return [];
    const saida = [...estorna(), interacao];
    const cliente = interacao.cliente ?? NINGUEM;
    p.revisao += 1;
    p.motivo = null;
    p.viva = { revisao: p.revisao, assinatura, cliente, unidade: interacao.unidade };
    return saida;
  }
  const saida = estorna();
  p.viva = null;
  if (agora !== null && agora.decisao.motivo !== p.motivo) {
    saida.push(agora.interacao);
    p.revisao += 1;
  }
  p.motivo = agora?.decisao.motivo ?? null;
  return saida;
}

/**
 * Takes one record of `presencas` into the offer's presences (RG-2) and says what follows for its participants.
 * A record in quarantine moves nothing. What is emitted is a function of the records so far, with ids derived from
 * (offer, client, revision): a replay emits the same.
 * @param estado changed in place; must hold every participant of {@link participantesTocados}
 * @returns participations, and estornos of those that no longer hold, to be sent to `interacoes`
 */
export function consolida(estado: EstadoDaOferta, i: Interacao, ctx: ContextoDaConsolidacao): Interacao[] {
  const entrada = { interacao: i, rulebook: ctx.rulebooks.em(i.time), portfolio: ctx.portfolio };
  if (decide({ ...entrada, registradaEm: ctx.registradaEm }).resultado === 'quarentena') return [];
  if (i.tipoInteracao === 'check-in') registraCheckIn(estado, i);
  else if (i.tipoInteracao === 'consolidacao-disponibilizacao') registraEncerramento(estado, i);
  else registraEstorno(estado, i);
  if (estado.cabecalho.encerramentos.length === 0) return [];
  const tocados = participantesTocados(i);
  const nomes = tocados === 'todos' ? [...estado.participacoes.keys()].sort() : tocados;
  return nomes.flatMap((nome) => {
    const p = estado.participacoes.get(nome);
    return p === undefined ? [] : emite(estado, nome, p, ctx, i.time);
  });
}
