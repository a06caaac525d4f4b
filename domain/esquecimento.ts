import type { Lugar, TopicoApurado } from './apuracao.ts';
import type { Decisao } from './decisao.ts';
import type { Cliente, Interacao } from './interacao.ts';
import type { Lancamento } from './lancamento.ts';
import { lancamentosDe } from './lancar.ts';
import { TrocasDeChave } from './troca-de-chave.ts';

/** Up to where what an apuração derives of the presences of before can stand in `interacoes`, and whether all is closed. */
export interface Fechamento {
  apuracao: number;
  /** By partition of `interacoes`: from here on a derived record that names the person is a copy. */
  interacoes: readonly number[];
  /** The closing stands in the ledger. */
  encerrado: boolean;
}

/** An order to forget a person: from an offset of each log on, its client id is that of somebody else, or of nobody. */
export interface Esquecimento {
  /** From 1. */
  numero: number;
  /** The client id that is forgotten. */
  titular: string;
  /** The client id, chosen by chance, of what the person does from `desde` on. */
  nome: string;
  /** Who had it made. */
  por: string;
  /** When it came to where it is, milliseconds since the epoch. */
  em: number;
  /** Its offsets are being looked up: nobody decides. */
  anunciado: boolean;
  /** What happened before (ms) is not told of anybody any more; null: it is not in force. */
  desde: number | null;
  /** By topic and partition: the first offset it holds for. */
  limites: Readonly<Record<TopicoApurado, readonly number[]>>;
  fechamentos: readonly Fechamento[];
}

/** An interaction as it is to be decided. */
export interface Visto {
  /** Under the names that those have by now whom it names. */
  interacao: Interacao;
  /** Of those, the forgotten: of them nothing is told. */
  fora: ReadonlySet<string>;
}

/** A record as it is to be recounted: also whose presences are no more by then. */
export type Recontado = Visto & { semPresencas: ReadonlySet<string> };

export const NINGUEM_FORA: ReadonlySet<string> = new Set();

/** Where a record stands, and which apuração derived it; null: it came from outside. */
export type Origem = Lugar & {
  derivadaPor: number | null;
  /** Decided by the line itself, for this apuração: before it was closed there, all that stands before was decided. */
  naLinha?: number | null;
};

/** Whether its closing stands in the ledger of an apuração. */
export function estaEncerrado(
  { fechamentos }: Pick<Esquecimento, 'fechamentos'>,
  apuracao: number | null | undefined,
): boolean {
  return fechamentos.some((f) => f.apuracao === apuracao && f.encerrado);
}

/** All orders there have been, and as whose each record of the log is decided. */
export class Esquecimentos {
  /** What else a name depends on. */
  readonly trocas = new TrocasDeChave();
  readonly #todos = new Map<number, Esquecimento>();
  readonly #porTitular = new Map<string, Esquecimento>();
  /** By partition of `presencas`, what was answered last, and for which offsets. */
  readonly #semPresencas = new Map<number, { de: number; ate: number; quem: ReadonlySet<string> }>();

  /** Takes what is said of an order in place of what was said of it before. */
  registra(um: Esquecimento): void {
    this.#todos.set(um.numero, um);
    this.#porTitular.set(um.titular, um);
    this.#semPresencas.clear();
  }

  de(numero: number): Esquecimento | undefined {
    return this.#todos.get(numero);
  }

