import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#platform/config.ts';

/** The SQL under each numbered question of docs/bi.md. */
export function perguntas(): Map<number, string> {
  const pagina = readFileSync(join(PROJECT_ROOT, 'docs/bi.md'), 'utf8');
  const achadas = pagina.matchAll(/^### (\d+)\. .+\n+```sql\n([\s\S]+?)```/gm);
  return new Map([...achadas].map(([, n, consulta = '']) => [Number(n), consulta]));
}
