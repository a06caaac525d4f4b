import { apuracaoDaFonte } from './consolidacao.ts';
import type { IdentidadeEvento } from './interacao.ts';
import type { Rulebook, Rulebooks } from './rulebook.ts';

/**
 * How far an apuração has come: being made beside the one in force; about to take its place, while no decision is made;
 * in force; given up.
 */
export const ESTADOS_DA_APURACAO = ['em-preparo', 'anunciada', 'em-vigor', 'abandonada'] as const;
export type EstadoDaApuracao = (typeof ESTADOS_DA_APURACAO)[number];

/** The topics of raw interactions, which each apuração decides from an offset on. */
export const TOPICOS_APURADOS = ['interacoes', 'presencas'] as const;
export type TopicoApurado = (typeof TOPICOS_APURADOS)[number];

/** The history decided whole by one set of rulebooks: another one for each rulebook applied to the past. */
export interface Apuracao {
  /** From 1; 0 is the one there is without any. */
  numero: number;
  /** The one in force before, whose rulebooks decide what this one's does not. */
  base: number;
  estado: EstadoDaApuracao;
  /** Who had it made. */
  por: string;
  /** When it came to its state, milliseconds since the epoch. */
  em: number;
  /** Interactions that happened from here on (ms) are decided by `rulebook`. */
  desde: number;
  /** The name of its rulebook. */
  versao: string;
  /** Made when it is first needed: an old one that decides nothing any more need not be one that is valid today. */
  rulebook: () => Rulebook;
  /**
   * By topic and partition: the first offset that the line itself decides by this one; what stands before it was decided
   * when this one was made. Of one that was never in force, none.
   */
  limites: Readonly<Record<TopicoApurado, readonly number[]>>;
}

/** What the wire says of a record of the log, as far as it matters who decides it. */
export interface Lugar {
  topic: string;
  partition: number;
  offset: number;
}

/** All apurações there have been, and by which rulebooks each record is decided. */
export class Apuracoes {
  readonly #base: Rulebooks;
  readonly #todas = new Map<number, Apuracao>();
  readonly #rulebooks = new Map<number, Rulebooks>();
  #emVigor = 0;

  /** @param base the rulebooks of apuração 0: the project's files */
  constructor(base: Rulebooks) {
    this.#base = base;
  }

  /** Takes what is said of one apuração in place of what was said of it before. */
  registra(apuracao: Apuracao): void {
    this.#todas.set(apuracao.numero, apuracao);
    this.#rulebooks.delete(apuracao.numero);
    const vigoraram = this.todas().filter(({ estado }) => estado === 'em-vigor');
    this.#emVigor = vigoraram.at(-1)?.numero ?? 0;
  }

  /** In the order in which they were made. */
  todas(): Apuracao[] {
    return [...this.#todas.values()].sort((a, b) => a.numero - b.numero);
  }

  de(numero: number): Apuracao | undefined {
    return this.#todas.get(numero);
  }

  /** The number of the one in force. */
  get emVigor(): number {
    return this.#emVigor;
  }

  /** The one that is about to take the place of the one in force; null: none is. */
  get anunciada(): Apuracao | null {
    return this.todas().find(({ estado }) => estado === 'anunciada') ?? null;
  }

  /** @throws Error where nothing is known of that apuração, and what the making of its rulebook throws */
  rulebooks(numero: number): Rulebooks {
    if (numero === 0) return this.#base;
    const feitos = this.#rulebooks.get(numero);
    if (feitos !== undefined) return feitos;
    const apuracao = this.#todas.get(numero);
    if (apuracao === undefined) throw new Error(`não se sabe da apuração ${numero}`);
    const { desde, rulebook } = apuracao;
    let base = this.#todas.get(apuracao.base);
    // Of one that began no earlier nothing is left.
    while (base !== undefined && base.desde >= desde) base = this.#todas.get(base.base);
    const rulebooks = this.rulebooks(base?.numero ?? 0).aPartirDe({ desde, rulebook: rulebook() });
    this.#rulebooks.set(numero, rulebooks);
    return rulebooks;
  }

  get rulebooksEmVigor(): Rulebooks {
    return this.rulebooks(this.#emVigor);
  }

  /** Which of the apurações there are derived what comes from a source; null: none did. */
  derivadaPor(source: string): number | null {
    const derivada = apuracaoDaFonte(source);
    return derivada === 0 || (derivada !== null && this.#todas.has(derivada)) ? derivada : null;
  }

  /**
   * Which apuração decides a record of the log: of a derived one the one that derived it, whenever it is read; of a raw
   * one the newest that decides from an offset not after its own.
   * @param evento null: it cannot be read
   */
  doRegistro({ topic, partition, offset }: Lugar, evento: Pick<IdentidadeEvento, 'source'> | null): number {
    const derivada = evento === null ? null : this.derivadaPor(evento.source);
    if (derivada !== null) return derivada;
    let numero = this.#emVigor;
    for (let a = this.#todas.get(numero); a !== undefined; a = this.#todas.get(numero)) {
      // A partition that was added since holds nothing older.
      if (offset >= (a.limites[topic as TopicoApurado]?.[partition] ?? 0)) return numero;
      numero = a.base;
    }
    return numero;
  }
}
