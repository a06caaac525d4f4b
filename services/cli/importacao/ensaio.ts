import { errosDoEvento } from './exame.ts';
import type { Item, Leitura } from './leitura.ts';
import { type ErroDaLinha, erroDaLinha } from './recusas.ts';
import { Ids, type Repetido } from './repetidos.ts';

/** What an import would do. */
export interface Ensaio {
  linhas: number;
  aceitas: number;
  /** By code: lines by what is wrong first. */
  recusadas: Record<string, number>;
  /** Accepted ones that say what another with their id said: they count once. */
  copias: number;
  /** Accepted ones with the id of another that said something else: they would not count. */
  idsRepetidos: number;
  /** Whether every id was looked at; not so in a file of more than three million. */
  todosOsIds: boolean;
}

function errosDe({ lido }: Item, leitura: Leitura): readonly ErroDaLinha[] {
  return 'erros' in lido ? lido.erros : errosDoEvento(lido.evento, (campo) => leitura.colunaDe(campo));
}

function idRepetido({ linha, igual }: Repetido): ErroDaLinha | null {
  if (igual) return null;
  return erroDaLinha(
    'ID_REPETIDO',
    `a linha ${linha} tem o mesmo id, e diz outra coisa: só uma das duas contaria`,
    'id',
  );
}

/** Adds a line to the sums. @returns what is to be said of it */
function examina(item: Item, leitura: Leitura, ids: Ids, ensaio: Ensaio): readonly ErroDaLinha[] {
  const erros = errosDe(item, leitura);
  const [primeiro] = erros;
  ensaio.linhas += 1;
  if (primeiro !== undefined) {
    ensaio.recusadas[primeiro.codigo] = (ensaio.recusadas[primeiro.codigo] ?? 0) + 1;
    return erros;
  }
  ensaio.aceitas += 1;
  const repetido = 'evento' in item.lido ? ids.ve(item.lido.evento, item.linha) : null;
  if (repetido === null) return [];
  const erro = idRepetido(repetido);
  if (erro === null) ensaio.copias += 1;
  else ensaio.idsRepetidos += 1;
  return erro === null ? [] : [erro];
}

/**
 * Reads a whole file with the checks of the door, without servers; what the key may not send only the door knows.
 * @param diz told of every error, in the order of the lines
 */
export async function ensaia(
  leitura: Leitura,
  {
    sinal,
    diz,
    progresso,
  }: {
    sinal: AbortSignal;
    diz: (linha: number, erro: ErroDaLinha) => Promise<void>;
    progresso: (ensaio: Ensaio) => void;
  },
): Promise<Ensaio> {
  const ensaio: Ensaio = { linhas: 0, aceitas: 0, recusadas: {}, copias: 0, idsRepetidos: 0, todosOsIds: true };
  const ids = new Ids();
  for await (const itens of leitura.itens(leitura.inicio)) {
    sinal.throwIfAborted();
    for (const item of itens) {
      for (const erro of examina(item, leitura, ids, ensaio)) await diz(item.linha, erro);
    }
    ensaio.todosOsIds = ids.todos;
    progresso(ensaio);
  }
  return ensaio;
}
