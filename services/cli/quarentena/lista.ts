import { contagem, maisNovas, type Pendente } from '#platform/quarentena/selecao.ts';
import { instante, numero } from '../formato.ts';
import { tabela } from '../tabela.ts';

/** What `quarantine list` writes. */
export interface Lista {
  total: number;
  /** Reason to how many, the most first. */
  porMotivo: Record<string, number>;
  registros: Omit<Pendente, 'hoje'>[];
}

export function listaDe(pendentes: readonly Pendente[]): Lista {
  return {
    total: pendentes.length,
    porMotivo: contagem(pendentes.map(({ motivo }) => motivo)),
    registros: pendentes.map(({ hoje: _, ...um }) => um),
  };
}

/** @param limite how many records to show, the latest */
export function textoDaLista({ total, porMotivo, registros }: Lista, limite: number): string {
  if (total === 0) return 'Nada espera na quarentena.';
  const ultimos = maisNovas(registros, limite);
  const linhas = ultimos.map((um) => {
    const corrigida = um.corrigidaPor === null ? '' : `por ${um.corrigidaPor}`;
    const evento = um.evento ?? '(ilegível)';
    return [um.id, instante(um.postaEm), um.motivo, um.topico, um.source ?? '–', evento, corrigida, `${um.tentativa}`];
  });
  const cabecalho = ['id', 'posta em', 'motivo', 'tópico', 'source', 'evento', 'corrigida', 'tentativa'];
  const totais = Object.entries(porMotivo).map(([motivo, n]) => [motivo, numero(n)]);
  return [
    tabela(cabecalho, cabecalho.length - 1, linhas),
    ...(total > limite ? [`… e mais ${numero(total - limite)}: use os filtros, --limite ou --json.`] : []),
    '',
    tabela(['motivo', 'registros'], 1, [...totais, ['todos', numero(total)]]),
  ].join('\n');
}
