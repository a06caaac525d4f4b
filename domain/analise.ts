import type { Estrutura, Modalidade } from './decisao.ts';
import type { Interacao } from './interacao.ts';
import type { Disponibilizacao, Portfolio, Solucao } from './portfolio.ts';
import type { Contagem, RegraDeInteracao, Rulebook, TipoSolucao } from './rulebook.ts';

/** What a decision is made from. */
export interface Entrada {
  interacao: Interacao;
  rulebook: Rulebook;
  portfolio: Portfolio;
  /** The broker's timestamp of the record (ms); offline, the present. */
  registradaEm: number;
  /** A document the parser found invalid, and where: only offline does one get past the door. */
  documentoInvalido?: DocumentoInvalido | null;
}

export interface DocumentoInvalido {
  motivo: 'CPF_INVALIDO' | 'CNPJ_INVALIDO';
  campo: string;
}

/** An {@link Entrada} with everything its tests look up, looked up once. */
export interface Analise extends Entrada {
  regra: RegraDeInteracao | undefined;
  tipo: TipoSolucao | undefined;
  /** How this kind counts for this type; undefined: it cannot. */
  contagem: Contagem | undefined;
  solucao: Solucao | undefined;
  oferta: Disponibilizacao | undefined;
  modalidade: Modalidade | null;
}

/** Own properties only: a code off the wire may be `constructor`. */
function item<T>(tabela: Readonly<Record<string, T>>, codigo: string | null): T | undefined {
  return codigo !== null && Object.hasOwn(tabela, codigo) ? tabela[codigo] : undefined;
}

export function analisa(entrada: Entrada): Analise {
  const { interacao: i, rulebook, portfolio } = entrada;
  const tipo = item(rulebook.tiposSolucao, i.tipoSolucao);
  const oferta = i.disponibilizacaoId === null ? undefined : portfolio.disponibilizacao(i.disponibilizacaoId);
  const solucaoId = i.solucaoId ?? oferta?.solucaoId ?? null;
  return {
    interacao: i,
    rulebook,
    portfolio,
    registradaEm: entrada.registradaEm,
    documentoInvalido: entrada.documentoInvalido ?? null,
    regra: item<RegraDeInteracao>(rulebook.interacoes, i.tipoInteracao),
    tipo,
    contagem: tipo?.contabiliza === undefined ? undefined : item<Contagem>(tipo.contabiliza, i.tipoInteracao),
    solucao: solucaoId === null ? undefined : portfolio.solucao(solucaoId),
    oferta,
    modalidade: item(rulebook.canais, i.canal) ?? null,
  };
}

/** Whether the interaction makes sense for the type at all. */
export function aceita({ interacao: i, tipo, contagem }: Analise): boolean {
  if (contagem !== undefined) return contagem.somenteNatureza === undefined || contagem.somenteNatureza === i.natureza;
  const aceitas = tipo?.aceita ?? [];
  return aceitas.includes(i.tipoInteracao) || aceitas.includes(`${i.tipoInteracao}:${i.natureza}`);
}

/** Whether a professional takes part: decided by the type, or by the interaction where the type allows both. */
export function assistida({ interacao: i, tipo, contagem }: Analise): boolean {
  if (tipo === undefined || contagem?.dispensaResponsavel === true) return false;
  if (tipo.intermediacao.length > 1) return i.intermediacao === 'assistida';
  return tipo.intermediacao[0] === 'assistida';
}

/** informacao alone has two structures: automated when no professional took part. */
export function estruturaDe(a: Analise): Estrutura | null {
  const estruturas = a.tipo?.estruturas ?? [];
  if (estruturas.length < 2) return estruturas[0] ?? null;
  const automatizada = a.interacao.tipoInteracao === 'momento-digital' || a.interacao.intermediacao === 'nao-assistida';
  return automatizada ? 'automatizada' : 'individual';
}

/** Presences over stages, 0 to 1; null: no figure was given. */
export function frequenciaDe({ interacao: i, oferta }: Analise): number | null {
  if (i.frequencia !== null) return i.frequencia;
  if (i.presencas === null) return null;
  return i.presencas / (i.etapas ?? oferta?.etapas ?? 1);
}

/** Minutes proved: the total of an estruturada one when given. */
export function duracaoDe({ interacao: i }: Analise): number | null {
  return i.forma === 'estruturada' ? (i.duracaoTotalMin ?? i.duracaoMin) : i.duracaoMin;
}

/** A basic-education student not identified, in a solution of educação empreendedora meant for students. */
export function estudante({ interacao: i, rulebook, solucao }: Analise): boolean {
  const perfil = i.cliente?.naoIdentificado?.perfil;
  const publico = solucao?.educacaoEmpreendedora?.publicoAlvo;
  return (
    perfil !== undefined &&
    publico !== undefined &&
    rulebook.naoIdentificado.perfis.includes(perfil) &&
    rulebook.naoIdentificado.publicosAlvo.includes(publico)
  );
}

/** The clients the type credits, of those the interaction names. */
export function creditosDe(a: Analise): string[] {
  const [pf, pj] = [pfCreditada(a), pjCreditada(a)];
  // Arrays as large as they are: one that is added to takes room for more.
  if (pf === null) return pj === null ? [] : [pj];
  return pj === null ? [pf] : [pf, pj];
}

/** Whether the type credits nobody of those the interaction names. */
export function semCreditos(a: Analise): boolean {
  return pfCreditada(a) === null && pjCreditada(a) === null;
}

function pfCreditada({ interacao: { cliente }, tipo }: Analise): string | null {
  return cliente !== null && tipo?.creditos.includes('pf') ? cliente.pf : null;
}

function pjCreditada({ interacao: { cliente }, tipo }: Analise): string | null {
  return cliente !== null && tipo?.creditos.includes('pj') ? (cliente.pj?.id ?? null) : null;
}
