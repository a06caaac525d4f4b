import { MAIOR_REGISTRO } from '#domain/contrato.ts';
import { type ErroDeCampo, textoDosErros } from '#domain/evento.ts';
import type { Disponibilizacao, Solucao } from '#domain/portfolio.ts';
import { type Quem, registroDoAto } from '#platform/atos.ts';
import type { Codec } from '#platform/codec.ts';
import { ErroHttp, exigeSemCpf } from '#platform/http/erros.ts';
import type { Producer } from '#platform/kafka/port.ts';

type Registro = Solucao | Disponibilizacao;
type Lido<T> = { ok: true; valor: T } | { ok: false; erros: ErroDeCampo[] };

export interface Gravacao<T extends Registro> {
  topic: 'solucoes' | 'disponibilizacoes';
  codec: Pick<Codec<T>, 'encode'>;
  producer: Pick<Producer, 'send'>;
}

/**
 * Puts one portfolio record in its topic, where it takes the place of the one before. Resolves once Kafka keeps it.
 * @param id the one of the address, which must be the record's
 * @param quem who does it: written down before
 * @throws ErroHttp ESQUEMA_INVALIDO, ID_DIVERGENTE, CPF_FORA_DO_LUGAR, REGISTRO_GRANDE_DEMAIS; RetryableError Kafka is away
 */
export async function grava<T extends Registro>(
  id: string,
  lido: Lido<T>,
  quem: Quem,
  em: Gravacao<T>,
): Promise<{ id: string }> {
  if (!lido.ok) throw new ErroHttp('ESQUEMA_INVALIDO', textoDosErros(lido.erros), { erros: lido.erros });
  if (lido.valor.id !== id) {
    throw new ErroHttp('ID_DIVERGENTE', `id: o corpo diz '${lido.valor.id}', o endereço diz '${id}'`);
  }
  exigeSemCpf(lido.valor);
  const value = em.codec.encode(lido.valor);
  if (value.length > MAIOR_REGISTRO) {
    throw new ErroHttp('REGISTRO_GRANDE_DEMAIS', `o registro tem ${value.length} bytes; o máximo é ${MAIOR_REGISTRO}`);
  }
  const feito = { ato: 'portfolio-gravado' as const, alvo: id, detalhe: { topico: em.topic } };
  // First: an act of which it is not known whether it was done is told, one that was done without a line would not be.
  await em.producer.send([registroDoAto(quem, feito)]);
  await em.producer.send([{ topic: em.topic, key: id, value }]);
  return { id };
}
