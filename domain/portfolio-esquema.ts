import { z } from 'zod';
import './linguagem.ts';
import { PAPEIS_DE_RESPONSAVEL } from './contrato.ts';
import type { ErroDeCampo } from './evento.ts';
import type { Disponibilizacao, Portfolio, Solucao } from './portfolio.ts';

const texto = z.string().min(1).max(512);

/** A solution as a producer sends it. */
export const solucaoDoEvento = z.strictObject({
  id: texto,
  tipoSolucao: texto,
  nome: texto,
  frequenciaMinima: z.number().min(0).max(1).nullish(),
  momentos: z.record(texto, z.boolean()).nullish(),
  educacaoEmpreendedora: z.strictObject({ publicoAlvo: z.enum(['professor', 'estudante', 'ambos']) }).nullish(),
});

/** An offer as a producer sends it. */
export const disponibilizacaoDoEvento = z.strictObject({
  id: texto,
  solucaoId: texto,
  etapas: z.int().min(1).max(2_147_483_647).nullish(),
  responsaveis: z.array(z.strictObject({ id: texto, papel: z.enum(PAPEIS_DE_RESPONSAVEL) })).nullish(),
  patrocinado: z.boolean().nullish(),
  janelaTardiaDias: z.int().min(0).max(36_500).nullish(),
});

type Lido<T> = { ok: true; valor: T } | { ok: false; erros: ErroDeCampo[] };

/** The same records off a file: fields the contract does not have are ignored, as they are in an event offline. */
const solucaoDeArquivo = solucaoDoEvento.strip();
const disponibilizacaoDeArquivo = disponibilizacaoDoEvento.strip();

function errosDe(erro: z.ZodError): ErroDeCampo[] {
  return erro.issues.map((i) => ({ campo: i.path.join('.'), mensagem: i.message }));
}

/** Reads a solution: the record, or every field that is wrong. */
export function leSolucao(dados: unknown, esquema: typeof solucaoDeArquivo = solucaoDoEvento): Lido<Solucao> {
  const lido = esquema.safeParse(dados);
  if (!lido.success) return { ok: false, erros: errosDe(lido.error) };
  const { frequenciaMinima = null, momentos = null, educacaoEmpreendedora = null } = lido.data;
  return { ok: true, valor: { ...lido.data, frequenciaMinima, momentos, educacaoEmpreendedora } };
}

/** Reads an offer: the record, or every field that is wrong. */
export function leDisponibilizacao(
  dados: unknown,
  esquema: typeof disponibilizacaoDeArquivo = disponibilizacaoDoEvento,
): Lido<Disponibilizacao> {
  const lido = esquema.safeParse(dados);
  if (!lido.success) return { ok: false, erros: errosDe(lido.error) };
  const { etapas = null, responsaveis = null, patrocinado = null, janelaTardiaDias = null } = lido.data;
  return { ok: true, valor: { ...lido.data, etapas, responsaveis, patrocinado, janelaTardiaDias } };
}

/** A portfolio in memory, by id. */
export class PortfolioEmMemoria implements Portfolio {
  readonly solucoes = new Map<string, Solucao>();
  readonly disponibilizacoes = new Map<string, Disponibilizacao>();

  solucao(id: string): Solucao | undefined {
    return this.solucoes.get(id);
  }

  disponibilizacao(id: string): Disponibilizacao | undefined {
    return this.disponibilizacoes.get(id);
  }
}

const arquivo = z.object({
  solucoes: z.array(z.unknown()).default([]),
  disponibilizacoes: z.array(z.unknown()).default([]),
});

/**
 * Reads a portfolio file: `{"solucoes":[…],"disponibilizacoes":[…]}`.
 * @returns the portfolio, or every error with its path
 */
export function lePortfolio(dados: unknown): Lido<PortfolioEmMemoria> {
  const lido = arquivo.safeParse(dados);
  if (!lido.success) return { ok: false, erros: errosDe(lido.error) };
  const portfolio = new PortfolioEmMemoria();
  const erros: ErroDeCampo[] = [];
  const registra = <T extends { id: string }>(nome: string, n: number, item: Lido<T>, mapa: Map<string, T>): void => {
    if (item.ok) mapa.set(item.valor.id, item.valor);
    else erros.push(...item.erros.map((e) => ({ ...e, campo: `${nome}.${n}.${e.campo}` })));
  };
  for (const [n, s] of lido.data.solucoes.entries())
    registra('solucoes', n, leSolucao(s, solucaoDeArquivo), portfolio.solucoes);
  for (const [n, d] of lido.data.disponibilizacoes.entries()) {
    registra('disponibilizacoes', n, leDisponibilizacao(d, disponibilizacaoDeArquivo), portfolio.disponibilizacoes);
  }
  return erros.length > 0 ? { ok: false, erros } : { ok: true, valor: portfolio };
}
