import { join } from 'node:path';
import { homeOf } from '../config-home.ts';
import { isProduction, keptSecret } from '../config-key.ts';
import { CodedError } from '../errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

const MINIMO = 32;
const ARQUIVO = 'chave-operacao.key';

/**
 * The key that every other key is made with (roles operacao, consulta and bi): `ATENDIDO_CHAVE_OPERACAO`, else
 * `$ATENDIDO_HOME/chave-operacao.key`, made on first use (32 random bytes as base64url, mode 0600).
 * @throws CodedError CHAVE_OPERACAO_OBRIGATORIA in production mode without the variable; CHAVE_OPERACAO_INVALIDA for
 * one under 32 characters.
 */
export function resolveChaveOperacao(env: Env = process.env): string {
  const dada = env.ATENDIDO_CHAVE_OPERACAO?.trim();
  if (!dada && isProduction(env)) {
    throw new CodedError(
      'CHAVE_OPERACAO_OBRIGATORIA',
      'ATENDIDO_CHAVE_OPERACAO é obrigatória em modo de produção (ATENDIDO_MODO=producao)',
    );
  }
  const chave = dada || keptSecret(homeOf(env), ARQUIVO);
  if (chave.length < MINIMO) {
    throw new CodedError('CHAVE_OPERACAO_INVALIDA', `a chave de operação precisa de ao menos ${MINIMO} caracteres`);
  }
  return chave;
}

/** Where the operator finds the key, for a person: the file or the variable, never the key. */
export function ondeEstaAChave(env: Env = process.env): string {
  return env.ATENDIDO_CHAVE_OPERACAO?.trim() ? 'a de ATENDIDO_CHAVE_OPERACAO' : `a de ${join(homeOf(env), ARQUIVO)}`;
}
