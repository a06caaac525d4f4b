/** The kinds of interaction: the suffix of a CloudEvent's `type` after {@link PREFIXO_TIPO}. */
export const TIPOS_INTERACAO = [
  'momento-digital',
  'check-in',
  'contratacao',
  'atendimento',
  'consolidacao-participacao',
  'consolidacao-disponibilizacao',
  'acesso-conteudo',
  'envio-conteudo',
  'visualizacao-oferta',
  'inscricao',
  'agendamento',
  'cancelamento',
  'ausencia',
  'contato-improcedente',
  'campanha-ativa',
  'email-marketing',
  'cadastro',
  'login',
  'abandono',
  'estorno',
] as const;
export type TipoInteracao = (typeof TIPOS_INTERACAO)[number];

export const PREFIXO_TIPO = 'br.com.sebrae.interacao.';

/** Identity of an event: `id` is unique within `source`. */
export interface IdentidadeEvento {
  source: string;
  id: string;
}

export type Vinculo = 'indicacao' | 'enriquecimento';

/** Who an interaction was with, by pseudonym: documents never get this far. */
export interface Cliente {
  /** `pf:` + 22 base64url characters. */
  pf: string | null;
  /** `id` is `pj:` + the 14 characters of the CNPJ. */
  pj: { id: string; vinculo: Vinculo } | null;
  /** Beside neither pf nor pj. `quantidade` ≥ 1. */
  naoIdentificado: { perfil: string; quantidade: number } | null;
}

export interface Responsavel {
  id: string;
  papel: string;
}

/** One line of the list a closing may carry. */
export interface Participante {
  cliente: Cliente;
  presencas: number | null;
  frequencia: number | null;
  papel: string | null;
}

/**
 * One interaction as it stands in Kafka (`schemas/Interacao.avsc`, field by field). Absent is null, so that what is
 * decoded from Avro and what is parsed from JSON are the same object.
 */
export interface Interacao extends IdentidadeEvento {
  /** A {@link TipoInteracao} where the record is valid; any string off the wire. */
  tipoInteracao: string;
  /** When it happened: milliseconds since the epoch. */
  time: number;
  /** The Sebrae unit: a UF or NA. */
  unidade: string;
  tipoSolucao: string | null;
  solucaoId: string | null;
  disponibilizacaoId: string | null;
  canal: string | null;
  cliente: Cliente | null;
  responsavel: Responsavel | null;
  intermediacao: string | null;
  momento: string | null;
  contabiliza: boolean | null;
  matriculaId: string | null;
  sessaoId: string | null;
  etapa: string | null;
  contratoId: string | null;
  instituicaoFinanceira: string | null;
  valor: number | null;
  protocolo: string | null;
  forma: string | null;
  /** Minutes. */
  duracaoMin: number | null;
  /** Minutes, over the whole of an estruturada one. */
  duracaoTotalMin: number | null;
  /** The 14 characters of a CNPJ. */
  pjCriada: string | null;
  presencas: number | null;
  etapas: number | null;
  /** 0 to 1. */
  frequencia: number | null;
  papel: string | null;
  participantes: Participante[] | null;
  conteudoId: string | null;
  natureza: string | null;
  acao: string | null;
  solicitado: boolean | null;
  causa: string | null;
  finalidade: string | null;
  contatoComPessoaCerta: boolean | null;
  estornada: IdentidadeEvento | null;
}

/** Every field absent: the ground on which parsers and tests lay what they have. */
export const INTERACAO_VAZIA: Interacao = {
  source: '',
  id: '',
  tipoInteracao: '',
  time: 0,
  unidade: '',
  tipoSolucao: null,
  solucaoId: null,
  disponibilizacaoId: null,
  canal: null,
  cliente: null,
  responsavel: null,
  intermediacao: null,
  momento: null,
  contabiliza: null,
  matriculaId: null,
  sessaoId: null,
  etapa: null,
  contratoId: null,
  instituicaoFinanceira: null,
  valor: null,
  protocolo: null,
  forma: null,
  duracaoMin: null,
  duracaoTotalMin: null,
  pjCriada: null,
  presencas: null,
  etapas: null,
  frequencia: null,
  papel: null,
  participantes: null,
  conteudoId: null,
  natureza: null,
  acao: null,
  solicitado: null,
  causa: null,
  finalidade: null,
  contatoComPessoaCerta: null,
  estornada: null,
};

/** The topic an interaction belongs to: presences travel by offer, everything else by client. */
export function topicoDe(i: Interacao): 'presencas' | 'interacoes' {
  const presenca = i.tipoInteracao === 'check-in' || i.tipoInteracao === 'consolidacao-disponibilizacao';
  const comOferta = presenca || i.tipoInteracao === 'estorno';
  return comOferta && i.disponibilizacaoId !== null ? 'presencas' : 'interacoes';
}

/** The client an interaction is kept in order by: the PF, else the PJ, else nobody. */
export function clientePrincipal(i: Interacao): string | null {
  return i.cliente?.pf ?? i.cliente?.pj?.id ?? null;
}

/** The Kafka key: the offer in `presencas`; in `interacoes` the client, else the event itself. */
export function chaveDeParticao(i: Interacao): string {
  if (topicoDe(i) === 'presencas' && i.disponibilizacaoId !== null) return i.disponibilizacaoId;
  return clientePrincipal(i) ?? `${i.source}+${i.id}`;
}

/** The people it names: its client, and those of its list. */
export function* pessoasDe({ cliente, participantes }: Interacao): Generator<string> {
  for (const um of [cliente, ...(participantes ?? []).map((p) => p.cliente)]) if (um?.pf != null) yield um.pf;
}

/** The same with people under other names; itself where nobody's is another. */
export function renomeada(i: Interacao, nome: (pf: string) => string): Interacao {
  if ([...pessoasDe(i)].every((pf) => nome(pf) === pf)) return i;
  const de = <C extends Cliente | null>(c: C): C => (c === null || c.pf === null ? c : { ...c, pf: nome(c.pf) });
  const participantes = i.participantes?.map((p) => ({ ...p, cliente: de(p.cliente) })) ?? null;
  return { ...i, cliente: de(i.cliente), participantes };
}
