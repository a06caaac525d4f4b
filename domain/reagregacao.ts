import { type AnoDoCliente, anosDe, type ContaDoCliente, publicoDe } from './cliente.ts';
import { ContagemDeMetricas } from './contagem-de-metricas.ts';
import { Contas } from './contas.ts';
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

/** As many as there are kept: all would be one long list. */
const COMUNS = 1_024;
const digitalDoComum = new Digital();

/**
 * In whose account an entry is counted: its client's, or, where nobody is identified, one of some common ones, in which an event
 * meets what takes it back. These are not those that the services keep (`titularDe`): nobody compares them, and the digits
 * of an event cost less than its MD5.
 */
export function contaDoLancamento(l: Lancamento): string {
  return l.cliente ?? `ni:${digitalDoComum.do(l.estornada ?? l).baixa % COMUNS}`;
}

/**
 * The second half of a recount: entries added up by client, each event once within a client. Written beside the fold that
 * the services keep their states by (`dobra`), not out of it: what it takes for seen or taken back, and how it adds up, does
 * not come out alike here. What an entry says of a delivery is the same for both.
 */
export class Reagregacao {
  readonly #metricas = new ContagemDeMetricas();
  readonly #contas = new Contas();
  /** Of each holder of state the number of its account, in the order in which they came. */
  readonly #numeros = new Map<string, number>();
  /** By account, events taken back, come or still to come. */
  readonly #desfeitos = new Map<number, Set<string>>();
  /** Events seen, each with the holder it was seen for. */
  readonly #vistos = new TabelaDeDigitais();
  readonly #digital = new Digital();

  /** @param titular whose entry it is (`contaDoLancamento`, or `titularDe`) @param l none that closes: who recounts knows of orders beforehand */
  lanca(titular: string, l: Lancamento): void {
    let conta = this.#numeros.get(titular);
    if (conta === undefined) {
      conta = this.#numeros.size;
      this.#numeros.set(titular, conta);
    }
    const { baixa, alta } = this.#digital.do(l);
    if (!this.#vistos.nova((baixa ^ Math.imul(conta + 1, ESPALHA)) >>> 0, alta)) return;
    this.#soma(conta, l);
    if (l.principal) this.#metricas.conta(l);
  }

  #soma(conta: number, l: Lancamento): void {
    if (l.estornada !== null) this.#desfaz(conta, l.estornada);
    if (l.credito !== null) {
      const desfeito = this.#desfeitos.get(conta)?.has(nomeDoEvento(l)) === true;
      this.#contas.poePortador(conta, l, l.credito, desfeito);
    }
    if (l.cliente !== null && l.metrica !== 'atendimento') this.#contas.contaOutra(conta, anoDe(l.time), l.metrica);
  }

  #desfaz(conta: number, evento: IdentidadeEvento): void {
    const desfeitos = this.#desfeitos.get(conta) ?? new Set();
    this.#desfeitos.set(conta, desfeitos.add(nomeDoEvento(evento)));
    this.#contas.desfaz(conta, evento);
  }

  /** The holders of state there are. */
  titulares(): Iterable<string> {
    return this.#numeros.keys();
  }

  /** What is known of a holder of state; undefined: nothing. */
  conta(titular: string): ContaDoCliente | undefined {
    const numero = this.#numeros.get(titular);
    return numero === undefined ? undefined : this.#contas.conta(numero);
  }

  /** Whether all that is known of a holder is this, in whatever order; false too where it is much. */
  ehIgual(titular: string, conta: ContaDoCliente): boolean {
    const numero = this.#numeros.get(titular);
    return numero !== undefined && this.#contas.ehIgual(numero, conta);
  }

  get metricas(): Contadores {
    return this.#metricas.contadores();
  }

  /** Every indicator's counters, over all clients. */
  indicadores(rulebooks: Rulebooks): Contadores {
    const soma = new SomaDosIndicadores(rulebooks);
    for (const [titular, conta] of this.#numeros) soma.soma(titular, this.#contas.entregas(conta));
    return soma.contadores();
  }

  /** The clients (not the common states of those not identified) and their years, by id. */
  clientes(): { id: string; anos: Record<string, AnoDoCliente> }[] {
    return [...this.#numeros]
      .filter(([titular]) => publicoDe(titular) !== 'nao-identificado')
      .map(([id, conta]) => ({ id, anos: anosDe(this.#contas.conta(conta)) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
