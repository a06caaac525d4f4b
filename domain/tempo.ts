const FUSO = 'America/Sao_Paulo';
const HORA = 3_600_000;

const partes = new Intl.DateTimeFormat('en-CA', {
  timeZone: FUSO,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** Where an instant falls in the calendar of America/Sao_Paulo. */
export interface Data {
  /** `2026-03-02` */
  dia: string;
  /** `2026-03` */
  mes: string;
  /** `2026` */
  ano: string;
}

const dataDaHora = new Map<number, Data>();
const LIMITE = 200_000;

/** The date of an instant (ms). Brazil's offsets change on whole hours, so one look-up serves all the instants of an hour. */
export function dataDe(time: number): Data {
  const hora = Math.floor(time / HORA);
  let data = dataDaHora.get(hora);
  if (data === undefined) {
    if (dataDaHora.size >= LIMITE) dataDaHora.clear();
    const dia = partes.format(hora * HORA);
    data = { dia, mes: dia.slice(0, 7), ano: dia.slice(0, 4) };
    dataDaHora.set(hora, data);
  }
  return data;
}

/** The calendar day (`2026-03-02`) of an instant (ms) in America/Sao_Paulo. */
export const diaDe = (time: number): string => dataDe(time).dia;

/** The calendar month (`2026-03`) of an instant in America/Sao_Paulo. */
export const mesDe = (time: number): string => dataDe(time).mes;

/** The calendar year (`2026`) of an instant in America/Sao_Paulo. */
export const anoDe = (time: number): string => dataDe(time).ano;

/** The first instant (ms) of a calendar day (`2026-01-01`) in America/Sao_Paulo. */
export function inicioDoDia(dia: string): number {
  const meiaNoiteUtc = Date.parse(`${dia}T00:00:00Z`);
  for (let horas = 0; horas <= 6; horas += 1) {
    const t = meiaNoiteUtc + horas * HORA;
    if (diaDe(t) === dia) return t;
  }
  throw new Error(`${dia} is no day in ${FUSO}`);
}

/** The months (`2026-03`) from one to another, both included. */
export function mesesEntre(de: string, ate: string): string[] {
  const numero = (mes: string): number => Number(mes.slice(0, 4)) * 12 + Number(mes.slice(5, 7));
  return Array.from({ length: Math.max(0, numero(ate) - numero(de) + 1) }, (_, n) => somaMeses(de, n));
}

/** The month (`2026-03`) that comes so many months after another, or before it. */
export function somaMeses(mes: string, n: number): string {
  const total = Number(mes.slice(0, 4)) * 12 + Number(mes.slice(5, 7)) - 1 + n;
  return `${String(Math.floor(total / 12)).padStart(4, '0')}-${String((total % 12) + 1).padStart(2, '0')}`;
}

/** An instant as people in Brasília read it. */
export function instante(quando: string | number): string {
  return new Date(quando).toLocaleString('pt-BR', { timeZone: FUSO });
}
