import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { anosDe } from '#domain/cliente.ts';
import { idDaPj, pseudonimizador } from '#domain/documento.ts';
import type { Conexoes } from '../../services/cli/conexoes.ts';
import { clientesDaDemo } from '../../services/cli/demo/clientes.ts';

const LINES = 8_000;
const PEOPLE = 500;
/** One line in so many is the one before it again, to the last cell: of those with an id and of those without. */
const COPIES = 51;
const YEAR = '2026';
const HEADER = ['Id', 'Data', 'UF', 'CPF', 'CNPJ', 'Protocolo', 'Obs'];
export const MAP = `
campos:
  id: Id
  tipo: {constante: atendimento}
  time: Data
  unidade: UF
  tipoSolucao: {constante: orientacao-tecnica}
  canal: {constante: telefone}
  responsavel.id: {constante: R-1}
  responsavel.papel: {constante: atendente}
  cliente.pf.cpf: CPF
  cliente.pj.cnpj: CNPJ
  protocolo: Protocolo
`;

const clients = clientesDaDemo({ semente: 99, eventos: 5 * PEOPLE });
const original = (n: number): number => (n % COPIES === COPIES - 1 ? n - 1 : n);
const otherDigit = (document: string): string => document.slice(0, -1) + ((Number(document.at(-1)) + 1) % 10);

/** A line as it should be. Every other one has neither id nor protocol: that it is a copy only its cells tell. */
function right(line: number): string[] {
  const n = original(line);
  const person = n % PEOPLE;
  const day = String(1 + (n % 28)).padStart(2, '0');
  const company = person % 3 === 0 ? clients.cnpj(person) : '';
  const [id, protocol] = n % 2 === 0 ? [`at-${n}`, `P-${n}`] : ['', ''];
  return [id, `${day}/03/2026 10:15`, 'SP', clients.cpf(person), company, protocol, `disse; "obrigado" ${n}`];
}

/** What is wrong with one line in so many, and the code it is refused with. */
const WRONG: [every: number, at: number, code: string, spoil: (cells: string[]) => string[]][] = [
  [300, 7, 'CPF_INVALIDO', (c) => c.with(3, otherDigit(c[3] ?? ''))],
  [400, 9, 'ESQUEMA_INVALIDO', (c) => c.with(2, 'XX')],
  [600, 12, 'CNPJ_INVALIDO', (c) => c.with(4, '11222333000182')],
];

const csv = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => cells.map((c) => `"${c.replaceAll('"', '""')}"`).join(';')).join('\r\n');

/** Writes the file. @returns how many of its lines are accepted, and by which code others are refused */
export function writeFile(file: string): { accepted: number; refused: Record<string, number> } {
  const refused: Record<string, number> = {};
  const rows = Array.from({ length: LINES }, (_, n) => {
    const wrong = WRONG.find(([every, at]) => n % every === at);
    if (wrong === undefined) return right(n);
    refused[wrong[2]] = (refused[wrong[2]] ?? 0) + 1;
    return wrong[3](right(n));
  });
  writeFileSync(file, csv([HEADER, ...rows]));
  return { accepted: LINES - sum(refused), refused };
}

export const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, n) => all + n, 0);

/** Corrects a report of refused lines, each in the cells that are wrong. @returns how many it has */
export function correct(report: string): number {
  const [header = [], ...rows]: string[][] = parse(readFileSync(report), { delimiter: ';' });
  // The header is the file's first line.
  const corrected = rows.map((cells) => [...cells.slice(0, 3), ...right(Number(cells[2]) - 2)]);
  writeFileSync(report, csv([header, ...corrected]));
  return rows.length;
}

/** Lines accepted so far by whichever import of this home is under way. */
export function acceptedSoFar(home: string): number {
  const folder = join(home, 'importacoes');
  try {
    const states = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return sum(Object.fromEntries(states.map((s) => [s, JSON.parse(readFileSync(join(folder, s), 'utf8')).aceitas])));
  } catch {
    return 0;
  }
}

/** By client: the deliveries there should be once every line is right, each once. */
function expected(clientIdKey: string): Map<string, number> {
  const pseudonym = pseudonimizador(clientIdKey);
  const counts = new Map<string, number>();
  for (let n = 0; n < LINES; n += 1) {
    if (original(n) !== n) continue;
    const [, , , pf = '', pj = ''] = right(n);
    for (const id of [pseudonym(pf), ...(pj === '' ? [] : [idDaPj(pj)])]) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Clients whose deliveries are not exactly those of the file: `[id, counted, expected]`. */
export async function miscounted({ leitor, config }: Pick<Conexoes, 'leitor' | 'config'>) {
  const wrong: [string, number, number][] = [];
  for (const [id, n] of expected(config.clientIdKey)) {
    const state = await leitor.cliente(id);
    const counted = state === null ? 0 : (anosDe(state)[YEAR]?.atendimentos ?? 0);
    if (counted !== n) wrong.push([id, counted, n]);
  }
  return wrong;
}
