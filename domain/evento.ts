import { z } from 'zod';
import './linguagem.ts';
import type { DocumentoInvalido } from './analise.ts';
import {
  erroDeContrato,
  PAPEIS_DE_PARTICIPANTE,
  PAPEIS_DE_RESPONSAVEL,
  PRIMEIRO_INSTANTE,
  UNIDADES,
} from './contrato.ts';
import { cnpjValido, cpfValido, idDaPj, normalizaDocumento, type Pseudonimizador } from './documento.ts';
import { type Cliente, INTERACAO_VAZIA, type Interacao, PREFIXO_TIPO, TIPOS_INTERACAO } from './interacao.ts';

/** Long enough for any code or id a system uses, short enough to be a key. */
const texto = z
  .string()
  .min(1)
  .max(512)
  // Half a character would be another once written in UTF-8: two ids would become one.
  .refine((t) => t.isWellFormed(), { error: 'tem caracteres quebrados, que UTF-8 não escreve' });
const inteiro = z.int().min(0).max(2_147_483_647);
const positivo = z.int().min(1).max(2_147_483_647);
const minutos = z.number().min(0);

const clienteDoEvento = z
  .strictObject({
    pf: z.strictObject({ cpf: z.string().max(512) }).optional(),
    pj: z
      .strictObject({
        cnpj: z.string().max(512),
        vinculo: z.enum(['indicacao', 'enriquecimento']).default('indicacao'),
      })
      .optional(),
    naoIdentificado: z.strictObject({ perfil: texto, quantidade: positivo.default(1) }).optional(),
  })
  .refine((c) => c.naoIdentificado === undefined || (c.pf === undefined && c.pj === undefined), {
    path: ['naoIdentificado'],
    error: 'não acompanha pf nem pj',
  });
type ClienteDoEvento = z.infer<typeof clienteDoEvento>;

const identidade = z.strictObject({ source: texto, id: texto });

/** `data` of every kind: one object, for a field means the same wherever it stands. What each requires: CONTRATO. */
export const dadosDoEvento = z.strictObject({
  unidade: texto.meta({ enum: UNIDADES }),
  tipoSolucao: texto.optional(),
  solucaoId: texto.optional(),
  disponibilizacaoId: texto.optional(),
  canal: texto.optional(),
  cliente: clienteDoEvento.optional(),
  responsavel: z.strictObject({ id: texto, papel: z.enum(PAPEIS_DE_RESPONSAVEL) }).optional(),
  intermediacao: texto.optional(),
  momento: texto.optional(),
  contabiliza: z.boolean().optional(),
  matriculaId: texto.optional(),
  sessaoId: texto.optional(),
  etapa: texto.optional(),
  contratoId: texto.optional(),
  instituicaoFinanceira: texto.optional(),
  valor: z.number().min(0).optional(),
  protocolo: texto.optional(),
  forma: texto.optional(),
  duracaoMin: minutos.optional(),
  duracaoTotalMin: minutos.optional(),
  pjCriada: texto.optional(),
  presencas: inteiro.optional(),
  etapas: positivo.optional(),
  frequencia: z.number().min(0).max(1).optional(),
  papel: texto.optional(),
  participantes: z
    .array(
      z.strictObject({
        cliente: clienteDoEvento,
        presencas: inteiro.optional(),
        frequencia: z.number().min(0).max(1).optional(),
        papel: z.enum(PAPEIS_DE_PARTICIPANTE).optional(),
      }),
    )
    .optional(),
  conteudoId: texto.optional(),
  natureza: texto.optional(),
  acao: texto.optional(),
  solicitado: z.boolean().optional(),
  causa: texto.optional(),
  finalidade: texto.optional(),
  contatoComPessoaCerta: z.boolean().optional(),
  estornada: identidade.optional(),
});
type Dados = z.infer<typeof dadosDoEvento>;

const semHora = 'precisa ser data e hora com fuso, como 2026-03-02T10:15:00-03:00';
const dataEHora = z.iso.datetime({ offset: true, error: semHora });
/** RFC 3339 allows a lower-case t and z (5.6), and CloudEvents what it allows. */
const hora = z
  .string(semHora)
  .toUpperCase()
  .check(dataEHora)
  .refine((t) => !(Date.parse(t) < PRIMEIRO_INSTANTE), { error: 'anterior a 1972, quando o Sebrae foi criado' })
  .meta({ pattern: String(z.toJSONSchema(dataEHora).pattern).replace(')T(', ')[Tt](').replace('(?:Z|', '(?:[Zz]|') });

