import type { Quem } from '../atos.ts';
import { Geracoes } from '../estado/geracoes.ts';
import { confereApuracao, exigeQueNadaConstrua, exigeQueNadaGuarde } from '../reconstrucao/escolha.ts';
import type { RedisConnection } from '../redis.ts';
import { ordena, type PartesDaOrdem } from './ordem.ts';

/** A person to forget: by the first of the client ids they had, as of the call. */
export interface Pedido {
  titular: string;
  quem: Quem;
  /** Whether anything is held under a client id. */
  haAlgoDe: (id: string) => Promise<boolean>;
}

/**
 * Orders that a person be forgotten under the name they have now; an order about them that has not ended is that one.
 * @returns the order's number; null: nothing is held of them, and nothing was written
 * @throws CodedError CHAVE_SUPERADA the key was changed meanwhile; REPROCESSAMENTO_INACABADO, GERACAO_ANTERIOR_GUARDADA, RECONSTRUCAO_INACABADA; RetryableError
 */
export async function pedeEsquecimento(
  partes: PartesDaOrdem & { redis: RedisConnection },
  { titular, quem, haAlgoDe }: Pedido,
): Promise<number | null> {
  const { apuracoes, esquecimentos } = partes.seguidas;
  // Before anything is waited for: looking for what is held of somebody may take minutes.
  const nomeadoSob = esquecimentos.trocas.emVigor;
  await confereApuracao(partes);
  const nomes = esquecimentos.nomesDe(titular);
  const inacabado = esquecimentos.inacabados(apuracoes.emVigor).findLast((um) => nomes.includes(um.titular));
  if (inacabado !== undefined) return inacabado.numero;
  const atual = nomes.at(-1) ?? titular;
  if (!(await haAlgoDe(atual))) return null;
  // Either would have the person, whatever the order says: also one whose construction was killed.
  const situacao = await new Geracoes(partes.redis, () => apuracoes.emVigor).situacao();
  exigeQueNadaGuarde(situacao);
  exigeQueNadaConstrua(situacao, apuracoes.emVigor);
  const numero = await ordena(partes, { titular: atual, nomeadoSob, quem });
  // So that whoever asked finds it.
  await partes.seguidas.caughtUp();
  return numero;
}
