import { hash } from 'node:crypto';
import { ehEncerramento } from './esquecimento.ts';
import { Impressoes } from './impressoes.ts';
import type { IdentidadeEvento } from './interacao.ts';
import { chaveDoLancamento, type Lancamento } from './lancamento.ts';
import { anoDe } from './tempo.ts';

/** A counting event that holds a delivery for a client: what the delivery is, should it be the earliest holder. */
export interface Portador extends IdentidadeEvento {
  chave: string;
  time: number;
  tipoSolucao: string;
  unidade: string;
  modalidade: string;
  quantidade: number;
  comPj: boolean;
  ladoDePf: boolean;
  /** Taken back, before it came or after. */
  desfeito: boolean;
}

/** A delivery that stands, as far as what counts it looks. */
export type Entrega = Pick<
  Portador,
  'time' | 'tipoSolucao' | 'unidade' | 'modalidade' | 'quantidade' | 'comPj' | 'ladoDePf'
>;

/**
 * Everything the ledger said of one client. Sets only, so that the order in which entries came leaves no trace
 * (save which copy of an event was first).
 */
export interface EstadoCliente {
  portadores: Portador[];
  /** Fingerprints of the events taken back, come or still to come. */
  estornados: Impressoes;
  /** Fingerprints of all events seen. */
  vistos: Impressoes;
  outrasMetricas: OutraMetrica[];
}

/** How many interactions of a year did not count, by metric. */
export interface OutraMetrica {
  /** `2026` */
  ano: string;
  metrica: string;
  n: number;
}

/** What counts of a client, and what does not: all that its years are made of. */
export type ContaDoCliente = Pick<EstadoCliente, 'portadores' | 'outrasMetricas'>;

export function estadoVazio(): EstadoCliente {
  return { portadores: [], estornados: new Impressoes(), vistos: new Impressoes(), outrasMetricas: [] };
}

/** An event is mostly asked about several times running: for each client it names. */
let ultima: (IdentidadeEvento & { impressao: string }) | null = null;

/**
 * Eight bytes (as a latin-1 string) that stand for an event inside one client's state. Only events of one client are
 * ever compared: for two of 100,000 to meet has odds of 1 in 10^9.
 */
export function impressao({ source, id }: IdentidadeEvento): string {
  if (ultima === null || ultima.id !== id || ultima.source !== source) {
    ultima = { source, id, impressao: hash('md5', `${source}\u0000${id}`, 'binary').slice(0, 8) };
  }
  return ultima.impressao;
}

const BALDES = 1024;

/**
 * Whose state an entry belongs to: the client, or, where nobody is identified, one of a fixed number of common states.
 */
export function titularDe(l: Lancamento): string {
  if (l.cliente !== null) return l.cliente;
  const digito = hash('md5', chaveDoLancamento(l), 'buffer').readUInt16BE(0) % BALDES;
  return `ni:${digito}`;
}

/** Which ledger a holder of state belongs to. */
export function publicoDe(titular: string): 'pf' | 'pj' | 'nao-identificado' {
  if (titular.startsWith('pf:')) return 'pf';
  return titular.startsWith('pj:') ? 'pj' : 'nao-identificado';
}

function antes(a: Portador, b: Portador): boolean {
  if (a.time !== b.time) return a.time < b.time;
  if (a.source !== b.source) return a.source < b.source;
  return a.id < b.id;
}

const POUCOS = 8;

/** The deliveries that stand: by key, the earliest holder (time, source, id) that was not taken back. */
export function entregas({ portadores }: Pick<EstadoCliente, 'portadores'>): Portador[] {
  const mantidos = portadores.some((p) => p.desfeito) ? portadores.filter((p) => !p.desfeito) : portadores;
  if (mantidos.length <= POUCOS) {
    const vencido = (p: Portador) => mantidos.some((outro) => outro.chave === p.chave && antes(outro, p));
    // Of most holders all stand: a copy is had for less than what is gathered one by one.
    return mantidos.some(vencido) ? mantidos.filter((p) => !vencido(p)) : mantidos.slice();
  }
  const porChave = new Map<string, Portador>();
  for (const p of mantidos) {
    const outro = porChave.get(p.chave);
    if (outro === undefined || antes(p, outro)) porChave.set(p.chave, p);
  }
  return [...porChave.values()];
}

/** How many deliveries both begin with: one that came stands at the end. */
export function comecoComum(a: readonly Portador[], b: readonly Portador[]): number {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n += 1;
  return n;
}

/** What an entry that counts says of its delivery. @param desfeito whether its event was taken back before */
export function portadorDe(l: Lancamento, credito: NonNullable<Lancamento['credito']>, desfeito: boolean): Portador {
  return {
    desfeito,
    source: l.source,
    id: l.id,
    time: l.time,
    tipoSolucao: l.tipoSolucao ?? '',
    unidade: l.unidade,
    modalidade: l.modalidade ?? '',
    chave: credito.chave,
    quantidade: credito.quantidade,
    comPj: credito.comPj,
    ladoDePf: credito.ladoDePf,
  };
}

