import { CodedError } from '#platform/errors.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { type Resolucoes, TOPICO_DAS_RESOLUCOES } from '#platform/quarentena/resolucoes.ts';
import type { Derivacao } from './derivacao.ts';
import type { Postas } from './postas.ts';

/**
 * What came back from quarantine while the new apuração was made, which may have set it aside once more by then: that one
 * is solved too, by the same replay.
 * @throws CodedError REPROCESSAMENTO_CONCORRENTE what came back was corrected, and decided as it was before
 */
export async function resolveRepetidas(
  resolucoes: Resolucoes,
  postas: Postas,
  derivacao: Pick<Derivacao, 'pulou'>,
  numero: number,
): Promise<OutputRecord[]> {
  await postas.atualiza();
  const registros: OutputRecord[] = [];
  for (const { onde, resolvida, repetida } of postas.voltaramDepois(numero)) {
    if (derivacao.pulou(onde)) continue;
    const feito = await resolucoes.inteira(resolvida);
    if (feito === null) continue;
    if (repetida !== null) {
      registros.push({ topic: TOPICO_DAS_RESOLUCOES, key: repetida, value: resolucoes.codec.encode(feito) });
    } else if (feito.correcao !== null) {
      const que = `o registro ${resolvida} da quarentena foi corrigido e reenviado durante o reprocessamento`;
      throw new CodedError('REPROCESSAMENTO_CONCORRENTE', `${que}, que já o tinha decidido sem a correção: repita`);
    }
  }
  return registros;
}
