import { z } from 'zod';
import type { ContadoDeIndicador } from '#platform/estado/leitor.ts';
import { variacaoDe } from './metricas.ts';

export const clientesAte = z.object({
  dia: z.string(),
  clientes: z
    .number()
    .nullable()
    .describe('nulo, que não é zero: o estado é de uma versão que não contava por dia (`atendido rebuild` o refaz)'),
});
/** How many clients a period had by a day of it. */
export type ClientesAte = z.infer<typeof clientesAte>;

/**
 * The clients whose first delivery in a period was by a day. All days together are the period's clients; where they are not,
 * the days are not all there.
 * @param contadores all those of the period
 */
export function clientesAteODia(contadores: readonly ContadoDeIndicador[], dia: string): ClientesAte {
  let [total, deTodos, ate] = [0, 0, 0];
  for (const { unidade, dimensao, medida, valor, n } of contadores) {
    if (unidade !== '*' || medida !== 'clientes') continue;
    if (dimensao === 'total') total += n;
    if (dimensao !== 'primeiro') continue;
    deTodos += n;
    if (valor <= dia) ate += n;
  }
  return { dia, clientes: deTodos === total ? ate : null };
}

/** By what part clients by a day grew; null also where one of the two is not known. */
export function variacaoConhecida(agora: number | null, antes: number | null): number | null {
  return agora === null || antes === null ? null : variacaoDe(agora, antes);
}
