import { decide } from './decidir.ts';
import type { Cliente, Interacao } from './interacao.ts';
import { type ContextoDaConsolidacao, emiteParticipacoes, prazosDe } from './participacao.ts';
import { contem, type EstadoDaOferta, participacaoVazia, participantesTocados } from './presenca.ts';

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

function registraEncerramento(estado: EstadoDaOferta, i: Interacao): void {
  const { cabecalho, participacoes } = estado;
  if (contem(cabecalho.encerramentos, i)) return;
  const { source, id, time, unidade, canal, responsavel, intermediacao, tipoSolucao, solucaoId, etapas } = i;
  const deste = { unidade, canal, responsavel, intermediacao, tipoSolucao, solucaoId, etapas };
  cabecalho.encerramentos.push({ source, id, time, ...deste });
  const ordem = new Map<string, number>();
  for (const { cliente, presencas, frequencia, papel } of i.participantes ?? []) {
    const nome = nomeDoParticipante(cliente, ordem);
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

/**
 * Whether a check-in comes after the closing and past its late window: it changes nothing (RG-2). Asked before
 * {@link consolida} takes it in, for the same one again is no other. One of nobody makes nobody present at any time.
 */
export function checkInTardio(estado: EstadoDaOferta, i: Interacao, ctx: ContextoDaConsolidacao): boolean {
  const nome = i.cliente?.pf ?? i.cliente?.pj?.id;
  if (i.tipoInteracao !== 'check-in' || nome === undefined) return false;
  const p = estado.participacoes.get(nome);
  if (p !== undefined && (contem(p.checkIns, i) || contem(p.estornados, i))) return false;
  const prazos = prazosDe(estado, ctx);
  if (prazos.length === 0 || prazos.some(({ ate }) => i.time <= ate)) return false;
  const entrada = { interacao: i, rulebook: ctx.rulebooks.em(i.time), portfolio: ctx.portfolio };
  return decide({ ...entrada, registradaEm: ctx.registradaEm }).resultado !== 'quarentena';
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
  const derivada = { source: fonteDaApuracao(ctx.apuracao), time: i.time };
  const { disponibilizacaoId } = estado.cabecalho;
  const emissao = { ...ctx, ...derivada, disponibilizacaoId, prazos: prazosDe(estado, ctx) };
  const nomes = tocados === 'todos' ? [...estado.participacoes.keys()].sort() : tocados;
  return nomes.flatMap((nome) => {
    const p = estado.participacoes.get(nome);
    return p === undefined ? [] : emiteParticipacoes(nome, p, emissao);
  });
}
