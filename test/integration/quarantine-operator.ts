import { pseudonimizador } from '#domain/documento.ts';
import type { Interacao } from '#domain/interacao.ts';
import { type Correcoes, corrige } from '../../platform/quarentena/correcao.ts';
import { leEdicao } from '../../platform/quarentena/edicao.ts';
import { reenviaSelecao } from '../../platform/quarentena/replay.ts';
import { type Filtros, pendentes } from '../../platform/quarentena/selecao.ts';
import { listaDe } from '../../services/cli/quarentena/lista.ts';
import { CHAVE_DO_CPF, CONSULTORIA, type Quarentena } from './quarantine-fixture.ts';

/** What an operator does, as the commands do it. */
export function operador(q: () => Quarentena) {
  /** Sets one interaction aside and says under which id. */
  async function umaEspera(parte: Partial<Interacao> = {}): Promise<{ source: string; id: string }> {
    const source = q().fonte();
    await q().espera([{ ...CONSULTORIA, source, ...parte }]);
    const [id] = await q().ids(source);
    if (id === undefined) throw new Error('nada espera');
    return { source, id };
  }

  const lista = async (filtros: Filtros) => listaDe(await pendentes(q().partes(), filtros, false));

  const NADA = { ids: [], prontas: false };
  const reenvia = (pedido: Filtros & { ids?: string[]; prontas?: boolean }, por: string | null = null) => {
    const autor = por === null ? null : { por, execucao: `execução de ${por}` };
    return reenviaSelecao(q().partes(), { ...NADA, ...pedido }, autor, () => undefined);
  };

  const corrigeCom = (id: string, correcoes: Correcoes, outraIdentidade = false) =>
    corrige(q().partes(), { id, correcoes, por: 'ana', outraIdentidade, pseudonimo: pseudonimizador(CHAVE_DO_CPF) });

  return { umaEspera, lista, reenvia, corrigeCom };
}

export const edicoes = (...textos: string[]): Correcoes => ({ edicoes: textos.map(leEdicao) });
