import { type AnoDoCliente, titularDe } from './cliente.ts';
import type { Decisao } from './decisao.ts';
import type { Contadores } from './indicadores.ts';
import type { Interacao } from './interacao.ts';
import type { Portfolio } from './portfolio.ts';
import { Reagregacao } from './reagregacao.ts';
import { Reclassificacao, type Registro } from './reclassificacao.ts';
import type { Rulebooks } from './rulebook.ts';

/**
 * The whole line in plain memory: classification, consolidation, counting once. Shares with the services the rules
 * alone, none of their state: it is what they are audited against.
 */
export class Recontagem {
  readonly #rulebooks: Rulebooks;
  readonly #decisoes: Reclassificacao;
  readonly #somas = new Reagregacao();
  /** Events classified. */
  readonly #vistos = new Set<string>();

  constructor(rulebooks: Rulebooks, portfolio: Portfolio) {
    this.#rulebooks = rulebooks;
    this.#decisoes = new Reclassificacao(rulebooks, portfolio);
  }

  get metricas(): Contadores {
    return this.#somas.metricas;
  }

  get quarentena(): Contadores {
    return this.#decisoes.quarentena;
  }

  /** A record that could not even be read. */
  registraIlegivel(): void {
    this.#decisoes.contaQuarentena('ESQUEMA_INVALIDO');
  }

  /** Takes one record, and what the consolidation derives from it. */
  registra(registro: Registro): Decisao {
    const decisao = this.#decisoes.decisaoDe(registro);
    if (decisao.resultado === 'quarentena' || !this.#jaVeio(registro.interacao)) {
      for (const l of this.#decisoes.lancamentos(registro, decisao)) this.#somas.lanca(titularDe(l), l);
    }
    return decisao;
  }

  /** A redelivery changes nothing, whatever it carries. */
  #jaVeio({ source, id }: Interacao): boolean {
    const identidade = `${source}\u0000${id}`;
    if (this.#vistos.has(identidade)) return true;
    this.#vistos.add(identidade);
    return false;
  }

  /** Every indicator's counters, over all clients. */
  indicadores(): Contadores {
    return this.#somas.indicadores(this.#rulebooks);
  }

  /** The clients (not the common states of those not identified) and their years, by id. */
  clientes(): { id: string; anos: Record<string, AnoDoCliente> }[] {
    return this.#somas.clientes();
  }
}
