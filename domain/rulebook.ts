import { z } from 'zod';
import './linguagem.ts';
import {
  MOTIVOS_CONTABILIZA,
  MOTIVOS_NAO_CONTABILIZA,
  type MotivoContabiliza,
  type MotivoNaoContabiliza,
} from './decisao.ts';
import { TIPOS_INTERACAO, type TipoInteracao } from './interacao.ts';
import { inicioDoDia } from './tempo.ts';

const metrica = z.enum([
  'atendimento',
  'informacao',
  'comercializacao',
  'campanha',
  'improcedente',
  'ausencia',
  'jornada',
]);
const modalidade = z.enum(['presencial', 'a-distancia']);
const tipoInteracao = z.enum(TIPOS_INTERACAO);
const naoContabiliza = z.enum(MOTIVOS_NAO_CONTABILIZA as unknown as [MotivoNaoContabiliza, ...MotivoNaoContabiliza[]]);
const contabiliza = z.enum(MOTIVOS_CONTABILIZA as unknown as [MotivoContabiliza, ...MotivoContabiliza[]]);
const texto = z.string().min(1);
const dia = z.iso.date();

/** What a delivery's key may be made of; `dia` is the interaction's calendar day. */
const campoDeChave = z.enum([
  'disponibilizacaoId',
  'solucaoId',
  'matriculaId',
  'momento',
  'sessaoId',
  'protocolo',
  'conteudoId',
  'dia',
  'pjCriada',
  'contratoId',
]);
export type CampoDeChave = z.infer<typeof campoDeChave>;

/** How one kind of interaction counts for one type. */
const contagem = z.strictObject({
  motivo: contabiliza,
  /** Alternatives, in order: the first whose fields are all present. None: the event itself. */
  chave: z.array(z.array(campoDeChave)),
  /** The only moments that count, whatever portfolio and event say. */
  somenteMomentos: z.array(texto).optional(),
  somenteNatureza: texto.optional(),
  somenteSolicitado: z.boolean().optional(),
  somentePapel: texto.optional(),
  somenteUnidade: texto.optional(),
  excluiPatrocinado: z.boolean().optional(),
  /** Whether figures of presence must be given: a collective one is proved by them (RG-2). */
  exigeComprovacao: z.boolean().optional(),
  duracaoMinimaMin: z.number().positive().optional(),
  /** Whether giving no duration at all fails the minimum. */
  exigeDuracao: z.boolean().optional(),
  dispensaResponsavel: z.boolean().optional(),
});
export type Contagem = z.infer<typeof contagem>;

const tipo = z.strictObject({
  clausula: texto,
  nome: texto,
  propostaValor: texto,
  publico: z.enum(['pf', 'pj']),
  creditos: z.array(z.enum(['pf', 'pj'])),
  modalidades: z.array(modalidade).min(1),
  estruturas: z.array(z.enum(['individual', 'coletiva', 'automatizada'])).min(1),
  intermediacao: z.array(z.enum(['assistida', 'nao-assistida'])).min(1),
  disponibilizacao: z.enum(['sim', 'nao', 'opcional']),
  exigeSolucao: z.boolean(),
  /** Kinds (`kind` or `kind:natureza`) that make sense for the type without counting. */
  aceita: z.array(texto).optional(),
  contabiliza: z.partialRecord(tipoInteracao, contagem).optional(),
  nuncaContabiliza: z
    .strictObject({
      metrica,
      motivo: naoContabiliza,
      motivoPorInteracao: z.partialRecord(tipoInteracao, naoContabiliza).optional(),
    })
    .optional(),
});
export type TipoSolucao = z.infer<typeof tipo>;

const interacao = z.strictObject({
  /** The metric of one that does not count. */
  metrica,
  /** A field that, with one of these values, changes the metric. */
  metricaQuando: z
    .strictObject({
      campo: z.enum(['acao', 'contatoComPessoaCerta']),
      valores: z.array(z.union([z.string(), z.boolean()])),
      metrica,
    })
    .optional(),
  /** Never counts, whatever the type, save for a type that counts on this very kind. */
  regraGeral: z.strictObject({ motivo: naoContabiliza, regra: texto.nullable() }).optional(),
  /** Makes sense only for the types that accept or count it. */
  restrita: z.boolean().optional(),
  exigeSolucao: z.boolean().optional(),
  exigeDisponibilizacao: z.boolean().optional(),
});
export type RegraDeInteracao = z.infer<typeof interacao>;

const indicador = z.strictObject({
  nome: texto,
  publico: z.array(z.enum(['pf', 'pj'])).min(1),
  periodo: z.enum(['ano', 'mes']),
  excluiTipos: z.array(texto).optional(),
  somenteTipos: z.array(texto).optional(),
  /** Only deliveries whose interaction names no PJ. */
  somenteSemPj: z.boolean().optional(),
});
export type Indicador = z.infer<typeof indicador>;

const rulebook = z.strictObject({
  versao: texto,
  documento: texto,
  /** Calendar days in America/Sao_Paulo; `ate` is the last day, null: still in force. */
  vigencia: z.strictObject({ de: dia, ate: dia.nullable() }),
  interpretacoes: z.array(z.strictObject({ sobre: texto, escolha: texto, onde: texto })),
  toleranciaFuturoMin: z.number().nonnegative(),
  janelaTardiaDias: z.number().int().nonnegative(),
  naoIdentificado: z.strictObject({ perfis: z.array(texto), publicosAlvo: z.array(texto) }),
  canais: z.record(texto, modalidade),
  interacoes: z.record(tipoInteracao, interacao),
  tiposSolucao: z.record(texto, tipo),
  indicadores: z.record(texto, indicador),
});
/** One version of the rules, as its YAML file has it (`rulebook/`), validated. */
export type Rulebook = z.infer<typeof rulebook>;

