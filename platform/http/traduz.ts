import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { textoDosErros } from '#domain/evento.ts';
import { CodedError, RetryableError } from '../errors.ts';
import { PROBLEMAS_DA_CHAVE } from '../nomes.ts';
import { erroDeCompressao } from './compressao.ts';
import { type CodigoHttp, type ErroDeCampo, ErroHttp } from './erros.ts';

/** Seconds a caller waits before trying again. */
export const ESPERA = 2;

/** What is asked for before the servers have answered. */
export const iniciando = (): ErroHttp =>
  new ErroHttp('SERVICO_INDISPONIVEL', 'o serviço está iniciando', { retryAfter: ESPERA });

const DO_FASTIFY: Readonly<Record<string, [CodigoHttp, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['CORPO_GRANDE_DEMAIS', 'o corpo passa do limite deste endereço'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['TIPO_DE_CONTEUDO_INVALIDO', 'este endereço não aceita este Content-Type'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['JSON_INVALIDO', 'o corpo está vazio'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['JSON_INVALIDO', 'o corpo não é JSON válido'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['REQUISICAO_INVALIDA', 'o Content-Length não é o tamanho do corpo'],
};

function camposDe(error: FastifyError): ErroDeCampo[] {
  return (error.validation ?? []).map(({ instancePath, message = 'inválido', params }) => {
    const onde = instancePath.split('/').filter(Boolean);
    const chaves = 'keys' in params && Array.isArray(params.keys) ? params.keys : null;
    if (chaves === null) return { campo: onde.join('.'), mensagem: message };
    return { campo: chaves.map((c) => [...onde, c].join('.')).join(', '), mensagem: 'campo desconhecido' };
  });
}

/** Whatever was thrown, as the answer it becomes. */
export function traduz(error: unknown): ErroHttp {
  if (error instanceof ErroHttp) return error;
  if (error instanceof RetryableError) {
    const { cause } = error;
    if (cause instanceof CodedError && PROBLEMAS_DA_CHAVE.has(cause.code)) return traduz(cause);
    const detail = 'um servidor de que este endereço precisa não responde; tente de novo em instantes';
    return new ErroHttp('SERVICO_INDISPONIVEL', detail, { retryAfter: ESPERA, cause: error });
  }
  if (error instanceof CodedError && error.code === 'REPROCESSAMENTO_INACABADO') {
    const detail = 'outro rulebook está entrando em vigor; tente de novo em instantes';
    return new ErroHttp('SERVICO_INDISPONIVEL', detail, { retryAfter: ESPERA, cause: error });
  }
  if (error instanceof CodedError && PROBLEMAS_DA_CHAVE.has(error.code)) {
    // What to set: it names variables, and no key.
    return new ErroHttp('SERVICO_INDISPONIVEL', `${error.code}: ${error.message}`, {
      retryAfter: ESPERA,
      cause: error,
    });
  }
  if (error instanceof CodedError && error.code === 'GERACAO_ANTERIOR_GUARDADA') {
    return new ErroHttp('ESTADO_GUARDADO', error.message);
  }
  if (error instanceof CodedError && error.code === 'RECONSTRUCAO_INACABADA') {
    return new ErroHttp('ESTADO_EM_CONSTRUCAO', error.message);
  }
  const doFastify = error as FastifyError;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const erros = camposDe(doFastify);
    const codigo = doFastify.validationContext === 'body' ? 'ESQUEMA_INVALIDO' : 'PARAMETRO_INVALIDO';
    return new ErroHttp(codigo, textoDosErros(erros), { erros });
  }
  const conhecido = DO_FASTIFY[doFastify.code];
  if (conhecido !== undefined) return new ErroHttp(...conhecido);
  if (error instanceof SyntaxError && doFastify.statusCode === 400) {
    return new ErroHttp('JSON_INVALIDO', 'o corpo não é JSON válido');
  }
  if (erroDeCompressao(error)) {
    return new ErroHttp('COMPRESSAO_INVALIDA', 'o corpo não é o que Content-Encoding diz, ou veio cortado');
  }
  const status = doFastify.statusCode ?? 500;
  if (status >= 400 && status < 500) return new ErroHttp('REQUISICAO_INVALIDA', 'a requisição não pôde ser lida');
  return new ErroHttp('ERRO_INTERNO', 'erro interno; o registro do serviço tem os detalhes', { cause: error });
}
