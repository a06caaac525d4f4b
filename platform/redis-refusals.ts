import { CodedError } from './errors.ts';

/** Redis 6 puts the script's line before the words of an answer that a command of the script got. */
const IN_A_SCRIPT = /^ERR Error running script .* -([A-Z]+ .*)$/;

/** What Redis said. */
export function wordsOf({ message }: Error): string {
  return IN_A_SCRIPT.exec(message)?.[1] ?? message;
}

/** Why it failed: of a transaction the refusals of its commands one by one, which its own does not say. */
export function reasonsOf(error: unknown): readonly unknown[] {
  const inside = error instanceof Error && 'previousErrors' in error ? error.previousErrors : [];
  return Array.isArray(inside) && inside.length > 0 ? inside : [error];
}

/** What Redis says of a right that is missing: to a client; and to a script, in words of its own: up to Redis 7, and from 8 on. */
const MISSING_RIGHT = /\bNOPERM .*|The user executing the script can't .*|ACL failure in script: .*/;

/** Node's codes for a certificate that is not to be trusted, here or there, and for a port that speaks no TLS. */
const OF_TLS =
  /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|HOSTNAME_MISMATCH)/;

/**
 * What a Redis that answers does not let us: our user, our right, our certificate or its own; null: it is something else.
 * None of them is a server that is away, and waiting mends none.
 */
export function refusalOf(error: unknown): CodedError | null {
  if (!(error instanceof Error)) return null;
  // Of a Cluster, none of whose nodes could be asked.
  const { lastNodeError, code } = error as Error & { lastNodeError?: unknown; code?: unknown };
  if (lastNodeError !== undefined) return refusalOf(lastNodeError);
  const said = wordsOf(error);
  const options = { cause: error };
  if (/^(WRONGPASS|NOAUTH) /.test(said)) {
    return new CodedError('REDIS_RECUSOU_USUARIO', 'o Redis recusou o usuário ou a senha', options);
  }
  const [what] = MISSING_RIGHT.exec(said) ?? [];
  if (what !== undefined) {
    return new CodedError(
      'REDIS_NAO_AUTORIZADO',
      `o Redis não deixa este usuário fazer o que o processo faz (${what})`,
      options,
    );
  }
  if (typeof code === 'string' && OF_TLS.test(code)) {
    return new CodedError('REDIS_TLS_RECUSADO', `não há TLS de confiança com o Redis (${code}: ${said})`, options);
  }
  return null;
}
