import { existsSync } from 'node:fs';
import { delimiter, join, relative, sep } from 'node:path';
import { PROJECT_ROOT } from '#platform/config-home.ts';

/**
 * What a person types for `atendido` from a folder: its name where PATH has it, else the way to the clone's.
 * @param path as in the environment
 */
export function comoSeChama(pasta: string, path: string): string {
  const noPath = path.split(delimiter).some((uma) => uma !== '' && existsSync(join(uma, 'atendido')));
  if (noPath) return 'atendido';
  const caminho = relative(pasta, join(PROJECT_ROOT, 'bin', 'atendido'));
  return caminho.includes(sep) ? caminho : `.${sep}${caminho}`;
}
