import { errosDoEvento } from './exame.ts';
import type { Item, Leitura } from './leitura.ts';
import type { ErroDaLinha } from './recusas.ts';

/** What an import would do. */
export interface Ensaio {
  linhas: number;
  aceitas: number;
  /** By code: lines by what is wrong first. */
  recusadas: Record<string, number>;
}

function errosDe({ lido }: Item, leitura: Leitura): readonly ErroDaLinha[] {
  return 'erros' in lido ? lido.erros : errosDoEvento(lido.evento, (campo) => leitura.colunaDe(campo));
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
  const ensaio: Ensaio = { linhas: 0, aceitas: 0, recusadas: {} };
  for await (const itens of leitura.itens(leitura.inicio)) {
    sinal.throwIfAborted();
    for (const item of itens) {
      const erros = errosDe(item, leitura);
      const [primeiro] = erros;
      ensaio.linhas += 1;
      if (primeiro === undefined) ensaio.aceitas += 1;
      else ensaio.recusadas[primeiro.codigo] = (ensaio.recusadas[primeiro.codigo] ?? 0) + 1;
      for (const erro of erros) await diz(item.linha, erro);
    }
    progresso(ensaio);
  }
  return ensaio;
}
