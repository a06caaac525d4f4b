import { cnpjValido, cpfValido, idDaPj, normalizaDocumento, PSEUDONIMO_PF, pjValida } from '#domain/documento.ts';
import { interacaoSem } from '#domain/esquecimento.ts';
import { renomeada } from '#domain/interacao.ts';
import { CodedError } from '#platform/errors.ts';
import { type Situacao, situacaoDe } from '../api.ts';
import type { Conexoes } from '../conexoes.ts';
import { lePresencas, type PresencaGuardada } from './presencas.ts';
import { leQuarentena } from './quarentena.ts';
import { iso, type Pessoa } from './recorte.ts';
import { codecsDe, leTopicos, type Progresso, type Registro } from './registros.ts';

/** What stands before the records. */
export interface Abertura {
  /** The client id. */
  cliente: string;
  /** ISO 8601. */
  geradaEm: string;
  /** null: nothing is counted of the client. */
  situacao: Pick<Situacao, 'anos'> | null;
  presencas: PresencaGuardada[];
  /** When the person was forgotten, and from when on the rest is (ISO 8601). */
  esquecimentos: { numero: number; desde: string }[];
}

/** How an export is written: each part as it is known. */
export interface Formato {
  abre(abertura: Abertura): string;
  registro(registro: Registro): string;
  fecha(registros: number): string;
}

/**
 * Whose data are asked for: by CPF, CNPJ (punctuation accepted) or client id.
 * @param nomes all the names of a CPF, the one they have first
 * @throws CodedError DOCUMENTO_INVALIDO
 */
export function pessoaDe(texto: string, nomes: (cpf: string) => readonly [string, ...string[]]): Pessoa {
  if (PSEUDONIMO_PF.test(texto) || pjValida(texto)) return pessoaDosNomes([texto]);
  if (cpfValido(texto)) return { ...pessoaDosNomes(nomes(texto)), cpf: normalizaDocumento(texto) };
  if (cnpjValido(texto)) return pessoaDosNomes([idDaPj(texto)]);
  const mensagem = 'não é um CPF, um CNPJ nem o id de um cliente: confira os dígitos';
  throw new CodedError('DOCUMENTO_INVALIDO', mensagem, { exitCode: 2 });
}

/** @param nomes the client id they have, and others under which they may have been told of */
export const pessoaDosNomes = ([id, ...outros]: readonly [string, ...string[]]): Pessoa => {
  return { id, ids: new Set([id]), cpf: null, outros };
};

/**
 * Who a person is by now: of what they were before they were forgotten nothing is theirs. What came under another name is
 * seen under their own.
 */
export function atual(pessoa: Pessoa, { apuracoes, esquecimentos }: Conexoes['seguidas']): Pessoa {
  const { id: titular, outros = [] } = pessoa;
  const nomes = esquecimentos.nomesDe(titular);
  const id = nomes.at(-1) ?? titular;
  if (id === titular && outros.length === 0) return pessoa;
  const deles = new Set(outros);
  const ve: Pessoa['ve'] = (lugar, i) => {
    const propria = renomeada(i, (pf) => (deles.has(pf) ? titular : pf));
    return interacaoSem(esquecimentos.ve({ ...lugar, derivadaPor: apuracoes.derivadaPor(i.source) }, propria));
  };
  const cpf = id === titular ? pessoa.cpf : null;
  return { id, ids: new Set([id]), cpf, outros, antes: nomes.slice(0, -1), ve };
}

function ordensDe({ antes = [] }: Pessoa, { esquecimentos }: Conexoes['seguidas']): Abertura['esquecimentos'] {
  return antes.flatMap((nome) => {
    const um = esquecimentos.doTitular(nome);
    return um?.desde == null ? [] : [{ numero: um.numero, desde: iso(um.desde) }];
  });
}

async function situacaoOuNada({ id }: Pessoa): Promise<Situacao | null> {
  try {
    return await situacaoDe(id);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'CLIENTE_NAO_ENCONTRADO') return null;
    throw error;
  }
}

/**
 * Writes all that is held of a person, and nothing of anybody else, as it is read: what is in memory at once is a batch
 * of records, and of the person's own what Redis and the quarantine hold.
 * @param escreve resolves when more may be written
 * @returns how many records there were
 * @throws CodedError PILHA_PARADA, SERVIDOR_FORA; RetryableError a server is away
 */
export async function exporta(
  conexoes: Conexoes,
  pedida: Pessoa,
  {
    formato,
    escreve,
    progresso,
  }: { formato: Formato; escreve: (texto: string) => Promise<void>; progresso: Progresso },
): Promise<number> {
  const pessoa = atual(pedida, conexoes.seguidas);
  const esquecimentos = ordensDe(pessoa, conexoes.seguidas);
  const [codecs, situacao, presencas] = await Promise.all([
    codecsDe(conexoes),
    situacaoOuNada(pessoa),
    lePresencas(conexoes.redis, pessoa),
  ]);
  await escreve(formato.abre({ cliente: pessoa.id, geradaEm: iso(Date.now()), situacao, presencas, esquecimentos }));
  let registros = 0;
  const recebe = async (registro: Registro): Promise<void> => {
    registros += 1;
    await escreve(formato.registro(registro));
  };
  await leTopicos({ ...conexoes, codecs }, pessoa, recebe, progresso);
  await leQuarentena(conexoes, pessoa, recebe, progresso);
  await escreve(formato.fecha(registros));
  return registros;
}
