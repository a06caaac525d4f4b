import type { Interacao } from './interacao.ts';
import type { CampoDeChave, Contagem } from './rulebook.ts';
import { diaDe } from './tempo.ts';

const NENHUMA: Contagem['chave'] = [];

function valorDe(i: Interacao, campo: CampoDeChave): string | null {
  return campo === 'dia' ? diaDe(i.time) : i[campo];
}

/** Parts are joined by `|`, so one inside a part must not look like it. */
function escapa(parte: string): string {
  if (!parte.includes('%') && !parte.includes('|')) return parte;
  return parte.replaceAll('%', '%25').replaceAll('|', '%7C');
}

/**
 * The key of a delivery, unique within a client: two counting interactions with the same key are one delivery
 * reported twice.
 * @param identificado false for students not identified: their key is the event itself
 */
export function chaveDe(i: Interacao, contagem: Contagem, identificado: boolean): string {
  const tipo = i.tipoSolucao ?? '';
  for (const campos of identificado ? contagem.chave : NENHUMA) {
    if (campos.some((c) => valorDe(i, c) === null)) continue;
    return campos.reduce((chave, c) => `${chave}|${c}=${escapa(valorDe(i, c) ?? '')}`, tipo);
  }
  return `${tipo}|evento|${escapa(i.source)}|${escapa(i.id)}`;
}
