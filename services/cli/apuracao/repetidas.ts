import type { Apuracao } from '#domain/apuracao.ts';
import type { ResolucaoDeQuarentena } from '#platform/codec-types.ts';
import { CodedError } from '#platform/errors.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import type { Postas } from '#platform/quarentena/postas.ts';
import { type Resolucoes, TOPICO_DAS_RESOLUCOES } from '#platform/quarentena/resolucoes.ts';
import type { Derivacao } from './derivacao.ts';

/** What was done about a record whole, where it was put back; of what waits all is at hand, however many there are. */
async function feitoDe(resolucoes: Resolucoes, id: string): Promise<ResolucaoDeQuarentena | null> {
  return resolucoes.resolvida(id) ? resolucoes.inteira(id) : (resolucoes.de(id) ?? null);
}

/**
 * What was put back or corrected and kept while the new apuração took the record as it came, which may have set it aside
 * once more: there too it is solved by the same replay, or waits with the same correction.
 * @throws CodedError REPROCESSAMENTO_CONCORRENTE what came back was corrected, and decided as it was before
 */
export async function resolveRepetidas(
  resolucoes: Resolucoes,
  postas: Postas,
  derivacao: Pick<Derivacao, 'pulou'>,
  apuracao: Pick<Apuracao, 'numero' | 'base'>,
): Promise<OutputRecord[]> {
  await postas.atualiza();
  const registros: OutputRecord[] = [];
  for (const { onde, tratada, repetida } of postas.tratadas(apuracao)) {
    if (derivacao.pulou(onde)) continue;
    const feito = await feitoDe(resolucoes, tratada);
    if (feito === null) continue;
    const { correcao, reenvio } = feito;
    if (repetida !== null) {
      const value = resolucoes.codec.encode({ correcao, reenvio });
      registros.push({ topic: TOPICO_DAS_RESOLUCOES, key: repetida, value });
    } else if (correcao !== null && reenvio !== null) {
      const que = `o registro ${tratada} da quarentena foi corrigido e reenviado durante o reprocessamento`;
      throw new CodedError('REPROCESSAMENTO_CONCORRENTE', `${que}, que já o tinha decidido sem a correção: repita`);
    }
  }
  return registros;
}
