import {
  type AnoDoCliente,
  anosDe,
  type ContaDoCliente,
  type OutraMetrica,
  type Portador,
  portadorDe,
  publicoDe,
} from './cliente.ts';
import { ContagemDeMetricas } from './contagem-de-metricas.ts';
import { Digital } from './digital.ts';
import type { Contadores } from './indicadores.ts';
import type { IdentidadeEvento } from './interacao.ts';
import type { Lancamento } from './lancamento.ts';
import type { Rulebooks } from './rulebook.ts';
import { SomaDosIndicadores } from './soma-dos-indicadores.ts';
import { TabelaDeDigitais } from './tabela-de-digitais.ts';
import { anoDe } from './tempo.ts';

/** Spreads the numbers of holders over all 32 bits. */
const ESPALHA = 0x9e3779b1;

const nomeDoEvento = ({ source, id }: IdentidadeEvento): string => `${source}\u0000${id}`;

/** What a recount knows of one holder of state. */
class Conta implements ContaDoCliente {
  readonly portadores: Portador[] = [];
  readonly outrasMetricas: OutraMetrica[] = [];
  /** From 1, in the order in which they came. */
  readonly numero: number;
  /** Events taken back, come or still to come; null: none was. */
  #desfeitos: Set<string> | null = null;

  constructor(numero: number) {
    this.numero = numero;
  }

  soma(l: Lancamento): void {
    if (l.estornada !== null) this.#desfaz(l.estornada);
    if (l.credito !== null) {
      this.portadores.push(portadorDe(l, l.credito, this.#desfeitos?.has(nomeDoEvento(l)) === true));
    }
    if (l.cliente !== null && l.metrica !== 'atendimento') this.#contaOutra(anoDe(l.time), l.metrica);
  }

  #desfaz(evento: IdentidadeEvento): void {
    this.#desfeitos ??= new Set();
    this.#desfeitos.add(nomeDoEvento(evento));
    for (const p of this.portadores) if (p.id === evento.id && p.source === evento.source) p.desfeito = true;
  }

  #contaOutra(ano: string, metrica: string): void {
    for (const outra of this.outrasMetricas) {
      if (outra.metrica !== metrica || outra.ano !== ano) continue;
      outra.n += 1;
      return;
    }
    this.outrasMetricas.push({ ano, metrica, n: 1 });
  }
}

/**
 * The second half of a recount: entries added up by client, each event once within a client. Written beside the fold that
 * the services keep their states by (`dobra`), not out of it: what it takes for seen or taken back, and how it adds up, does
 * not come out alike here. What an entry says of a delivery is the same for both.
 */
export class Reagregacao {
  readonly #metricas = new ContagemDeMetricas();
  readonly #contas = new Map<string, Conta>();
  /** Events seen, each with the holder it was seen for. */
  readonly #vistos = new TabelaDeDigitais();
  readonly #digital = new Digital();

  get estados(): ReadonlyMap<string, ContaDoCliente> {
    return this.#contas;
  }

  /** @param titular whose entry it is (`titularDe`) @param l none that closes: who recounts knows of orders beforehand */
  lanca(titular: string, l: Lancamento): void {
    let conta = this.#contas.get(titular);
    if (conta === undefined) {
      conta = new Conta(this.#contas.size + 1);
      this.#contas.set(titular, conta);
    }
    const { baixa, alta } = this.#digital.do(l);
    if (!this.#vistos.nova((baixa ^ Math.imul(conta.numero, ESPALHA)) >>> 0, alta)) return;
    conta.soma(l);
    if (l.principal) this.#metricas.conta(l);
  }

  get metricas(): Contadores {
    return this.#metricas.contadores();
  }

  /** Every indicator's counters, over all clients. */
  indicadores(rulebooks: Rulebooks): Contadores {
    const soma = new SomaDosIndicadores(rulebooks);
    for (const [titular, conta] of this.#contas) soma.soma(titular, conta);
    return soma.contadores();
  }

  /** The clients (not the common states of those not identified) and their years, by id. */
  clientes(): { id: string; anos: Record<string, AnoDoCliente> }[] {
    return [...this.#contas]
      .filter(([titular]) => publicoDe(titular) !== 'nao-identificado')
      .map(([id, conta]) => ({ id, anos: anosDe(conta) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
