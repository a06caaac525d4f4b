/** What a month had; null: it has not come yet, or nobody knows. */
export interface DoMes {
  /** `2026-03` */
  mes: string;
  n: number | null;
}

export type Medida = 'clientes' | 'atendimentos';
type PorMes = Readonly<Record<string, Readonly<Record<Medida, number>>>>;

const doisDigitos = (n: number): string => String(n).padStart(2, '0');

/** The twelve months of a year. */
export function mesesDoAno(ano: string): string[] {
  return Array.from({ length: 12 }, (_, n) => `${ano}-${doisDigitos(n + 1)}`);
}

/** A year month by month: one that is over, or is going on, has a number; one still to come has none. */
export function anoPorMes(ano: string, porMes: PorMes | null, medida: Medida, hoje: string): DoMes[] {
  const este = hoje.slice(0, 7);
  return mesesDoAno(ano).map((mes) => {
    return { mes, n: porMes === null || mes > este ? null : (porMes[mes]?.[medida] ?? 0) };
  });
}

const ANOS = 5;
const MESES = 24;

/** The periods one may choose of an indicator, the latest first. */
export function periodosDe(tipo: 'ano' | 'mes', hoje: string): string[] {
  const ano = Number(hoje.slice(0, 4));
  if (tipo === 'ano') return Array.from({ length: ANOS }, (_, n) => String(ano - n));
  const mes = ano * 12 + Number(hoje.slice(5, 7)) - 1;
  return Array.from({ length: MESES }, (_, n) => {
    const qual = mes - n;
    return `${Math.floor(qual / 12)}-${doisDigitos((qual % 12) + 1)}`;
  });
}

/** Whether a period is over: what is still going on is not held against a whole one. */
export const acabou = (periodo: string, hoje: string): boolean => periodo < hoje.slice(0, periodo.length);