/** A CloudEvent 1.0 in JSON; extension attributes are allowed, and left behind. */
export const cloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: texto,
  source: texto,
  type: z
    .string()
    .max(512)
    .refine((t) => t.startsWith(PREFIXO_TIPO), { error: `precisa começar com ${PREFIXO_TIPO}` })
    .meta({ enum: TIPOS_INTERACAO.map((tipo) => PREFIXO_TIPO + tipo) }),
  time: hora,
  data: dadosDoEvento,
});

/** A field and what is wrong with it, in Portuguese. */
export interface ErroDeCampo {
  campo: string;
  mensagem: string;
}

/** What is wrong with a field that {@link EventoLido} says the contract does not have. */
export const campoDesconhecido = (campo: string): ErroDeCampo => ({ campo, mensagem: 'o contrato não tem este campo' });

/** Errors as one text; of what is wrong with the whole only the words. */
export function textoDosErros(erros: readonly ErroDeCampo[]): string {
  return erros.map(({ campo, mensagem }) => (campo === '' ? mensagem : `${campo}: ${mensagem}`)).join('; ');
}

export type EventoLido =
  | {
      ok: true;
      interacao: Interacao;
      documentoInvalido: DocumentoInvalido | null;
      /** Fields of `data` the contract does not have: the door refuses them, offline they are ignored. */
      desconhecidos: string[];
    }
  | { ok: false; source: string | null; id: string | null; erros: ErroDeCampo[] };

/** Reads documents: keeps ids, remembers the first that is wrong. */
class LeitorDeDocumentos {
  invalido: DocumentoInvalido | null = null;
  readonly #pseudonimo: Pseudonimizador;

  constructor(pseudonimo: Pseudonimizador) {
    this.#pseudonimo = pseudonimo;
  }

  #recusa(motivo: DocumentoInvalido['motivo'], campo: string): null {
    // CPF is tested before CNPJ, wherever each stands.
    if (this.invalido === null || (this.invalido.motivo === 'CNPJ_INVALIDO' && motivo === 'CPF_INVALIDO')) {
      this.invalido = { motivo, campo };
    }
    return null;
  }

  cliente(c: ClienteDoEvento, campo: string): Cliente {
    return {
      pf: c.pf === undefined ? null : this.#pf(c.pf.cpf, `${campo}.pf.cpf`),
      pj: c.pj === undefined ? null : this.#pj(c.pj, `${campo}.pj.cnpj`),
      naoIdentificado: c.naoIdentificado ?? null,
    };
  }

  #pf(cpf: string, campo: string): string | null {
    return cpfValido(cpf) ? this.#pseudonimo(cpf) : this.#recusa('CPF_INVALIDO', campo);
  }

  #pj({ cnpj, vinculo }: NonNullable<ClienteDoEvento['pj']>, campo: string): Cliente['pj'] {
    return cnpjValido(cnpj) ? { id: idDaPj(cnpj), vinculo } : this.#recusa('CNPJ_INVALIDO', campo);
  }

  cnpj(documento: string, campo: string): string | null {
    return cnpjValido(documento) ? normalizaDocumento(documento) : this.#recusa('CNPJ_INVALIDO', campo);
  }
}

/** The simple fields of `data`: those an Interacao has under the same name and form. */
type CampoSimples = Exclude<keyof Dados & keyof Interacao, 'cliente' | 'participantes' | 'pjCriada'>;

function interacaoDe(evento: z.infer<typeof cloudEvent>, leitor: LeitorDeDocumentos): Interacao {
  const { cliente, participantes, pjCriada, ...simples } = evento.data;
  const presentes = Object.fromEntries(Object.entries(simples).filter(([, v]) => v !== undefined)) as Pick<
    Interacao,
    CampoSimples
  >;
  return {
    ...INTERACAO_VAZIA,
    ...presentes,
    source: evento.source,
    id: evento.id,
    tipoInteracao: evento.type.slice(PREFIXO_TIPO.length),
    time: Date.parse(evento.time),
    cliente: cliente === undefined ? null : leitor.cliente(cliente, 'data.cliente'),
    participantes:
      participantes?.map((p, n) => ({
        cliente: leitor.cliente(p.cliente, `data.participantes.${n}.cliente`),
        presencas: p.presencas ?? null,
        frequencia: p.frequencia ?? null,
        papel: p.papel ?? null,
      })) ?? null,
    pjCriada: pjCriada === undefined ? null : leitor.cnpj(pjCriada, 'data.pjCriada'),
  };
}