export interface ErroDeRulebook {
  /** Dotted path inside the file. */
  campo: string;
  mensagem: string;
}

/** Codes that point at nothing: what the shape alone cannot see. */
function referencias(r: Rulebook): ErroDeRulebook[] {
  const erros: ErroDeRulebook[] = [];
  const kinds: readonly string[] = TIPOS_INTERACAO;
  for (const [codigo, t] of Object.entries(r.tiposSolucao)) {
    const base = `tiposSolucao.${codigo}`;
    for (const [n, a] of (t.aceita ?? []).entries()) {
      if (!kinds.includes(a.split(':')[0] ?? '')) {
        erros.push({ campo: `${base}.aceita.${n}`, mensagem: `'${a}' não é uma interação` });
      }
    }
    for (const [n, a] of (t.aceita ?? []).entries()) {
      const kind = r.interacoes[(a.split(':')[0] ?? '') as TipoInteracao];
      if (kind !== undefined && kind.regraGeral === undefined && t.nuncaContabiliza === undefined) {
        erros.push({ campo: `${base}.aceita.${n}`, mensagem: `'${a}' não diz como conta: ponha-a em contabiliza` });
      }
    }
    if ((t.contabiliza === undefined) === (t.nuncaContabiliza === undefined)) {
      erros.push({ campo: base, mensagem: 'precisa de exatamente um entre contabiliza e nuncaContabiliza' });
    }
    if (t.contabiliza !== undefined && t.creditos.length === 0) {
      erros.push({ campo: `${base}.creditos`, mensagem: 'um tipo que contabiliza credita alguém' });
    }
  }
  for (const [codigo, ind] of Object.entries(r.indicadores)) {
    for (const lista of ['excluiTipos', 'somenteTipos'] as const) {
      for (const [n, t] of (ind[lista] ?? []).entries()) {
        if (r.tiposSolucao[t] === undefined) {
          erros.push({ campo: `indicadores.${codigo}.${lista}.${n}`, mensagem: `'${t}' não é um tipo de solução` });
        }
      }
    }
  }
  if (r.vigencia.ate !== null && r.vigencia.ate < r.vigencia.de) {
    erros.push({ campo: 'vigencia.ate', mensagem: 'termina antes de começar' });
  }
  return erros;
}

/**
 * Validates one version whole.
 * @returns the rulebook, or every error in it, each with its path
 */
export function parseRulebook(dados: unknown): { rulebook: Rulebook } | { erros: ErroDeRulebook[] } {
  const lido = rulebook.safeParse(dados);
  if (!lido.success) {
    return { erros: lido.error.issues.map((i) => ({ campo: i.path.join('.'), mensagem: i.message })) };
  }
  const erros = referencias(lido.data);
  return erros.length > 0 ? { erros } : { rulebook: lido.data };
}

/** What versions may not share: their name, which every decision cites, and their first day. */
export function conflitos(versoes: readonly Rulebook[]): string[] {
  const repetidos = (valores: string[]): string[] => valores.filter((v, n) => valores.indexOf(v) !== n);
  return [
    ...repetidos(versoes.map((v) => v.versao)).map((v) => `duas versões se chamam '${v}'`),
    ...repetidos(versoes.map((v) => v.vigencia.de)).map((v) => `duas versões começam em ${v}`),
  ];
}

/** A version and the instant (ms) from which it decides. */
export interface Vigencia {
  desde: number;
  rulebook: Rulebook;
}

/** The versions of the rules, by when they are in force. */
export class Rulebooks {
  /** The newest first. */
  readonly #versoes: readonly Vigencia[];

  /** @param versoes at least one, in any order; overlapping ones are resolved for the one that began later */
  constructor(versoes: readonly (Rulebook | Vigencia)[]) {
    if (versoes.length === 0) throw new Error('no rulebook version was given');
    this.#versoes = versoes
      .map((v) => ('rulebook' in v ? v : { desde: inicioDoDia(v.vigencia.de), rulebook: v }))
      .sort((a, b) => b.desde - a.desde);
  }

  /** These, but for one version that takes the place of all others from an instant on, whatever its own vigencia. */
  aPartirDe({ desde, rulebook }: Vigencia): Rulebooks {
    const ficam = this.#versoes.filter((v) => v.desde < desde);
    const primeira = this.#versoes.at(-1);
    // The first version decides what is older than all, hence stays whatever takes the place of the others.
    if (ficam.length === 0 && primeira !== undefined) ficam.push({ ...primeira, desde: Number.NEGATIVE_INFINITY });
    return new Rulebooks([{ desde, rulebook }, ...ficam]);
  }

  /** The version for an interaction of `time` (ms); one from before the first version is decided by the first. */
  em(time: number): Rulebook {
    const versao = this.#versoes.find((v) => v.desde <= time) ?? this.#versoes.at(-1);
    if (versao === undefined) throw new Error('unreachable: the constructor refuses an empty list');
    return versao.rulebook;
  }

  /** The newest first. */
  vigencias(): readonly Vigencia[] {
    return this.#versoes;
  }

  todos(): Rulebook[] {
    return this.#versoes.map((v) => v.rulebook);
  }
}
