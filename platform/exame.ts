import { FONTE_CONSOLIDADOR, fonteReservada } from '#domain/consolidacao.ts';
import { MAIOR_REGISTRO } from '#domain/contrato.ts';
import { campoComCpf } from '#domain/cpf-em-texto.ts';
import type { Pseudonimizador } from '#domain/documento.ts';
import { leEvento, textoDosErros } from '#domain/evento.ts';
import { chaveDeParticao, type Interacao, topicoDe } from '#domain/interacao.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import type { Codec } from '#platform/codec.ts';
import { cpfForaDoLugar } from '#platform/http/erros.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';

/** Why an event is not taken: the codes and words of the HTTP door, never a document. */
export interface Recusa {
  motivo: string;
  detalhe: string;
}

const recusa = (motivo: string, detalhe: string): { recusa: Recusa } => ({
  recusa: { motivo, detalhe: ocultaCpf(detalhe) },
});

/** Reads a CloudEvent with the checks of the HTTP door, save those of the key it came with. */
export function examinaEvento(
  evento: unknown,
  pseudonimo: Pseudonimizador,
): { interacao: Interacao } | { recusa: Recusa } {
  const lido = leEvento(evento, pseudonimo);
  if (!lido.ok) return recusa('ESQUEMA_INVALIDO', textoDosErros(lido.erros));
  const { interacao, documentoInvalido, desconhecidos } = lido;
  if (desconhecidos.length > 0) {
    return recusa('ESQUEMA_INVALIDO', `campos que o contrato não tem: ${desconhecidos.join(', ')}`);
  }
  if (documentoInvalido !== null) {
    return recusa(documentoInvalido.motivo, `${documentoInvalido.campo}: os dígitos verificadores não conferem`);
  }
  const campo = campoComCpf(interacao);
  if (campo !== null) return recusa('CPF_FORA_DO_LUGAR', cpfForaDoLugar(campo));
  if (fonteReservada(interacao.source)) {
    return recusa('FONTE_NAO_AUTORIZADA', `source: '${FONTE_CONSOLIDADOR}' é reservada ao próprio sistema`);
  }
  return { interacao };
}

/** The record that an interaction travels as. */
export function registroDe(
  interacao: Interacao,
  codec: Pick<Codec<Interacao>, 'encode'>,
): { registro: OutputRecord & { key: string; value: Buffer } } | { recusa: Recusa } {
  const value = codec.encode(interacao);
  if (value.length > MAIOR_REGISTRO) {
    return recusa('REGISTRO_GRANDE_DEMAIS', `o evento tem ${value.length} bytes; o máximo é ${MAIOR_REGISTRO}`);
  }
  return { registro: { topic: topicoDe(interacao), key: chaveDeParticao(interacao), value } };
}
