import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASTA_DE_RULEBOOKS } from '#platform/rulebooks.ts';

/** The project's own. */
export const PROJECT_RULEBOOK = join(PASTA_DE_RULEBOOKS, '2024-1.yaml');

/**
 * Writes a rulebook that differs from the project's: longer consultancies count, one channel is new and two are gone, one
 * of conversations and one of presences.
 */
export function otherRulebook(folder: string, versao: string): string {
  const yaml = readFileSync(PROJECT_RULEBOOK, 'utf8')
    .replace('versao: "2024-1"', `versao: ${versao}`)
    .replaceAll('Min: 60', 'Min: 90')
    .replace(/^ {2}agencia: presencial$/m, '  agencia: presencial\n  balcao: presencial')
    .replace(/^ {2}escola: presencial\n/m, '')
    .replace(/^ {2}videoconferencia: a-distancia\n/m, '');
  const file = join(folder, `${versao}.yaml`);
  writeFileSync(file, yaml);
  return file;
}

/** From before any interaction of a test. */
export const FROM_BEFORE_ALL = `${new Date().getFullYear() - 2}-01-01`;
