import { type Contadores, nomeDaMetrica } from './indicadores.ts';
import type { Lancamento } from './lancamento.ts';
import { nivel } from './nivel.ts';
import { TabelaDeDigitais } from './tabela-de-digitais.ts';
import { diaDe } from './tempo.ts';

type Por<T> = Map<string, T>;

/** Spread the numbers of days and of what is counted on them over all 32 bits. */
const ESPALHA = { dia: 0x9e3779b1, qual: 0x85ebca77 };

/** The counters of `metricas` over many entries; of each event the principal one alone is counted. */
export class ContagemDeMetricas {
  /** What is counted on each day, by number. */
  readonly #quais: Por<Por<Por<Por<Por<number>>>>> = new Map();
  #quantasQuais = 0;
  readonly #dias = new Map<string, number>();
  /** The number of a counter, by the two: in flat memory, for most are of few events. */
  readonly #numeros = new TabelaDeDigitais();
  #contados = new Int32Array(1_024);
  /** By number, an entry that it counts: the name is made of it in the end. */
  readonly #nomes: string[] = [];

  conta(l: Lancamento): void {
    const numero = this.#numeroDe(this.#qual(l), this.#dia(diaDe(l.time)));
    if (numero === this.#nomes.length) this.#poe(l);
    this.#contados[numero] = (this.#contados[numero] ?? 0) + 1;
  }

  /** By name. */
  contadores(): Contadores {
    return new Map(this.#nomes.map((nome, numero) => [nome, this.#contados[numero] ?? 0]));
  }

  /** No two pairs have the same digits: of one half they have the one number, and the other half tells days apart. */
  #numeroDe(qual: number, dia: number): number {
    const baixa = (Math.imul(dia, ESPALHA.dia) ^ Math.imul(qual, ESPALHA.qual)) >>> 0;
    return this.#numeros.primeiro(baixa, qual, this.#nomes.length);
  }

  #poe(l: Lancamento): void {
    if (this.#nomes.push(nomeDaMetrica(l)) < this.#contados.length) return;
    const antes = this.#contados;
    this.#contados = new Int32Array(2 * antes.length);
    this.#contados.set(antes);
  }

  #dia(dia: string): number {
    let numero = this.#dias.get(dia);
    if (numero === undefined) {
      numero = this.#dias.size;
      this.#dias.set(dia, numero);
    }
    return numero;
  }

  /** From 1 on. */
  #qual({ metrica, motivo, canal, tipoSolucao, unidade }: Lancamento): number {
    const porUnidade = nivel(nivel(nivel(nivel(this.#quais, metrica), motivo), canal ?? ''), tipoSolucao ?? '');
    let numero = porUnidade.get(unidade);
    if (numero === undefined) {
      this.#quantasQuais += 1;
      numero = this.#quantasQuais;
      porUnidade.set(unidade, numero);
    }
    return numero;
  }
}
