const FUSO = 'America/Sao_Paulo';

const inteiros = new Intl.NumberFormat('pt-BR', { maximumFractionDigits: 0 });
const decimos = new Intl.NumberFormat('pt-BR', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const porcentos = new Intl.NumberFormat('pt-BR', {
  style: 'percent',
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
});
const dias = new Intl.DateTimeFormat('pt-BR', { timeZone: FUSO, dateStyle: 'short' });
const instantes = new Intl.DateTimeFormat('pt-BR', { timeZone: FUSO, dateStyle: 'short', timeStyle: 'medium' });
const horas = new Intl.DateTimeFormat('pt-BR', { timeZone: FUSO, hour: '2-digit', minute: '2-digit' });
const comSegundos = new Intl.DateTimeFormat('pt-BR', { timeZone: FUSO, timeStyle: 'medium' });
const meses = new Intl.DateTimeFormat('pt-BR', { timeZone: 'UTC', month: 'short', year: 'numeric' });
const iso = new Intl.DateTimeFormat('en-CA', { timeZone: FUSO, year: 'numeric', month: '2-digit', day: '2-digit' });

/** What is not known is said so, and is never a zero. */
export const DESCONHECIDO = '?';

export const numero = (n: number | null): string => (n === null ? DESCONHECIDO : inteiros.format(n));
/** How many of what: `1 registro`, `2 registros`, `? registros`. */
export const quantos = (n: number | null, um: string, varios: string): string =>
  `${numero(n)} ${n === 1 ? um : varios}`;
export const decimo = (n: number | null): string => (n === null ? DESCONHECIDO : decimos.format(n));
/** With its sign. */
export const porcento = (n: number): string => porcentos.format(n);
export const dia = (ms: number | string): string => dias.format(new Date(ms));
/** A calendar day, `2026-03-02`. */
export const diaDoCalendario = (iso: string): string => dia(`${iso}T12:00:00Z`);
export const instante = (ms: number | string): string => instantes.format(new Date(ms));
export const hora = (ms: number): string => horas.format(ms);
export const horaComSegundos = (ms: number): string => comSegundos.format(ms);
/** `2026-03` as `mar. de 2026`. */
export const mes = (codigo: string): string => meses.format(new Date(`${codigo}-01T00:00:00Z`));
/** The calendar day of an instant, `2026-03-02`, as the api takes it. */
export const diaIso = (ms: number): string => iso.format(ms);
