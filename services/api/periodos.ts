import { z } from 'zod';
import { mesesEntre, somaMeses } from '#domain/tempo.ts';

/** A day of a query. Beside them there is room for the period before, and for the end of its month, in years of four digits. */
export const umDia = z.iso.date().refine((d) => d >= '1900-01-01' && d < '9999', 'use um dia de 1900 a 9998');

/** Days, both included. */
export interface Intervalo {
  de: string;
  ate: string;
}

/** What a period is held against: the one just before it, or the same one a year before. */
export const COMPARACOES = ['anterior', 'ano-anterior'] as const;
export type Comparacao = (typeof COMPARACOES)[number];

/** How far apart two periods are: whole months, or days. */
type Distancia = { meses: number } | { dias: number };

/** A period, the one it is held against, and where a day of that one falls in this one. */
export interface Comparado extends Intervalo {
  distancia: Distancia;
  /** `dia` null: a day that has no counterpart (a 31st, a 29 February). */
  trazido(dia: string): { dia: string | null; mes: string };
}

const DIA_MS = 86_400_000;
const emMs = (dia: string): number => Date.parse(`${dia}T00:00:00Z`);
const emDia = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The day so many days later. */
const somaDias = (dia: string, n: number): string => emDia(emMs(dia) + n * DIA_MS);

/** How many days a period has. */
export const diasDe = ({ de, ate }: Intervalo): number => Math.round((emMs(ate) - emMs(de)) / DIA_MS) + 1;

const ultimoDia = (mes: string): string => somaDias(`${somaMeses(mes, 1)}-01`, -1);

/** The same day of another month; the last one where that month is shorter. */
export function noMes(dia: string, mes: string): string {
  const qual = Math.min(Number(dia.slice(8)), Number(ultimoDia(mes).slice(8)));
  return `${mes}-${String(qual).padStart(2, '0')}`;
}

/** Whole calendar months are as far from those before as they are many; other periods as many days as they have. */
function distanciaDe(periodo: Intervalo, comparacao: Comparacao): Distancia {
  if (comparacao === 'ano-anterior') return { meses: 12 };
  const { de, ate } = periodo;
  if (!de.endsWith('-01') || ate !== ultimoDia(ate.slice(0, 7))) return { dias: diasDe(periodo) };
  return { meses: mesesEntre(de.slice(0, 7), ate.slice(0, 7)).length };
}

/** The period that another is held against. */
export function comparado(periodo: Intervalo, comparacao: Comparacao): Comparado {
  const distancia = distanciaDe(periodo, comparacao);
  if ('dias' in distancia) {
    const { dias } = distancia;
    const trazido = (dia: string) => {
      const nosso = somaDias(dia, dias);
      return { dia: nosso, mes: nosso.slice(0, 7) };
    };
    return { de: somaDias(periodo.de, -dias), ate: somaDias(periodo.ate, -dias), distancia, trazido };
  }
  const { meses } = distancia;
  const antes = (dia: string): string => noMes(dia, somaMeses(dia.slice(0, 7), -meses));
  // The end of a month stands against the end of the other, whichever is longer.
  const fim = antes(periodo.ate);
  const ate = comparacao === 'anterior' ? ultimoDia(fim.slice(0, 7)) : fim;
  const trazido = (dia: string) => {
    const mes = somaMeses(dia.slice(0, 7), meses);
    const nosso = mes + dia.slice(7);
    return { dia: nosso <= ultimoDia(mes) ? nosso : null, mes };
  };
  return { de: antes(periodo.de), ate, distancia, trazido };
}
