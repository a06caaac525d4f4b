import type { Apuracoes } from '#domain/apuracao.ts';
import { fonteReservada } from '#domain/consolidacao.ts';
import { decide } from '#domain/decidir.ts';
import type { Resultado } from '#domain/decisao.ts';
import { type Interacao, topicoDe } from '#domain/interacao.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { type Codec, decodeOrNull } from '../codec.ts';
import type { PartesDoReenvio } from './reenvio.ts';

/** What the classifier decides by. */
interface Decisor {
  apuracoes: Pick<Apuracoes, 'rulebooksEmVigor'>;
  portfolio: Portfolio;
}

export interface PartesDoEnsaio extends Decisor, Pick<PartesDoReenvio, 'seguidas'> {
  interacoes: Codec<Interacao>;
}

/** What the classifier would make of a record if it came now. */
export interface Ensaio {
  /** null: it cannot be read. */
  interacao: Interacao | null;
  resultado: Resultado;
  motivo: string;
  detalhe: string | null;
}

/** What a record's value says; null: it cannot be read. @throws RetryableError the registry is away */
export async function leInteracao(interacoes: Codec<Interacao>, valor: Buffer | null): Promise<Interacao | null> {
  await interacoes.prepareIds([valor]);
  return decodeOrNull(interacoes, valor);
}

/** Decides an interaction by the rulebooks and the portfolio given, as of `agora` (ms). */
export function ensaiaInteracao({ apuracoes, portfolio }: Decisor, interacao: Interacao, agora: number): Ensaio {
  const rulebook = apuracoes.rulebooksEmVigor.em(interacao.time);
  const { resultado, motivo, detalhe } = decide({ interacao, rulebook, portfolio, registradaEm: agora });
  return { interacao, resultado, motivo, detalhe };
}

/**
 * Decides a record's value by the rulebooks and the portfolio given, as of `agora` (ms).
 * @throws RetryableError the registry is away
 */
export async function ensaiaReenvio(partes: PartesDoEnsaio, valor: Buffer | null, agora: number): Promise<Ensaio> {
  const interacao = await leInteracao(partes.interacoes, valor);
  if (interacao === null) {
    const detalhe = 'o registro continua ilegível; corrija-o com `atendido quarantine fix`';
    return { interacao, resultado: 'quarentena', motivo: 'ESQUEMA_INVALIDO', detalhe };
  }
  // A copy lands behind the offsets of any change of key.
  const atras = { topic: topicoDe(interacao), partition: 0, offset: Number.MAX_SAFE_INTEGER };
  if (!fonteReservada(interacao.source) && partes.seguidas.esquecimentos.trocas.superada(atras, interacao)) {
    const detalhe = 'nomeia por uma chave de antes quem por ela não era conhecido: dê o CPF, em cliente.pf.cpf';
    return { interacao, resultado: 'quarentena', motivo: 'CHAVE_SUPERADA', detalhe };
  }
  return ensaiaInteracao(partes, interacao, agora);
}
