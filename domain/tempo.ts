const FUSO = 'America/Sao_Paulo';
const HORA = 3_600_000;

const partes = new Intl.DateTimeFormat('en-CA', {
  timeZone: FUSO,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

const diaDaHora = new Map<number, string>();
const LIMITE = 200_000;

/**
 * The calendar day (`2026-03-02`) of an instant (ms) in America/Sao_Paulo. Brazil's offsets change on whole hours, so
 * one look-up serves all the instants of an hour.
 */
export function diaDe(time: number): string {
  const hora = Math.floor(time / HORA);
  let dia = diaDaHora.get(hora);
  if (dia === undefined) {
    if (diaDaHora.size >= LIMITE) diaDaHora.clear();
    dia = partes.format(hora * HORA);
    diaDaHora.set(hora, dia);
  }
  return dia;
}

/** The calendar year (`2026`) of an instant in America/Sao_Paulo. */
export function anoDe(time: number): string {
  return diaDe(time).slice(0, 4);
}

/** The calendar month (`2026-03`) of an instant in America/Sao_Paulo. */
export function mesDe(time: number): string {
  return diaDe(time).slice(0, 7);
}

/** The first instant (ms) of a calendar day (`2026-01-01`) in America/Sao_Paulo. */
export function inicioDoDia(dia: string): number {
  const meiaNoiteUtc = Date.parse(`${dia}T00:00:00Z`);
  for (let horas = 0; horas <= 6; horas += 1) {
    const t = meiaNoiteUtc + horas * HORA;
    if (diaDe(t) === dia) return t;
  }
  throw new Error(`${dia} is no day in ${FUSO}`);
}
