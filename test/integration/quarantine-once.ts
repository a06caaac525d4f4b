import { atendido, CONSULTORIA, type Quarentena } from './quarantine-fixture.ts';

/** Sets `quantas` events of a new source aside. @returns the source */
export async function esperam(q: Quarentena, quantas: number): Promise<string> {
  const source = q.fonte();
  await q.espera(Array.from({ length: quantas }, (_, n) => ({ ...CONSULTORIA, source, id: `e${n}` })));
  return source;
}

/** The numbers of times that events come, and how many of each. */
export const histograma = (vezes: number[]) =>
  Object.fromEntries([...Map.groupBy(vezes, (n) => n)].map(([n, v]) => [n, v.length]));

export const replay = (source: string) => atendido('quarantine', 'replay', '--source', source, '--apply');
