import { hash } from 'node:crypto';
import type { z } from 'zod';
import type { Pseudonimizador } from '#domain/documento.ts';
import { PREFIXO_TIPO, type TipoInteracao } from '#domain/interacao.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import { type CodigoHttp, ErroHttp } from '#platform/http/erros.ts';
import {
  EXTENSOES,
  type Extensao,
  HOMEPAGE_DO_CPF,
  PREFIXO_DE_EXTENSAO,
  PROGRESSO,
  SESSAO,
  type Statement,
  statement,
} from '#platform/http/rotas-xapi.ts';

/** What the statements of a request have in common. */
export interface Origem {
  source: string;
  /** The source's own, for statements that do not say; undefined: they must. */
  unidade: string | undefined;
  /** Milliseconds since the epoch: the time of a statement without timestamp. */
  agora: number;
  pseudonimo: Pseudonimizador;
}

export interface Recusado {
  ok: false;
  id: string | null;
  motivo: CodigoHttp;
  detalhe: string;
}

export type Mapeado =
  | {
      ok: true;
      id: string;
      /** The CloudEvent, documents in the clear: for `examina`. */
      evento: object;
      /** The same for whatever says the same, its id aside. Holds no document. */
      impressao: string;
    }
  | Recusado;

interface Sentido {
  tipo: TipoInteracao;
  momento?: string;
}

const ADL = 'http://adlnet.gov/expapi/verbs/';

/** The moment of a self-instructional course's progress: the last of 25, 50 and 75 it has come to. */
function momentoDoProgresso({ result }: Statement): string {
  const progresso = result?.extensions?.[PROGRESSO];
  if (typeof progresso !== 'number' || progresso > 100) {
    throw new ErroHttp('PROGRESSO_NAO_MAPEADO', `progressed precisa de result.extensions.${PROGRESSO}, de 0 a 100`);
  }
  const momento = [75, 50, 25].find((m) => progresso >= m);
  if (momento === undefined) {
    throw new ErroHttp('PROGRESSO_NAO_MAPEADO', 'progressed conta a partir de 25: antes disso não há momento');
  }
  return String(momento);
}

function conclusao({ result }: Statement): Sentido {
  if (result?.completion === false) {
    throw new ErroHttp('VERBO_NAO_MAPEADO', 'verb.id: completed com result.completion false não é conclusão');
  }
  return { tipo: 'momento-digital', momento: '100' };
}

/** Verbs, by what they say. Source: the contract. */
const VERBOS: Readonly<Record<string, (s: Statement) => Sentido>> = {
  [`${ADL}initialized`]: () => ({ tipo: 'momento-digital', momento: 'inicio' }),
  [`${ADL}progressed`]: (s) => ({ tipo: 'momento-digital', momento: momentoDoProgresso(s) }),
  [`${ADL}completed`]: conclusao,
  // The older name, which Moodle's plugin has used for courses.
  'http://id.tincanapi.com/verb/completed': conclusao,
  'https://w3id.org/xapi/adl/verbs/abandoned': () => ({ tipo: 'abandono' }),
};

function sentidoDe(s: Statement): Sentido {
  const le = Object.hasOwn(VERBOS, s.verb.id) ? VERBOS[s.verb.id] : undefined;
  if (le === undefined) {
    const verbo = s.verb.id.slice(0, 200);
    throw new ErroHttp('VERBO_NAO_MAPEADO', `verb.id: '${verbo}' não corresponde a interação alguma`);
  }
  return le(s);
}

function atividadeDe({ object }: Statement): string {
  if ((object.objectType ?? 'Activity') !== 'Activity') {
    throw new ErroHttp('OBJETO_NAO_MAPEADO', 'object.objectType: só Activity, a solução, corresponde a interação');
  }
  if (object.id === undefined) throw new ErroHttp('ESQUEMA_INVALIDO', 'object.id: obrigatório');
  return object.id;
}

function cpfDe({ actor }: Statement): string {
  if (actor.objectType === 'Group' || actor.member !== undefined) {
    throw new ErroHttp('ATOR_SEM_CPF', 'actor: um grupo não é um cliente; envie um statement por pessoa');
  }
  if (actor.account?.homePage !== HOMEPAGE_DO_CPF) {
    const como = `o CPF vai em actor.account.name, com actor.account.homePage ${HOMEPAGE_DO_CPF}`;
    throw new ErroHttp('ATOR_SEM_CPF', `actor: e-mail e conta de outro sistema não são CPF; ${como}`);
  }
  return actor.account.name;
}

