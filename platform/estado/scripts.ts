import { readFileSync } from 'node:fs';

/** A script of this folder, by its name. */
export function lua(nome: string): string {
  return readFileSync(new URL(`./${nome}.lua`, import.meta.url), 'utf8');
}
