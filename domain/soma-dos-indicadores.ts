import { type Entrega, publicoDe } from './cliente.ts';
import {
  type ContadorDeIndicador,
  type Contadores,
  lugares,
  nomeDoContador,
  nomeDoPrimeiro,
  periodoDe,
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
}

/** Of an indicator's period, over all: how many came first on each day, and the holder counted last with its day. */
interface Primeiros {
  porDia: Map<string, number>;
  ultimo: number;
  diaDoUltimo: string;
}

function somaPrimeiro(primeiros: Primeiros, titular: number, dia: string): void {
  const { porDia, ultimo, diaDoUltimo } = primeiros;
  if (ultimo === titular) {
    if (diaDoUltimo <= dia) return;
    porDia.set(diaDoUltimo, (porDia.get(diaDoUltimo) ?? 0) - 1);
  }
  porDia.set(dia, (porDia.get(dia) ?? 0) + 1);
  primeiros.ultimo = titular;
  primeiros.diaDoUltimo = dia;
}

/** An indicator, and the places in it of the deliveries of one month, unit, type and modality. */
interface Corte {
  indicador: Indicador;
  lugares: readonly Lugar[];
  primeiros: Primeiros;
  /** All of them are in all of the places, to which they are added in the end. */
  atendimentos: number;
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
  /** By period of an indicator. */
  readonly #primeiros = new Map<string, Map<string, Primeiros>>();
  readonly #todos: Corte[] = [];
  #somados = 0;

  constructor(rulebooks: Rulebooks) {
    this.#rulebooks = rulebooks;
  }

  /** Adds one holder by the deliveries that stand; each only once. */
  soma(titular: string, entregas: readonly Entrega[]): void {
    const de = publicoDe(titular);
    const publico = de === 'pj' ? 'pj' : 'pf';
    this.#somados += 1;
    const numero = this.#somados;
    for (const e of entregas) {
      for (const corte of this.#cortesDe(e)) {
        const { indicador, lugares, primeiros } = corte;
        if (!pertence(indicador, e, publico)) continue;
        const repetida = e.ladoDePf && indicador.publico.length > 1;
        if (!repetida) corte.atendimentos += e.quantidade;
        if (de === 'nao-identificado') continue;
        somaPrimeiro(primeiros, numero, diaDe(e.time));
        for (const lugar of lugares) {
          if (lugar.ultimo === numero) continue;
          lugar.clientes += 1;
          lugar.ultimo = numero;
        }
      }
    }
  }

  /** By name, those that are not nothing. */
  contadores(): Contadores {
    const contadores: Contadores = new Map();
    this.#levaAosLugares();
    for (const [nome, { onde, clientes, atendimentos }] of this.#lugares) {
      if (clientes !== 0) contadores.set(nome, clientes);
      if (atendimentos !== 0) contadores.set(nomeDoContador({ ...onde, medida: 'atendimentos' }), atendimentos);
    }
    for (const [indicador, porPeriodo] of this.#primeiros) {
      for (const [periodo, { porDia }] of porPeriodo) {
        for (const [dia, n] of porDia) if (n !== 0) contadores.set(nomeDoPrimeiro(indicador, periodo, dia), n);
      }
    }
    return contadores;
  }

  #levaAosLugares(): void {
    for (const corte of this.#todos) {
      for (const lugar of corte.lugares) lugar.atendimentos += corte.atendimentos;
      corte.atendimentos = 0;
    }
  }

  #cortesDe(e: Entrega): readonly Corte[] {
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

  #fazCortes(e: Entrega, { indicadores }: Rulebook): Corte[] {
    const cortes = Object.entries(indicadores).map(([codigo, indicador]) => {
      const onde = lugares(codigo, indicador, e);
      const primeiros = this.#primeirosDe(codigo, periodoDe(indicador, e));
      return { indicador, lugares: onde.map((um) => this.#lugar(um)), primeiros, atendimentos: 0 };
    });
    for (const corte of cortes) this.#todos.push(corte);
    return cortes;
  }

  #primeirosDe(codigo: string, periodo: string): Primeiros {
    const porPeriodo = nivel(this.#primeiros, codigo);
    const conhecidos = porPeriodo.get(periodo);
    if (conhecidos !== undefined) return conhecidos;
    const primeiros: Primeiros = { porDia: new Map(), ultimo: 0, diaDoUltimo: '' };
    porPeriodo.set(periodo, primeiros);
    return primeiros;
  }

  #lugar(onde: Lugar['onde']): Lugar {
    const nome = nomeDoContador({ ...onde, medida: 'clientes' });
    const conhecido = this.#lugares.get(nome);
    if (conhecido !== undefined) return conhecido;
    const lugar: Lugar = { onde, clientes: 0, ultimo: 0, atendimentos: 0 };
    this.#lugares.set(nome, lugar);
    return lugar;
  }
}
