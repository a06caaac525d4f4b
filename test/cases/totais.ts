import { pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { contadorDe, metricaDoNome } from '#domain/indicadores.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { Recontagem } from '#domain/recontagem.ts';
import type { Rulebooks } from '#domain/rulebook.ts';

export const pseudonimo = pseudonimizador('chave-de-teste-com-mais-de-16');

export interface Totais {
  /** By indicator and period. */
  indicadores: Record<string, Record<string, { clientes: number; atendimentos: number }>>;
  /** By metric and reason. */
  metricas: Record<string, Record<string, number>>;
  quarentena: Record<string, number>;
}

/** Recounts CloudEvents in plain memory; `agora` (ms) stands for the broker's timestamp. */
export function totaisDe(
  eventos: readonly unknown[],
  rulebooks: Rulebooks,
  portfolio: Portfolio,
  agora: number,
): Totais {
  const recontagem = new Recontagem(rulebooks, portfolio);
  for (const evento of eventos) {
    const lido = leEvento(evento, pseudonimo);
    if (lido.ok) recontagem.registra({ ...lido, registradaEm: agora });
    else recontagem.registraIlegivel();
  }
  const quarentena = Object.fromEntries(recontagem.quarentena);
  const totais: Totais = { indicadores: {}, metricas: {}, quarentena };
  for (const [nome, n] of recontagem.indicadores()) {
    const { indicador, periodo, unidade, dimensao, medida } = contadorDe(nome);
    if (unidade !== '*' || dimensao !== 'total') continue;
    const periodos = totais.indicadores[indicador] ?? {};
    totais.indicadores[indicador] = periodos;
    periodos[periodo] = { clientes: 0, atendimentos: 0, ...periodos[periodo], [medida]: n };
  }
  for (const [nome, n] of recontagem.metricas) {
    const { metrica, motivo } = metricaDoNome(nome);
    const motivos = totais.metricas[metrica] ?? {};
    totais.metricas[metrica] = motivos;
    motivos[motivo] = (motivos[motivo] ?? 0) + n;
  }
  return totais;
}
