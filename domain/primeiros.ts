import { publicoDe } from './cliente.ts';
import { nomeDoPrimeiro, pertence } from './indicadores.ts';
import type { Situada } from './mudanca.ts';
import { nivel } from './nivel.ts';
import type { Indicador } from './rulebook.ts';
import { lembradoPorNumero, numeroDoContador, type Somas } from './somas.ts';

/** Names are long and days come again: each is made once. By period, indicator and day. */
const numeros = { ano: lembradoPorNumero<Map<string, number>>(), mes: lembradoPorNumero<Map<string, number>>() };

/** A period of an indicator, as one holder's deliveries fall in it. */
interface Lugar {
  publico: 'pf' | 'pj';
  codigo: string;
  periodo: Indicador['periodo'];
  /** `2026`, or `2026-03`. */
  qual: string;
}

function contadorDo({ codigo, periodo, qual }: Lugar, dia: string): number {
  const doIndicador = nivel(numeros[periodo], codigo);
  let numero = doIndicador.get(dia);
  if (numero === undefined) {
    numero = numeroDoContador(nomeDoPrimeiro(codigo, qual, dia));
    doIndicador.set(dia, numero);
  }
  return numero;
}

function estaEm({ codigo, periodo, qual, publico }: Lugar, { data, rulebook, entrega }: Situada): boolean {
  if (data[periodo] !== qual) return false;
  const indicador = rulebook.indicadores[codigo];
  return indicador?.periodo === periodo && pertence(indicador, entrega, publico);
}

/** The first day on which one of these falls in a place; null: none does. */
function primeiroDia(lugar: Lugar, entregas: readonly Situada[], ate = entregas.length): string | null {
  let primeiro: string | null = null;
  for (let n = 0; n < ate; n += 1) {
    const entrega = entregas[n] as Situada;
    const { dia } = entrega.data;
    if ((primeiro === null || dia < primeiro) && estaEm(lugar, entrega)) primeiro = dia;
  }
  return primeiro;
}

const maisCedo = (a: string | null, b: string | null): string | null => {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
};

/** What a holder's deliveries going from one set to another comes to: those in one alone, and those in both. */
export interface Entregas {
  sairam: readonly Situada[];
  entraram: readonly Situada[];
  ficaram: readonly Situada[];
}

/** Adds what the change does in one place: the client goes from the day of its first delivery there to that of another. */
function acumulaPrimeiro(total: Somas, lugar: Lugar, { sairam, entraram, ficaram }: Entregas): void {
  const [deixa, ganha] = [primeiroDia(lugar, sairam), primeiroDia(lugar, entraram)];
  const mudou = maisCedo(deixa, ganha) ?? '';
  // Who was a client before and stays so is most of them, and has one as early among the first: of a hundred thousand
  // few are looked at.
  if (ficaram.some((s) => s.data.dia <= mudou && estaEm(lugar, s))) return;
  const fica = primeiroDia(lugar, ficaram);
  const [antes, depois] = [maisCedo(deixa, fica), maisCedo(ganha, fica)];
  if (antes === depois) return;
  if (antes !== null) total.soma(contadorDo(lugar, antes), -1);
  if (depois !== null) total.soma(contadorDo(lugar, depois), 1);
}

/**
 * Adds to `total` what a change of a holder's deliveries does to the counters of clients by the day of their first
 * delivery in each indicator's period (`nomeDoPrimeiro`).
 */
export function acumulaPrimeiros(total: Somas, titular: string, entregas: Entregas): void {
  const de = publicoDe(titular);
  if (de === 'nao-identificado') return;
  const mudadas = [...entregas.sairam, ...entregas.entraram];
  for (const [n, { data, rulebook, entrega }] of mudadas.entries()) {
    for (const codigo in rulebook.indicadores) {
      const indicador = rulebook.indicadores[codigo] as Indicador;
      if (!pertence(indicador, entrega, de)) continue;
      const { periodo } = indicador;
      const lugar: Lugar = { publico: de, codigo, periodo, qual: data[periodo] };
      // One that is alike was before it: it stood for both.
      if (primeiroDia(lugar, mudadas, n) === null) acumulaPrimeiro(total, lugar, entregas);
    }
  }
}
