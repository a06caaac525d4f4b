import { cnpjValido, cpfValido, PSEUDONIMO_PF } from '#domain/documento.ts';
import type { Quem } from '#platform/atos.ts';
import { codecFor } from '#platform/codec.ts';
import { CodedError } from '#platform/errors.ts';
import { pedeEsquecimento } from '#platform/esquecimento/pedido.ts';
import { exigeQueOEstadoEsqueca } from '#platform/esquecimento/resto.ts';
import { terminaEsquecimentos } from '#platform/esquecimento/termina.ts';
import { esperaOQueHa } from '#platform/linha.ts';
import type { Conexoes } from '../conexoes.ts';
import { atual, pessoaDosNomes } from '../exportacao/exportacao.ts';
import { haAlgoDe } from './procura.ts';

/**
 * The client ids of who is forgotten, the one they have first.
 * @param nomes those of a CPF
 * @throws CodedError CNPJ_NAO_SE_ESQUECE, DOCUMENTO_INVALIDO
 */
export function nomesDoTitular(texto: string, nomes: (cpf: string) => NomesDoTitular): NomesDoTitular {
  if (PSEUDONIMO_PF.test(texto)) return [texto];
  if (cpfValido(texto)) return nomes(texto);
  if (texto.startsWith('pj:') || cnpjValido(texto)) {
    const mensagem = 'um CNPJ é público e não é dado de pessoa: só um CPF se esquece';
    throw new CodedError('CNPJ_NAO_SE_ESQUECE', mensagem, { exitCode: 2 });
  }
  throw new CodedError('DOCUMENTO_INVALIDO', 'não é um CPF: confira os dígitos', { exitCode: 2 });
}

export type NomesDoTitular = readonly [string, ...string[]];

export type Etapa = 'procura' | 'linha';

export interface Esquecida {
  /** null: nothing is held of the person, and nothing was written. */
  esquecimento: number | null;
  /** ISO 8601: what happened from here on is of somebody never seen. */
  desde: string | null;
}

/**
 * Forgets a person, whole: returns when nothing in Redis names them any more. Killed at any moment, it goes on where it
 * was when asked again.
 * @param nomes the client ids of the CPF: what stands under another than the first is theirs, and is no client of its own
 * @throws CodedError see docs/erros.md; RetryableError a server is away
 */
export async function esquece(
  conexoes: Conexoes,
  { nomes, quem }: { nomes: NomesDoTitular; quem: Quem },
  { sinal, progresso = () => {} }: { sinal?: AbortSignal; progresso?: (etapa: Etapa) => void } = {},
): Promise<Esquecida> {
  const { seguidas, registry } = conexoes;
  const pedido = {
    ...{ titular: nomes[0], quem },
    haAlgoDe: () => {
      progresso('procura');
      return haAlgoDe(conexoes, atual(pessoaDosNomes(nomes), seguidas));
    },
  };
  const numero = await pedeEsquecimento({ ...conexoes, ...(sinal && { sinal }) }, pedido);
  if (numero === null) return { esquecimento: null, desde: null };
  progresso('linha');
  const lotes = await codecFor(registry, 'lancamentos');
  await terminaEsquecimentos({ ...conexoes, lotes }, () =>
    esperaOQueHa(conexoes, { progresso: () => sinal?.throwIfAborted() }),
  );
  const feito = seguidas.esquecimentos.de(numero);
  if (feito === undefined) throw new Error(`não se sabe do esquecimento ${numero}`);
  await exigeQueOEstadoEsqueca(conexoes, feito.titular);
  return { esquecimento: numero, desde: feito.desde === null ? null : new Date(feito.desde).toISOString() };
}
