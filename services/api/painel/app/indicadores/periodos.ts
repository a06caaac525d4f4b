import { mesesEntre, somaMeses } from '#domain/tempo.ts';

/** What a month had; null: it has not come yet, or nobody knows. */
export interface DoMes {
  /** `2026-03` */
  mes: string;
  n: number | null;
}

export type Medida = 'clientes' | 'atendimentos';
type PorMes = Readonly<Record<string, Readonly<Record<Medida, number>>>>;

/** A year month by month: one that is over, or is going on, has a number; one still to come has none. */
export function anoPorMes(ano: string, porMes: PorMes | null, medida: Medida, hoje: string): DoMes[] {
  const este = hoje.slice(0, 7);
  return mesesEntre(`${ano}-01`, `${ano}-12`).map((mes) => {
    return { mes, n: porMes === null || mes > este ? null : (porMes[mes]?.[medida] ?? 0) };
  });
}

const ANOS = 5;
const MESES = 24;

/** The periods one may choose of an indicator, the latest first. */
export function periodosDe(tipo: 'ano' | 'mes', hoje: string): string[] {
  const ano = Number(hoje.slice(0, 4));
  if (tipo === 'ano') return Array.from({ length: ANOS }, (_, n) => String(ano - n));
  return Array.from({ length: MESES }, (_, n) => somaMeses(hoje.slice(0, 7), -n));
}

/** Whether a period is over: what is still going on is not held against a whole one. */
export const acabou = (periodo: string, hoje: string): boolean => periodo < hoje.slice(0, periodo.length);
