import { Esquecimentos } from '#domain/esquecimento.ts';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import type { Tarefa } from './mensagens.ts';

/** Orders and changes of key, as they came to a thread: between threads goes what a filter has, not what it is. */
export function esquecimentosDe(tarefa: Pick<Tarefa, 'esquecimentos' | 'trocas'>): Esquecimentos {
  const esquecimentos = new Esquecimentos();
  for (const um of tarefa.esquecimentos) esquecimentos.registra(um);
  for (const troca of tarefa.trocas) {
    esquecimentos.trocas.poeEmVigor({ ...troca, conhecidos: new FiltroDeIds(troca.conhecidos.bytes) });
  }
  return esquecimentos;
}
