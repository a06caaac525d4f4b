import type { Contexto, Medida } from './linhas/contexto.ts';

export async function peer(_contexto: Contexto, _rodada: number): Promise<Medida[]> {
  return [];
}