function textoOuNulo(valor: unknown, campo: string): string | null {
  const v = typeof valor === 'object' && valor !== null ? (valor as Record<string, unknown>)[campo] : undefined;
  return typeof v === 'string' ? v : null;
}

type Caminho = readonly PropertyKey[];

function camposDesconhecidos(erro: z.ZodError): { desconhecidos: Caminho[]; erros: ErroDeCampo[] } {
  const desconhecidos: Caminho[] = [];
  const erros: ErroDeCampo[] = [];
  for (const i of erro.issues) {
    if (i.code === 'unrecognized_keys') desconhecidos.push(...i.keys.map((k) => [...i.path, k]));
    else erros.push({ campo: i.path.join('.'), mensagem: i.message });
  }
  return { desconhecidos, erros };
}

/** Deeper than any field of the contract: what lies below is never read, and may be deep enough to exhaust the stack. */
const PROFUNDIDADE = 8;

/** A null field is an absent one, as CloudEvents has it for attributes. */
function semNulos(valor: unknown, profundidade = 0): unknown {
  if (typeof valor !== 'object' || valor === null || profundidade > PROFUNDIDADE) return valor;
  if (Array.isArray(valor)) return valor.map((v) => semNulos(v, profundidade + 1));
  return Object.fromEntries(
    Object.entries(valor)
      .filter(([, v]) => v !== null)
      .map(([k, v]) => [k, semNulos(v, profundidade + 1)]),
  );
}

/** Drops the fields named, so that the rest can be read. */
function retira(evento: unknown, caminhos: readonly Caminho[]): void {
  for (const caminho of caminhos) {
    const ultima = caminho.at(-1);
    const alvo = caminho
      .slice(0, -1)
      .reduce<unknown>((v, p) => (v as Record<PropertyKey, unknown> | undefined)?.[p], evento);
    if (ultima !== undefined && typeof alvo === 'object' && alvo !== null) Reflect.deleteProperty(alvo, ultima);
  }
}

type Lido =
  | { ok: true; evento: z.infer<typeof cloudEvent>; desconhecidos: string[] }
  | { ok: false; erros: ErroDeCampo[] };

/** Most events hold no null and no field of their own: they are parsed once, the others again without those. */
function le(evento: unknown): Lido {
  const direto = cloudEvent.safeParse(evento);
  if (direto.success) return { ok: true, evento: direto.data, desconhecidos: [] };
  const limpo = semNulos(evento);
  const semNulo = cloudEvent.safeParse(limpo);
  if (semNulo.success) return { ok: true, evento: semNulo.data, desconhecidos: [] };
  const { desconhecidos, erros } = camposDesconhecidos(semNulo.error);
  if (erros.length > 0) return { ok: false, erros };
  // A copy of ours: semNulos made every object on the way to a field of the contract.
  retira(limpo, desconhecidos);
  const conhecido = cloudEvent.safeParse(limpo);
  if (!conhecido.success) return { ok: false, erros: camposDesconhecidos(conhecido.error).erros };
  return { ok: true, evento: conhecido.data, desconhecidos: desconhecidos.map((c) => c.join('.')) };
}

/**
 * Reads one CloudEvent off the wire into an {@link Interacao}, replacing documents by ids.
 * @param evento parsed JSON, anything
 * @param pseudonimo the client id of a CPF
 * @returns the interaction, or every field that is wrong
 */
export function leEvento(evento: unknown, pseudonimo: Pseudonimizador): EventoLido {
  const recusado = (erros: ErroDeCampo[]): EventoLido => ({
    ok: false,
    source: textoOuNulo(evento, 'source'),
    id: textoOuNulo(evento, 'id'),
    erros,
  });
  const lido = le(evento);
  if (!lido.ok) return recusado(lido.erros);
  const leitor = new LeitorDeDocumentos(pseudonimo);
  const interacao = interacaoDe(lido.evento, leitor);
  const erro = erroDeContrato(interacao);
  // A document refused was read as absent, which is no fault of the contract's.
  if (erro !== null) {
    const campo = erro.split(':')[0] ?? '';
    const mensagem = erro.slice(`${campo}: `.length);
    return recusado([{ campo: campo === 'type' ? campo : `data.${campo}`, mensagem }]);
  }
  return { ok: true, interacao, documentoInvalido: leitor.invalido, desconhecidos: lido.desconhecidos };
}
