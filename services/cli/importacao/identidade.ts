import { createHmac } from 'node:crypto';
import { homeOf } from '#platform/config-home.ts';
import { isProduction, keptSecret } from '#platform/config-key.ts';
import { CodedError } from '#platform/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

const MINIMO = 16;
const DIGITOS = 32;

/**
 * The key that ids of lines without one are made with: `ATENDIDO_CHAVE_IMPORTACAO`, else
 * `$ATENDIDO_HOME/importacao.key`, made on first use.
 * @throws CodedError CHAVE_IMPORTACAO_OBRIGATORIA in production mode without the variable, or where it is short
 */
export function resolveChaveImportacao(env: Env = process.env): string {
  const dada = env.ATENDIDO_CHAVE_IMPORTACAO?.trim();
  if ((!dada && isProduction(env)) || (dada && dada.length < MINIMO)) {
    throw new CodedError(
      'CHAVE_IMPORTACAO_OBRIGATORIA',
      `as linhas não têm id: dê-o no mapa, ou defina ATENDIDO_CHAVE_IMPORTACAO, com ao menos ${MINIMO} caracteres`,
    );
  }
  return dada || keptSecret(homeOf(env), 'importacao.key');
}

/** The same text for the same JSON, in whatever order its fields stand. */
function canonico(valor: unknown): string {
  if (typeof valor !== 'object' || valor === null) return JSON.stringify(valor) ?? 'null';
  if (Array.isArray(valor)) return `[${valor.map(canonico).join(',')}]`;
  const pares = Object.entries(valor).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pares.map(([nome, v]) => `${JSON.stringify(nome)}:${canonico(v)}`).join(',')}}`;
}

/**
 * The id of a line that brings none: the same line is the same interaction, in whatever file. With a key, since a line
 * holds a CPF, and of a plain hash anyone could try all of them.
 * @param conteudo the line: its cells by column, or the event without its id
 */
export function idDaLinha(chave: string, source: string, conteudo: unknown): string {
  const hmac = createHmac('sha256', chave).update(JSON.stringify(source)).update(canonico(conteudo));
  return `imp-${hmac.digest('hex').slice(0, DIGITOS)}`;
}
