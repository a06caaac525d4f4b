import { type EstadoCliente, entregas, type Portador, publicoDe } from './cliente.ts';
import {
  type ContadorDeIndicador,
  type Contadores,
  lugares,
  nomeDoContador,
  nomeDoPrimeiro,
  pertence,
} from './indicadores.ts';
import { nivel } from './nivel.ts';
import type { Indicador, Rulebook, Rulebooks } from './rulebook.ts';
import { diaDe, mesDe } from './tempo.ts';

/** A place in an indicator, and what was counted there. */
interface Lugar {
  onde: Omit<ContadorDeIndicador, 'medida'>;
  clientes: number;
  /** The holder counted last, by number: each is added whole before the next, so that this is enough to count it once. */
  ultimo: number;
  atendimentos: number;
  /** Of the total alone: how many came first on each day, and the day of the holder counted last. */
  primeiros: Map<string, number>;
  primeiroDoUltimo: string;
}

function somaPrimeiro(lugar: Lugar, titular: number, dia: string): void {
  const { primeiros, ultimo, primeiroDoUltimo: antes } = lugar;
  if (ultimo === titular) {
    if (antes <= dia) return;
    primeiros.set(antes, (primeiros.get(antes) ?? 0) - 1);
  }
  primeiros.set(dia, (primeiros.get(dia) ?? 0) + 1);
  lugar.primeiroDoUltimo = dia;
}

/** An indicator, and the places in it of the deliveries of one month, unit, type and modality. */
interface Corte {
  indicador: Indicador;
  lugares: readonly Lugar[];
}

/**
 * Every indicator over many clients: the sum of their contributions (`contribuicoes`) in one pass over their deliveries,
 * without a table for each client.
 */
export class SomaDosIndicadores {
  readonly #rulebooks: Rulebooks;
  /** By version, modality, type, unit and month. */
  readonly #cortes = new Map<string, Map<string, Map<string, Map<string, Map<string, readonly Corte[]>>>>>();
  /** By the name of its counter of clients. */
  readonly #lugares = new Map<string, Lugar>();
  #somados = 0;

  constructor(rulebooks: Rulebooks) {
    this.#rulebooks = rulebooks;
  }

  /** Adds one holder, whole; each only once. */
  soma(titular: string, estado: EstadoCliente): void {
    const de = publicoDe(titular);
    const publico = de === 'pj' ? 'pj' : 'pf';
    this.#somados += 1;
    const numero = this.#somados;
    for (const e of entregas(estado)) {
      for (const { indicador, lugares } of this.#cortesDe(e)) {
        if (!pertence(indicador, e, publico)) continue;
        const repetida = e.ladoDePf && indicador.publico.length > 1;
        const [noTotal] = lugares;
        if (noTotal !== undefined && de !== 'nao-identificado') somaPrimeiro(noTotal, numero, diaDe(e.time));
        for (const lugar of lugares) {
          if (!repetida) lugar.atendimentos += e.quantidade;
          if (de === 'nao-identificado' || lugar.ultimo === numero) continue;
          lugar.clientes += 1;
          lugar.ultimo = numero;
        }
      }
    }
  }

  /** By name, those that are not nothing. */
  contadores(): Contadores {
    const contadores: Contadores = new Map();
    for (const [nome, { onde, clientes, atendimentos, primeiros }] of this.#lugares) {
      if (clientes !== 0) contadores.set(nome, clientes);
      if (atendimentos !== 0) contadores.set(nomeDoContador({ ...onde, medida: 'atendimentos' }), atendimentos);
      for (const [dia, n] of primeiros) {
        if (n !== 0) contadores.set(nomeDoPrimeiro(onde.indicador, onde.periodo, dia), n);
      }
    }
    return contadores;
  }

  #cortesDe(e: Portador): readonly Corte[] {
    const rulebook = this.#rulebooks.em(e.time);
    const daModalidade = nivel(nivel(this.#cortes, rulebook.versao), e.modalidade);
    const porMes = nivel(nivel(daModalidade, e.tipoSolucao), e.unidade);
    const mes = mesDe(e.time);
    let cortes = porMes.get(mes);
    if (cortes === undefined) {
      cortes = this.#fazCortes(e, rulebook);
      porMes.set(mes, cortes);
    }
    return cortes;
  }

  #fazCortes(e: Portador, { indicadores }: Rulebook): Corte[] {
    return Object.entries(indicadores).map(([codigo, indicador]) => {
      return { indicador, lugares: lugares(codigo, indicador, e).map((onde) => this.#lugar(onde)) };
    });
  }

  #lugar(onde: Lugar['onde']): Lugar {
    const nome = nomeDoContador({ ...onde, medida: 'clientes' });
    const conhecido = this.#lugares.get(nome);
    if (conhecido !== undefined) return conhecido;
    const contado = { clientes: 0, ultimo: 0, atendimentos: 0, primeiros: new Map(), primeiroDoUltimo: '' };
    const lugar: Lugar = { onde, ...contado };
    this.#lugares.set(nome, lugar);
    return lugar;
  }
}
