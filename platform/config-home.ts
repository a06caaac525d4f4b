import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own folder. */
export const PROJECT_ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** The data folder: `ATENDIDO_HOME`, else `.atendido` in the project. Absolute; it may not exist yet. */
export function homeOf(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return resolve(env.ATENDIDO_HOME || `${PROJECT_ROOT}/.atendido`);
}
