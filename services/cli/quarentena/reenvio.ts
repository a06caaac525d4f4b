import { CodedError } from '#platform/errors.ts';
import { type Autor, LOTE_DE_REENVIO, naoReenviada, reenvia } from '#platform/quarentena/reenvio.ts';
import { buscaPorIds } from '#platform/quarentena/registros.ts';
import { numero } from '../formato.ts';
import { tabela } from '../tabela.ts';
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

const SAIDA_DO_QUE_NAO_CABE = 'corrija-as com --file, ou envie-as de novo da origem se os cabeçalhos é que são demais';

/** @throws CodedError REENVIO_INCOMPLETO something asked for was left behind */
export function exigeCompleto({ aplicado, naoCabem }: Reenviadas): void {
  if (!aplicado || naoCabem.length === 0) return;
  const quantas = `${numero(naoCabem.length)} não foram reenviadas: não cabem no tópico`;
  throw new CodedError('REENVIO_INCOMPLETO', `${quantas}; ${SAIDA_DO_QUE_NAO_CABE}`);
}

const RESULTADOS: Record<string, string> = {
  contabiliza: 'contabilizada',
  'nao-contabiliza': 'registrada sem contar',
  quarentena: 'de novo em quarentena',
};

function linhaDe({ id, source, evento, motivo, hoje, corrigidaPor }: Pendente): string[] {
  const corrigida = corrigidaPor === null ? '' : `por ${corrigidaPor}`;
  return [id, source ?? '–', evento ?? '(ilegível)', motivo, corrigida, hoje?.motivo ?? ''];
}

function saldoDe({ reenviadas, selecionadas, naoCabem }: Reenviadas): string {
  const deOutros = selecionadas - reenviadas - naoCabem.length;
  const resto = deOutros === 0 ? '' : `; ${numero(deOutros)} outra pessoa reenviou antes`;
  return `${numero(reenviadas)} de ${numero(selecionadas)} reenviadas${resto}.`;
}

/** @param limite how many records to show */
export function textoDasReenviadas(r: Reenviadas, limite: number): string {
  if (r.selecionadas === 0) return 'Nada do que foi pedido espera na quarentena.';
  const mostrados = r.aplicado ? [] : r.registros.slice(0, limite).map(linhaDe);
  const desfechos = Object.entries(r.porDesfecho).map(([desfecho, n]) => {
    const [resultado = '', motivo = ''] = desfecho.split(' ');
    return [RESULTADOS[resultado] ?? resultado, motivo, numero(n)];
  });
  const cabecalho = ['id', 'source', 'evento', 'motivo', 'corrigida', 'hoje seria'];
  const resto = r.selecionadas - mostrados.length;
  return [
    ...(mostrados.length > 0 ? [tabela(cabecalho, cabecalho.length, mostrados)] : []),
    ...(mostrados.length > 0 && resto > 0 ? [`… e mais ${numero(resto)} (--limite ou --json).`] : []),
    tabela(['hoje seria', 'por', 'registros'], 2, desfechos),
    ...(r.naoCabem.length > 0 ? [`Não cabem no tópico: ${r.naoCabem.join(', ')}: ${SAIDA_DO_QUE_NAO_CABE}.`] : []),
    r.aplicado ? saldoDe(r) : 'Nada foi enviado: repita com --apply para reenviar.',
  ].join('\n');
}