/** What the context says of the interaction, each field a text. */
function extensoesDe({ context }: Statement): Partial<Record<Extensao, string>> {
  const extensoes: Record<string, unknown> = context?.extensions ?? {};
  const nomes = Object.keys(extensoes).filter((iri) => iri.startsWith(PREFIXO_DE_EXTENSAO));
  const alheio = nomes.find((iri) => !EXTENSOES.some((e) => iri === PREFIXO_DE_EXTENSAO + e));
  if (alheio !== undefined) {
    throw new ErroHttp('ESQUEMA_INVALIDO', `context.extensions: não há extensão '${alheio.slice(0, 200)}'`);
  }
  return Object.fromEntries(nomes.map((iri) => [iri.slice(PREFIXO_DE_EXTENSAO.length), extensoes[iri]]));
}

/** `data` without the client. */
function dadosDe(s: Statement, { tipo, momento }: Sentido, origem: Origem): Record<string, string | undefined> {
  const { unidade = origem.unidade, matriculaId, ...extensoes } = extensoesDe(s);
  if (unidade === undefined) {
    const falta = `falta ${PREFIXO_DE_EXTENSAO}unidade, e a fonte não tem unidade sua`;
    throw new ErroHttp('ESQUEMA_INVALIDO', `context.extensions: ${falta}`);
  }
  const doMomento = {
    momento,
    matriculaId: matriculaId ?? s.context?.registration,
    sessaoId: s.context?.extensions?.[SESSAO],
  };
  return {
    tipoSolucao: 'curso-autoinstrucional',
    solucaoId: atividadeDe(s),
    unidade,
    canal: 'ead',
    ...extensoes,
    ...(tipo === 'momento-digital' && doMomento),
  };
}

/** A UUID (version 8: one's own making) of what an interaction says. */
function uuidDe(impressao: string): string {
  const variante = ((Number.parseInt(impressao.charAt(16), 16) & 3) | 8).toString(16);
  const [a, b, c] = [impressao.slice(0, 8), impressao.slice(8, 12), impressao.slice(13, 16)];
  return `${a}-${b}-8${c}-${variante}${impressao.slice(17, 20)}-${impressao.slice(20, 32)}`;
}

function mapeiaLido(s: Statement, origem: Origem): Mapeado {
  const sentido = sentidoDe(s);
  const dados = Object.entries(dadosDe(s, sentido, origem)).filter(([, v]) => v !== undefined);
  const cpf = cpfDe(s);
  // By pseudonym: from the hash of a CPF anybody could find the CPF.
  const dito = [sentido.tipo, s.timestamp ?? null, origem.pseudonimo(cpf), dados.sort(([a], [b]) => (a < b ? -1 : 1))];
  const impressao = hash('sha256', JSON.stringify(dito), 'hex');
  const id = s.id?.toLowerCase() ?? uuidDe(impressao);
  const evento = {
    specversion: '1.0',
    id,
    source: origem.source,
    type: PREFIXO_TIPO + sentido.tipo,
    time: s.timestamp ?? new Date(origem.agora).toISOString(),
    data: { ...Object.fromEntries(dados), cliente: { pf: { cpf } } },
  };
  return { ok: true, id, evento, impressao };
}

function errosDe({ issues }: z.ZodError): string {
  return issues
    .slice(0, 20)
    .map((i) => (i.path.length === 0 ? i.message : `${i.path.join('.')}: ${i.message}`))
    .join('; ');
}

/**
 * The interaction an xAPI statement stands for, as the contract maps it. One without id is given one out of what it
 * says, so that a repeat is the same event.
 * @param corpo parsed JSON, anything
 * @returns a CloudEvent for the door to look at like any other, or why there is none, naming no document
 */
export function mapeia(corpo: unknown, origem: Origem): Mapeado {
  const lido = statement.safeParse(corpo);
  if (!lido.success) {
    const id = statement.shape.id.safeParse((corpo as { id?: unknown } | null | undefined)?.id).data ?? null;
    return { ok: false, id, motivo: 'ESQUEMA_INVALIDO', detalhe: ocultaCpf(errosDe(lido.error)) };
  }
  try {
    return mapeiaLido(lido.data, origem);
  } catch (erro) {
    if (!(erro instanceof ErroHttp)) throw erro;
    return { ok: false, id: lido.data.id ?? null, motivo: erro.codigo, detalhe: ocultaCpf(erro.message) };
  }
}

const ONDE: readonly [RegExp, string][] = [
  [/\bdata\.cliente\.pf\.cpf\b/g, 'actor.account.name'],
  [/\bdata\.sessaoId\b/g, `context.extensions.${SESSAO}`],
  [/\bdata\.solucaoId\b/g, `object.id ou ${PREFIXO_DE_EXTENSAO}solucaoId`],
  [/\bdata\.(unidade|canal|disponibilizacaoId|matriculaId)\b/g, `${PREFIXO_DE_EXTENSAO}$1`],
  [/(^|; )time:/g, '$1timestamp:'],
];

/** What the door says of the event's fields, said of the statement's. */
export function doStatement(detalhe: string): string {
  return ONDE.reduce((texto, [campo, lugar]) => texto.replace(campo, lugar), detalhe);
}
