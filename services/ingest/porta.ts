import { fonteReservada } from '#domain/consolidacao.ts';
import { MAIOR_REGISTRO } from '#domain/contrato.ts';
import { campoComCpf, temCpf } from '#domain/cpf-em-texto.ts';
import type { Pseudonimizador } from '#domain/documento.ts';
import { campoDesconhecido, type ErroDeCampo, leEvento, textoDosErros } from '#domain/evento.ts';
import { chaveDeParticao, type Interacao, topicoDe } from '#domain/interacao.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import type { Codec } from '#platform/codec.ts';
import { type Credencial, permite } from '#platform/credenciais/credencial.ts';
import type { Credenciais } from '#platform/credenciais/tabela.ts';
import { type CodigoHttp, cpfForaDoLugar } from '#platform/http/erros.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import type { Item } from './leitura.ts';

export type Exame =
  | { aceito: true; id: string; registro: OutputRecord }
  | {
      aceito: false;
      id: string | null;
      motivo: CodigoHttp;
      detalhe: string;
      /** Of ESQUEMA_INVALIDO: the fields of `detalhe`, one by one. */
      erros?: readonly ErroDeCampo[];
    };

/** What the door knows while it looks at events. */
export interface Porta {
  codec: Pick<Codec<Interacao>, 'encode'>;
  pseudonimo: Pseudonimizador;
  credenciais: Pick<Credenciais, 'fonte'>;
}

/** Fields that a refusal names, however many are wrong. */
const MAXIMO_DE_CAMPOS = 20;

function recusa(id: string | null, motivo: CodigoHttp, detalhe: string) {
  const visivel = id !== null && temCpf(id) ? ocultaCpf(id) : id;
  return { aceito: false as const, id: visivel, motivo, detalhe: ocultaCpf(detalhe) };
}

/** What the sender may not send, or null. */
function semPermissao(i: Interacao, { credenciais }: Porta, credencial: Credencial): Exame | null {
  if (fonteReservada(i.source) || i.source !== credencial.source) {
    return recusa(i.id, 'FONTE_NAO_AUTORIZADA', `source: a chave '${credencial.id}' não envia por esta fonte`);
  }
  const daFonte = credenciais.fonte(i.source)?.interacoes ?? [];
  if (permite(daFonte, i) && (credencial.interacoes === null || permite(credencial.interacoes, i))) return null;
  const oQue = i.tipoSolucao === 'garantia-fampe' ? `${i.tipoInteracao} de garantia-fampe` : i.tipoInteracao;
  return recusa(i.id, 'INTERACAO_NAO_AUTORIZADA', `type: a chave '${credencial.id}' não envia ${oQue}`);
}

function registroDe(i: Interacao, codec: Porta['codec']): Exame {
  const value = codec.encode(i);
  if (value.length > MAIOR_REGISTRO) {
    return recusa(i.id, 'REGISTRO_GRANDE_DEMAIS', `o evento tem ${value.length} bytes; o máximo é ${MAIOR_REGISTRO}`);
  }
  return { aceito: true, id: i.id, registro: { topic: topicoDe(i), key: chaveDeParticao(i), value } };
}

/**
 * Looks at one event: what the door itself can see it refuses, everything else is the classifier's to decide.
 * @returns the Kafka record, or the reason with the fields it is about, and never a document
 */
export function examina(item: Item, porta: Porta, credencial: Credencial): Exame {
  if ('linhaLonga' in item) {
    return recusa(null, 'CORPO_GRANDE_DEMAIS', `a linha passa de ${item.linhaLonga} bytes; ela não foi lida`);
  }
  if ('jsonInvalido' in item) return recusa(null, 'JSON_INVALIDO', 'a linha não é JSON válido, em UTF-8');
  const lido = leEvento(item.evento, porta.pseudonimo);
  if (!lido.ok) {
    const erros = lido.erros.slice(0, MAXIMO_DE_CAMPOS);
    return { ...recusa(lido.id, 'ESQUEMA_INVALIDO', textoDosErros(erros)), erros };
  }
  const { interacao, documentoInvalido, desconhecidos } = lido;
  if (desconhecidos.length > 0) {
    const nomes = desconhecidos.slice(0, MAXIMO_DE_CAMPOS);
    const detalhe = `campos que o contrato não tem: ${nomes.join(', ')}`;
    return { ...recusa(interacao.id, 'ESQUEMA_INVALIDO', detalhe), erros: nomes.map(campoDesconhecido) };
  }
  if (documentoInvalido !== null) {
    const detalhe = `${documentoInvalido.campo}: os dígitos verificadores não conferem`;
    return recusa(interacao.id, documentoInvalido.motivo, detalhe);
  }
  const campo = campoComCpf(interacao);
  if (campo !== null) return recusa(interacao.id, 'CPF_FORA_DO_LUGAR', cpfForaDoLugar(campo));
  return semPermissao(interacao, porta, credencial) ?? registroDe(interacao, porta.codec);
}