function desfaz(estado: EstadoCliente, estornado: string): void {
  estado.estornados.add(estornado);
  for (const p of estado.portadores) if (!p.desfeito && impressao(p) === estornado) p.desfeito = true;
}

function contaOutra(outras: OutraMetrica[], ano: string, metrica: string): void {
  const outra = outras.find((o) => o.ano === ano && o.metrica === metrica);
  if (outra === undefined) outras.push({ ano, metrica, n: 1 });
  else outra.n += 1;
}

/** Whether nothing was ever said of the client, or no more is to be known of it. */
export function estaVazio({ portadores, estornados, vistos, outrasMetricas }: EstadoCliente): boolean {
  return vistos.size === 0 && estornados.size === 0 && outrasMetricas.length === 0 && portadores.length === 0;
}

/**
 * Takes a closing into a client's state. Of the forgotten nothing stays; of a PJ beside them all that counts: deliveries
 * whose events were named after them are named after the order.
 */
function encerra(estado: EstadoCliente, { cliente, id: esquecido, source: ordem }: Lancamento): void {
  if (cliente === esquecido) {
    estado.portadores.length = 0;
    estado.outrasMetricas.length = 0;
    estado.vistos.clear();
    estado.estornados.clear();
    return;
  }
  for (const p of estado.portadores) {
    // The key of a delivery may be its event.
    p.chave = p.chave.replaceAll(esquecido, ordem);
    p.id = p.id.replaceAll(esquecido, ordem);
  }
}

/** What a fold did. */
export interface Dobra {
  /** The entries seen for the first time, in order. */
  novos: readonly Lancamento[];
  /** Whether the deliveries may differ from before. */
  mudouEntregas: boolean;
}

/**
 * Folds a client's entries into its state. A redelivery changes nothing; an estorno takes back an event whether it
 * has come or not.
 * @param estado changed in place: one client may have a hundred thousand entries
 */
export function dobra(estado: EstadoCliente, lancamentos: readonly Lancamento[]): Dobra {
  // Most are: a list of their own is made where one is not.
  let novos: Lancamento[] | null = null;
  let mudouEntregas = false;
  for (const [n, l] of lancamentos.entries()) {
    if (ehEncerramento(l)) {
      novos ??= lancamentos.slice(0, n);
      encerra(estado, l);
      continue;
    }
    const visto = impressao(l);
    if (!estado.vistos.add(visto)) {
      novos ??= lancamentos.slice(0, n);
      continue;
    }
    novos?.push(l);
    if (l.estornada !== null) desfaz(estado, impressao(l.estornada));
    if (l.credito !== null) estado.portadores.push(portadorDe(l, l.credito, estado.estornados.has(visto)));
    if (l.estornada !== null || l.credito !== null) mudouEntregas = true;
    if (l.cliente !== null && l.metrica !== 'atendimento') contaOutra(estado.outrasMetricas, anoDe(l.time), l.metrica);
  }
  return { novos: novos ?? lancamentos, mudouEntregas };
}

/** A client's year. */
export interface AnoDoCliente {
  atendido: boolean;
  atendimentos: number;
  /** First and last delivery, milliseconds since the epoch; null without any. */
  primeiro: number | null;
  ultimo: number | null;
  porTipo: Record<string, number>;
  /** Interactions that did not count, by metric. */
  outrasMetricas: Record<string, number>;
}

const anoVazio = (): AnoDoCliente => ({
  atendido: false,
  atendimentos: 0,
  primeiro: null,
  ultimo: null,
  porTipo: {},
  outrasMetricas: {},
});

/** The client's years with any interaction, by the time of the interaction in America/Sao_Paulo. */
export function anosDe(estado: ContaDoCliente): Record<string, AnoDoCliente> {
  const anos: Record<string, AnoDoCliente> = {};
  const doAno = (ano: string): AnoDoCliente => {
    anos[ano] ??= anoVazio();
    return anos[ano];
  };
  for (const p of estado.portadores) doAno(anoDe(p.time));
  for (const e of entregas(estado)) {
    const ano = doAno(anoDe(e.time));
    ano.atendido = true;
    ano.atendimentos += 1;
    ano.primeiro = Math.min(ano.primeiro ?? e.time, e.time);
    ano.ultimo = Math.max(ano.ultimo ?? e.time, e.time);
    ano.porTipo[e.tipoSolucao] = (ano.porTipo[e.tipoSolucao] ?? 0) + 1;
  }
  for (const { ano, metrica, n } of estado.outrasMetricas) doAno(ano).outrasMetricas[metrica] = n;
  return anos;
}
