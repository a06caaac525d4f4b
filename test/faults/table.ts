import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#platform/config.ts';
import { tabela } from '../../services/cli/tabela.ts';

/** What a fault came to. */
export interface Row {
  falha: string;
  vezes: number;
  /** Accepted by a door, and written by those that go by none. */
  eventos: number;
  perdidos: number;
  duplicados: number;
  /** Figures on which Redis and the recount do not agree. */
  diferencas: number;
  /** The longest, from the end of the fault until everything is ready and has passed something new. Null: no fault. */
  segundosAteRecuperar: number | null;
}

const folder = join(PROJECT_ROOT, 'test-results', 'faults');
/** A row a line, as they come: test files run in processes of their own. */
const lines = join(folder, 'tabela.jsonl');
const file = join(folder, 'tabela.json');

export function record(row: Row): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(lines, `${JSON.stringify(row)}\n`);
}

function print(rows: readonly Row[]): void {
  const head = ['falha', 'vezes', 'eventos', 'perdidos', 'duplicados', 'diferenças', 'segundos até recuperar'];
  const body = rows.map((row) => {
    const seconds = row.segundosAteRecuperar;
    const figures = [row.vezes, row.eventos, row.perdidos, row.duplicados, row.diferencas];
    return [row.falha, ...figures.map(String), seconds === null ? '–' : seconds.toFixed(1)];
  });
  process.stdout.write(`\n${tabela(head, 1, body)}\n`);
}

/** vitest's globalSetup: after the last case the table, printed and as test-results/faults/tabela.json. */
export default function setup(): () => void {
  rmSync(folder, { recursive: true, force: true });
  return () => {
    if (!existsSync(lines)) return;
    const rows = readFileSync(lines, 'utf8').trim().split('\n');
    const table = rows.map((line) => JSON.parse(line) as Row);
    writeFileSync(file, `${JSON.stringify(table, null, 1)}\n`);
    rmSync(lines);
    print(table);
  };
}
