import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';

export const NOW = Date.parse('2026-03-20T12:00:00-03:00');
export const PF = 'pf:AAAAAAAAAAAAAAAAAAAAAA';

/** An offer of a palestra: the portfolio it stands in, a check-in of one person, and its closing. */
export function palestra(disponibilizacaoId: string) {
  const portfolio = new PortfolioEmMemoria();
  const nada = { frequenciaMinima: null, momentos: null, educacaoEmpreendedora: null };
  portfolio.solucoes.set('PAL', { id: 'PAL', tipoSolucao: 'palestra', nome: 'Palestra', ...nada });
  const responsaveis = [{ id: 'R', papel: 'instrutor' }];
  const resto = { etapas: 1, responsaveis, patrocinado: null, janelaTardiaDias: null };
  portfolio.disponibilizacoes.set(disponibilizacaoId, { id: disponibilizacaoId, solucaoId: 'PAL', ...resto });
  const checkIn: Interacao = {
    ...INTERACAO_VAZIA,
    source: 'leitor',
    id: 'p1',
    tipoInteracao: 'check-in',
    time: NOW - 60_000,
    unidade: 'SP',
    canal: 'local-evento',
    tipoSolucao: 'palestra',
    solucaoId: 'PAL',
    disponibilizacaoId,
    cliente: { pf: PF, pj: null, naoIdentificado: null },
  };
  const closing: Interacao = { ...checkIn, id: 'f1', tipoInteracao: 'consolidacao-disponibilizacao', cliente: null };
  return { portfolio, checkIn, closing };
}
