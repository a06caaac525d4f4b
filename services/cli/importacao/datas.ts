const HORA_MS = 3_600_000;
const DIA_MS = 24 * HORA_MS;
const LIMITE = 100_000;

/** Instants of a time zone by its wall clock. Brazil's offsets change on whole hours: each hour is looked up once. */
export class Fuso {
  readonly nome: string;
  readonly #partes: Intl.DateTimeFormat;
  readonly #instanteDaHora = new Map<number, number | null>();

  /** @throws RangeError there is no such zone */
  constructor(nome: string) {
    this.nome = nome;
    const numeros = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    this.#partes = new Intl.DateTimeFormat('en-US', {
      timeZone: nome,
      hourCycle: 'h23',
      ...numeros,
      second: 'numeric',
    });
  }

  /**
   * @param parede the wall clock, as milliseconds of a clock in UTC that shows the same
   * @returns the instant (the first, where a clock put back shows it twice); null: put forward, it never shows it
   */
  instante(parede: number): number | null {
    const hora = Math.floor(parede / HORA_MS) * HORA_MS;
    let inicio = this.#instanteDaHora.get(hora);
    if (inicio === undefined) {
      if (this.#instanteDaHora.size >= LIMITE) this.#instanteDaHora.clear();
      const possiveis = [hora - DIA_MS, hora + DIA_MS].map((perto) => hora - this.#avanco(perto));
      const certos = possiveis.filter((t) => t + this.#avanco(t) === hora);
      inicio = certos.length === 0 ? null : Math.min(...certos);
      this.#instanteDaHora.set(hora, inicio);
    }
    return inicio === null ? null : inicio + (parede - hora);
  }

  #avanco(t: number): number {
    const partes = Object.fromEntries(this.#partes.formatToParts(t).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partes;
    return Date.UTC(year, month - 1, day, hour, minute, second) - t;
  }
}

const SIMBOLOS = { aaaa: 'ano', dd: 'dia', MM: 'mes', HH: 'hora', mm: 'minuto', ss: 'segundo' } as const;
const SIMBOLO = /aaaa|dd|MM|HH|mm|ss/g;

/** A pattern for people (`dd/MM/aaaa HH:mm`) as one for texts; null: it has no day, month or year, or one twice. */
export function formatoDe(texto: string): RegExp | null {
  const simbolos = (texto.match(SIMBOLO) ?? []) as (keyof typeof SIMBOLOS)[];
  const repete = new Set(simbolos).size !== simbolos.length;
  const resto = texto.replace(SIMBOLO, '');
  if (repete || !['aaaa', 'MM', 'dd'].every((s) => texto.includes(s)) || /[A-SU-Za-z\d]/.test(resto)) return null;
  const padrao = texto
    .split(/(aaaa|dd|MM|HH|mm|ss)/)
    .map((parte) => {
      if (!(parte in SIMBOLOS)) return parte.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&').replace(/\s+/g, '\\s+');
      const nome = SIMBOLOS[parte as keyof typeof SIMBOLOS];
      if (nome === 'segundo') return '(?<segundo>\\d{1,2}(?:[.,]\\d{1,9})?)';
      return `(?<${nome}>\\d{${nome === 'ano' ? '4' : '1,2'}})`;
    })
    .join('');
  return new RegExp(`^${padrao}$`);
}

export const FORMATOS = [
  'dd/MM/aaaa',
  'dd/MM/aaaa HH:mm',
  'dd/MM/aaaa HH:mm:ss',
  'aaaa-MM-dd',
  'aaaa-MM-dd HH:mm',
  'aaaa-MM-dd HH:mm:ss',
  'aaaa-MM-ddTHH:mm',
  'aaaa-MM-ddTHH:mm:ss',
];

const COM_FUSO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const HORAS_DE_AJUSTE = 3;

/** How a column's dates are read. */
export interface LeituraDeDatas {
  formatos: readonly RegExp[];
  fuso: Fuso;
  /** The time of a date without one: milliseconds since midnight. */
  horaDoDia: number;
}

function diaUtc(ano: number, mes: number, dia: number): number | null {
  const t = Date.UTC(ano, mes - 1, dia);
  const d = new Date(t);
  // The 30th of February is read as the 2nd of March.
  return d.getUTCMonth() === mes - 1 && d.getUTCDate() === dia ? t : null;
}

/** A day that begins when the clock is put forward has no midnight: its first instant is meant. */
function inicioDoDia(parede: number, fuso: Fuso): number | null {
  for (let horas = 0; horas <= HORAS_DE_AJUSTE; horas += 1) {
    const t = fuso.instante(parede + horas * HORA_MS);
    if (t !== null) return t;
  }
  return null;
}

function peloFormato(grupos: Readonly<Record<string, string>>, { fuso, horaDoDia }: LeituraDeDatas): number | null {
  const n = (nome: string): number => Number((grupos[nome] ?? '0').replace(',', '.'));
  const dia = diaUtc(n('ano'), n('mes'), n('dia'));
  if (dia === null) return null;
  if (grupos.hora === undefined) return inicioDoDia(dia + horaDoDia, fuso);
  const [hora, minuto, segundo] = [n('hora'), n('minuto'), n('segundo')];
  if (hora > 23 || minuto > 59 || segundo >= 60) return null;
  return fuso.instante(dia + hora * HORA_MS + minuto * 60_000 + Math.floor(segundo * 1_000));
}

/** The instant (ms) a text tells; one with an offset is read whatever the formats. null: none. */
export function leData(texto: string, leitura: LeituraDeDatas): number | null {
  if (COM_FUSO.test(texto)) {
    const [ano = 0, mes = 0, dia = 0] = texto.slice(0, 10).split('-').map(Number);
    const t = diaUtc(ano, mes, dia) === null ? Number.NaN : Date.parse(texto.replace(' ', 'T'));
    return Number.isNaN(t) ? null : t;
  }
  for (const formato of leitura.formatos) {
    const grupos = formato.exec(texto)?.groups;
    if (grupos !== undefined) return peloFormato(grupos, leitura);
  }
  return null;
}
