import type { DocumentoInvalido } from './analise.ts';
import { type AnoDoCliente, anosDe, dobra, type EstadoCliente, estadoVazio, publicoDe, titularDe } from './cliente.ts';
import { consolida } from './consolidacao.ts';
import { decide } from './decidir.ts';
import type { Decisao } from './decisao.ts';
import { acumulaDiferenca, type Contadores, contribuicoes, somaMetricas } from './indicadores.ts';
import { type Interacao, topicoDe } from './interacao.ts';
import { lancamentosDe } from './lancar.ts';
import type { Portfolio } from './portfolio.ts';
import { type EstadoDaOferta, ofertaVazia } from './presenca.ts';
import type { Rulebooks } from './rulebook.ts';

/** One record of `interacoes` or `presencas`, read. */
export interface Registro {
  interacao: Interacao;
  /** The broker's timestamp (ms); offline, the present. */
  registradaEm: number;
  /** False for a presence that came by another topic than `presencas`, where no consolidation sees it. */
  emPresencas?: boolean;
  documentoInvalido?: DocumentoInvalido | null;
}

/**
 * The whole line in plain memory: classification, consolidation, counting once. Shares with the services the rules
 * alone, none of their state: it is what they are audited against.
 */
export class Recontagem {
  readonly estados = new Map<string, EstadoCliente>();
  readonly metricas: Contadores = new Map();
  readonly quarentena = new Map<string, number>();
  /** Copies of an event that name other clients than its first copy did. */
  copiasDeOutroCliente = 0;
  /** Events classified, and whom their first copy named. */
  readonly #vistos = new Map<string, string>();
  readonly #porCliente: boolean;
  readonly #derivadasPostasDeLado: ReadonlyMap<string, string>;
  readonly #ofertas = new Map<string, EstadoDaOferta>();
  readonly #rulebooks: Rulebooks;
  readonly #portfolio: Portfolio;

  /**
   * @param porCliente knows events again only within a client, as the line does: its ledger is split by client, so a
   * source that gives one id to two clients is counted for both
   * @param derivadasPostasDeLado participations that wait in quarantine, by their id, with the reason
   */
  constructor(
    rulebooks: Rulebooks,
    portfolio: Portfolio,
    { porCliente = false, derivadasPostasDeLado = new Map<string, string>() } = {},
  ) {
    this.#porCliente = porCliente;
    this.#derivadasPostasDeLado = derivadasPostasDeLado;
    this.#rulebooks = rulebooks;
    this.#portfolio = portfolio;
  }

  /** A record that could not even be read. */
  registraIlegivel(): void {
    this.registraEmQuarentena('ESQUEMA_INVALIDO');
  }

  /** A record that was set aside, whatever would be decided of it today. */
  registraEmQuarentena(motivo: string): void {
    this.quarentena.set(motivo, (this.quarentena.get(motivo) ?? 0) + 1);
  }

  /** Takes one record, and what the consolidation derives from it. */
  registra(registro: Registro): Decisao {
    const { interacao, registradaEm, emPresencas = true } = registro;
    const decisao = this.#decide(registro);
    if (decisao.resultado === 'quarentena' || this.#jaVeio(interacao)) return decisao;
    this.#lanca(interacao, decisao);
    if (emPresencas && topicoDe(interacao) === 'presencas' && interacao.disponibilizacaoId !== null) {
      const oferta = this.#oferta(interacao.disponibilizacaoId);
      const ctx = { rulebooks: this.#rulebooks, portfolio: this.#portfolio, registradaEm };
      for (const derivada of consolida(oferta, interacao, ctx)) {
        const posta = this.#derivadasPostasDeLado.get(derivada.id);
        if (posta === undefined) this.#lanca(derivada, this.#decide({ interacao: derivada, registradaEm }));
        else this.registraEmQuarentena(posta);
      }
    }
    return decisao;
  }

  /** A redelivery changes nothing, whatever it carries. */
  #jaVeio(i: Interacao): boolean {
    const identidade = `${i.source}\u0000${i.id}`;
    const clientes = `${i.cliente?.pf} ${i.cliente?.pj?.id}`;
    const antes = this.#vistos.get(identidade);
    if (antes === undefined) this.#vistos.set(identidade, clientes);
    else if (antes !== clientes) this.copiasDeOutroCliente += 1;
    // Within a client the fold itself knows an event again.
    return antes !== undefined && !this.#porCliente;
  }

  #oferta(id: string): EstadoDaOferta {
    const oferta = this.#ofertas.get(id) ?? ofertaVazia(id);
    this.#ofertas.set(id, oferta);
    return oferta;
  }

  #decide(registro: Registro): Decisao {
    const rulebook = this.#rulebooks.em(registro.interacao.time);
    const decisao = decide({ ...registro, rulebook, portfolio: this.#portfolio });
    if (decisao.resultado === 'quarentena') this.registraEmQuarentena(decisao.motivo);
    return decisao;
  }

  #lanca(interacao: Interacao, decisao: Decisao): void {
    for (const l of lancamentosDe(interacao, decisao)) {
      const titular = titularDe(l);
      const estado = this.estados.get(titular) ?? estadoVazio();
      this.estados.set(titular, estado);
      somaMetricas(this.metricas, dobra(estado, [l]).novos);
    }
  }

  /** Every indicator's counters, over all clients. */
  indicadores(): Contadores {
    const total: Contadores = new Map();
    const nada: Contadores = new Map();
    for (const [titular, estado] of this.estados) {
      acumulaDiferenca(total, nada, contribuicoes(titular, estado, this.#rulebooks));
    }
    return total;
  }

  /** The clients (not the common states of those not identified) and their years, by id. */
  clientes(): { id: string; anos: Record<string, AnoDoCliente> }[] {
    return [...this.estados]
      .filter(([titular]) => publicoDe(titular) !== 'nao-identificado')
      .map(([id, estado]) => ({ id, anos: anosDe(estado) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