  /** In the order in which they were made. */
  todos(): Esquecimento[] {
    return [...this.#todos.values()].sort((a, b) => a.numero - b.numero);
  }

  doTitular(titular: string): Esquecimento | undefined {
    return this.#porTitular.get(titular);
  }

  /** The one whose offsets are being looked up; null: none is. */
  get anunciado(): Esquecimento | null {
    for (const um of this.#todos.values()) if (um.anunciado) return um;
    return null;
  }

  /** In force, and not closed in the ledger of an apuração. */
  inacabados(apuracao: number): Esquecimento[] {
    return this.todos().filter((um) => {
      return um.desde !== null && !estaEncerrado(um, apuracao);
    });
  }

  /** The client id that somebody has by now. */
  nomeAtual(id: string): string {
    const um = this.#porTitular.get(id);
    return um === undefined || um.desde === null ? id : this.nomeAtual(um.nome);
  }

  /** The ids somebody has had, the first one first, up to the one they have now. */
  nomesDe(id: string): string[] {
    const um = this.#porTitular.get(id);
    return um === undefined || um.desde === null ? [id] : [id, ...this.nomesDe(um.nome)];
  }

  /** Whose presences are no more from an offset of `presencas` on; for offsets with the same answer, the same set. */
  semPresencas(particao: number, offset: number): ReadonlySet<string> {
    if (this.#todos.size === 0) return NINGUEM_FORA;
    const ultimo = this.#semPresencas.get(particao);
    if (ultimo !== undefined && ultimo.de <= offset && offset < ultimo.ate) return ultimo.quem;
    const onde = ({ limites }: Esquecimento): number => limites.presencas[particao] ?? 0;
    const limites = this.todos().flatMap((um) => (um.desde === null ? [] : [onde(um)]));
    const de = Math.max(0, ...limites.filter((limite) => limite <= offset));
    const ate = Math.min(Number.POSITIVE_INFINITY, ...limites.filter((limite) => limite > offset));
    const quem = new Set(this.#emVigor((um) => onde(um) <= offset));
    this.#semPresencas.set(particao, { de, ate, quem });
    return quem;
  }

  /** Whose presences end with what is read from `de` up to `ate`. */
  cruzados(particao: number, de: number, ate: number): string[] {
    return this.#emVigor(({ limites }) => {
      const limite = limites.presencas[particao] ?? 0;
      return de < limite && limite <= ate;
    });
  }

  /**
   * Whether nothing is shown any more of `pf` in what happened at `time` and stands at `lugar`: of whom was forgotten
   * since, from the moment the order is in force.
   * @param derivada of presences: what names the one who was forgotten is of before
   */
  calado(lugar: Lugar, { pf, time, derivada }: { pf: string; time: number; derivada: boolean }): boolean {
    const um = this.#porTitular.get(pf);
    if (um === undefined || um.desde === null) return false;
    const limite = um.limites[lugar.topic as TopicoApurado]?.[lugar.partition] ?? 0;
    if (derivada || lugar.offset < limite || time < um.desde) return true;
    return this.calado(lugar, { pf: um.nome, time, derivada });
  }

  /** As whose an interaction is decided, by where its record stands. */
  ve(origem: Origem, interacao: Interacao): Visto {
    const { cliente, participantes } = interacao;
    if (this.#todos.size === 0 || !this.#nomeiaAlguem(interacao)) return { interacao, fora: NINGUEM_FORA };
    const fora = new Set<string>();
    let renomeou = false;
    const deQuem = <C extends Cliente | null>(c: C): C => {
      if (c === null || c.pf === null) return c;
      const pf = this.#destino(origem, c.pf, interacao.time);
      if (pf === null) fora.add(c.pf);
      if (pf === null || pf === c.pf) return c;
      renomeou = true;
      return { ...c, pf };
    };
    const dono = deQuem(cliente);
    const lista = participantes?.map((p) => ({ ...p, cliente: deQuem(p.cliente) })) ?? null;
    if (!renomeou) return { interacao, fora: fora.size === 0 ? NINGUEM_FORA : fora };
    return { interacao: { ...interacao, cliente: dono, participantes: lista }, fora };
  }

  /** The same of a record that came from outside, for a recount, which derives participations itself. */
  recontado(lugar: Lugar, interacao: Interacao): Recontado {
    const nasPresencas = lugar.topic === 'presencas';
    const semPresencas = nasPresencas ? this.semPresencas(lugar.partition, lugar.offset) : NINGUEM_FORA;
    return { ...this.ve({ ...lugar, derivadaPor: null }, interacao), semPresencas };
  }

  #emVigor(qual: (um: Esquecimento) => boolean): string[] {
    if (this.#todos.size === 0) return [];
    return this.todos().flatMap((um) => (um.desde !== null && qual(um) ? [um.titular] : []));
  }

  #nomeiaAlguem({ cliente, participantes }: Interacao): boolean {
    const conhece = (pf: string | null | undefined): boolean => pf != null && this.#porTitular.has(pf);
    return conhece(cliente?.pf) || (participantes ?? []).some((p) => conhece(p.cliente.pf));
  }

  /** @returns the name under which something is told of `pf`; null: under none */
  #destino(origem: Origem, pf: string, time: number): string | null {
    const um = this.#porTitular.get(pf);
    if (um === undefined || um.desde === null) return pf;
    const { topic, partition, offset, derivadaPor, naLinha } = origem;
    const deAntes = estaEncerrado(um, naLinha) ? null : pf;
    if (derivadaPor !== null) {
      // Of presences of before, whenever it is read: it stands, and its copies do not.
      const fim = um.fechamentos.find((f) => f.apuracao === derivadaPor)?.interacoes;
      return fim === undefined || offset < (fim[partition] ?? 0) ? deAntes : null;
    }
    // A partition that was added since holds nothing older.
    if (offset < (um.limites[topic as TopicoApurado]?.[partition] ?? 0)) return deAntes;
    return time < um.desde ? null : this.#destino(origem, um.nome, time);
  }
}

/** Whether the one it is about is forgotten. */
export function semDono({ interacao, fora }: Visto): boolean {
  const pf = interacao.cliente?.pf ?? null;
  return pf !== null && fora.has(pf);
}

/** What may be told of it: nothing of the forgotten. */
export function interacaoSem({ interacao, fora }: Visto): Interacao {
  if (fora.size === 0) return interacao;
  const { cliente, participantes } = interacao;
  const fica = (c: Cliente): boolean => c.pf === null || !fora.has(c.pf);
  return {
    ...interacao,
    cliente: cliente === null || fica(cliente) ? cliente : { ...cliente, pf: null },
    participantes: participantes?.filter((p) => fica(p.cliente)) ?? null,
  };
}

/** What is decided of it: who is forgotten is credited nothing, and where nobody else is named, nothing counts. */
export function decisaoSem(visto: Visto, decisao: Decisao): Decisao {
  if (!semDono(visto) || decisao.resultado === 'quarentena') return decisao;
  const creditos = decisao.creditos.filter((id) => !visto.fora.has(id));
  const conta = decisao.resultado === 'contabiliza';
  const acompanhada = visto.interacao.cliente?.pj != null;
  if (conta ? creditos.length > 0 : acompanhada) return { ...decisao, creditos };
  const metrica = conta ? 'jornada' : decisao.metrica;
  const nada = { creditos: [], chave: null, regra: null };
  return { ...decisao, ...nada, resultado: 'nao-contabiliza', metrica, motivo: 'TITULAR_ESQUECIDO' };
}

/** Its entries: none of the forgotten. @param decisao as {@link decisaoSem} gives it */
export function lancamentosSem(visto: Visto, decisao: Decisao): Lancamento[] {
  const todos = lancamentosDe(visto.interacao, decisao);
  if (visto.fora.size === 0) return todos;
  const ficam = todos.filter(({ cliente }) => cliente === null || !visto.fora.has(cliente));
  return ficam.map((l, n) => ({ ...l, principal: n === 0 }));
}

/** The metric of a closing: no rule decides it, so no event can be one. */
const ENCERRAMENTO = 'encerramento';

/**
 * The entry that ends what the ledger says of somebody.
 * @param cliente who is forgotten; or a PJ, of whose deliveries some are known by an id with that name in it
 */
export function encerramentoDe({ numero, titular, em }: Esquecimento, cliente: string = titular): Lancamento {
  return {
    ...{ cliente, source: `esquecimento/${numero}`, id: titular, time: em, principal: false },
    ...{ metrica: ENCERRAMENTO, motivo: 'TITULAR_ESQUECIDO', tipoSolucao: null, unidade: 'NA', canal: null },
    ...{ modalidade: null, credito: null, estornada: null },
  };
}

export function ehEncerramento({ metrica }: Pick<Lancamento, 'metrica'>): boolean {
  return metrica === ENCERRAMENTO;
}
