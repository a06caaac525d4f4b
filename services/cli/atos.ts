import type { Ato } from '#platform/atos.ts';
import { instante, numero } from './formato.ts';
import { tabela } from './tabela.ts';

function valor(v: Ato['detalhe'][string]): string {
  return Array.isArray(v) ? v.join(' ') : String(v ?? '–');
}

function linhaDe({ em, quem, chave, ato, alvo, detalhe }: Ato): string[] {
  const detalhes = Object.entries(detalhe).map(([nome, v]) => `${nome}: ${valor(v)}`);
  return [instante(em), quem, chave ?? '–', ato, alvo, detalhes.join('\n')];
}

/** @param limite how many to show: the last ones */
export function textoDosAtos({ atos, ilegiveis }: { atos: readonly Ato[]; ilegiveis: number }, limite: number): string {
  const aviso = ilegiveis === 0 ? [] : [`${numero(ilegiveis)} registros de atos são ilegíveis.`];
  if (atos.length === 0) return ['Nenhum ato.', ...aviso].join('\n');
  const mostrados = atos.slice(-limite).map(linhaDe);
  const antes = atos.length - mostrados.length;
  return [
    ...(antes > 0 ? [`${numero(antes)} atos antes destes (--limite ou --json).`] : []),
    tabela(['quando', 'quem', 'chave', 'ato', 'de quê', 'detalhe'], 6, mostrados),
    ...aviso,
  ].join('\n');
}
