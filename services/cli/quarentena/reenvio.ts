import { CodedError } from '#platform/errors.ts';
import type { Reenviadas } from '#platform/quarentena/replay.ts';
import type { Pendente } from '#platform/quarentena/selecao.ts';
import { numero } from '../formato.ts';
import { tabela } from '../tabela.ts';

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
