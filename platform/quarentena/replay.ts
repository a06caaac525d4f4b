import { type Autor, exigeQueSiga, LOTE_DE_REENVIO, naoReenviada, reenvia } from '#platform/quarentena/reenvio.ts';
import { buscaPorIds } from '#platform/quarentena/registros.ts';
import {
  contagem,
  type Filtros,
  type PartesDaQuarentena,
  type Pendente,
  pendentes,
  pendentesPorId,
} from './selecao.ts';

/** What is to be replayed: records named, or all that the filters let through. */
export interface PedidoDeReenvio extends Filtros {
  ids: readonly string[];
  /** Only those that would be decided now. */
  prontas: boolean;
}

/** What `quarantine replay` writes. */
export interface Reenviadas {
  aplicado: boolean;
  selecionadas: number;
  /** Those that this call put back; what others put back meanwhile is not among them. */
  reenviadas: number;
  /** Selected, and too large to be put back. */
  naoCabem: string[];
  /** What would come out now, to how many: `motivo hoje`, the most first. */
  porDesfecho: Record<string, number>;
  registros: Pendente[];
}

async function seleciona(partes: PartesDaQuarentena, pedido: PedidoDeReenvio): Promise<Pendente[]> {
  const { ids, prontas, ...filtros } = pedido;
  const achados = ids.length > 0 ? await pendentesPorId(partes, ids) : await pendentes(partes, filtros, true);
  return prontas ? achados.filter(({ hoje }) => hoje?.resultado !== 'quarentena') : achados;
}

/** Puts them back, neighbours together. */
async function aplica(
  partes: PartesDaQuarentena,
  ids: readonly string[],
  autor: Autor,
  progresso: (feitos: number) => void,
): Promise<number> {
  let reenviadas = 0;
  for (let de = 0; de < ids.length; de += LOTE_DE_REENVIO) {
    exigeQueSiga(partes);
    const lote = ids.slice(de, de + LOTE_DE_REENVIO);
    reenviadas += await reenvia(partes, await buscaPorIds(partes, lote), autor, naoReenviada);
    progresso(de + lote.length);
  }
  return reenviadas;
}

/**
 * Says what would come out now of the records selected, and with an author puts them back into the line; each only once,
 * whoever else does it too.
 * @param autor null: a dry run
 * @param progresso told how many have been put back
 * @throws CodedError QUARENTENA_DESCONHECIDA; RetryableError, after which asking again is safe
 */
export async function reenviaSelecao(
  partes: PartesDaQuarentena,
  pedido: PedidoDeReenvio,
  autor: Autor | null,
  progresso: (feitos: number, todos: number) => void,
): Promise<Reenviadas> {
  const registros = await seleciona(partes, pedido);
  const ids = registros.filter(({ cabe }) => cabe).map(({ id }) => id);
  const anda = (feitos: number): void => progresso(feitos, ids.length);
  return {
    aplicado: autor !== null,
    selecionadas: registros.length,
    reenviadas: autor === null ? 0 : await aplica(partes, ids, autor, anda),
    naoCabem: registros.filter(({ cabe }) => !cabe).map(({ id }) => id),
    porDesfecho: contagem(registros.map(({ hoje }) => `${hoje?.resultado} ${hoje?.motivo}`)),
    registros,
  };
}
