import { type Contadores, nomeDaMetrica } from './indicadores.ts';
import type { Lancamento } from './lancamento.ts';
import { nivel } from './nivel.ts';
import { diaDe } from './tempo.ts';

/** A counter, and its name, which is made when it is first counted. */
interface Contada {
  nome: string;
  n: number;
}

type Por<T> = Map<string, T>;

/** The counters of `metricas` over many entries; of each event the principal one alone is counted. */
export class ContagemDeMetricas {
  /** In each level more than in the one before it, so that there are few of the last, the days. */
  readonly #porMetrica: Por<Por<Por<Por<Por<Por<Contada>>>>>> = new Map();
  readonly #todas: Contada[] = [];

  conta(l: Lancamento): void {
    const doCanal = nivel(nivel(nivel(this.#porMetrica, l.metrica), l.motivo), l.canal ?? '');
    const porDia = nivel(nivel(doCanal, l.tipoSolucao ?? ''), l.unidade);
    const dia = diaDe(l.time);
    let contada = porDia.get(dia);
    if (contada === undefined) {
      contada = { nome: nomeDaMetrica(l), n: 0 };
      porDia.set(dia, contada);
      this.#todas.push(contada);
    }
    contada.n += 1;
  }

  /** By name. */
  contadores(): Contadores {
    return new Map(this.#todas.map(({ nome, n }) => [nome, n]));
  }
}
