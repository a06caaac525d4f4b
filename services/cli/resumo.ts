import { contadorDe, metricaDoNome } from '#domain/indicadores.ts';
import type { Recontagem } from '#domain/recontagem.ts';

export interface AnoResumido {
  atendido: boolean;
  atendimentos: number;
  /** ISO 8601, UTC. */
  primeiro: string | null;
  ultimo: string | null;
  porTipo: Record<string, number>;
}

/** What `recount` writes. */
export interface Resumo {
  clientes: { id: string; anos: Record<string, AnoResumido> }[];
  indicadores: Record<string, Record<string, { clientes: number; atendimentos: number }>>;
  metricas: Record<string, Record<string, number>>;
  quarentena: Record<string, number>;
}

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

function ordenado<T>(objeto: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(objeto).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function indicadoresDe(recontagem: Recontagem): Resumo['indicadores'] {
  const indicadores: Resumo['indicadores'] = {};
  for (const [nome, n] of recontagem.indicadores()) {
    const c = contadorDe(nome);
    if (c.unidade !== '*' || c.dimensao !== 'total') continue;
    indicadores[c.indicador] ??= {};
    const periodos = indicadores[c.indicador] ?? {};
    const atual = periodos[c.periodo] ?? { clientes: 0, atendimentos: 0 };
    periodos[c.periodo] = { ...atual, [c.medida]: n };
  }
  return indicadores;
}

function metricasDe(recontagem: Recontagem): Resumo['metricas'] {
  const metricas: Resumo['metricas'] = {};
  for (const [nome, n] of recontagem.metricas) {
    const { metrica, motivo } = metricaDoNome(nome);
    metricas[metrica] ??= {};
    const motivos = metricas[metrica] ?? {};
    motivos[motivo] = (motivos[motivo] ?? 0) + n;
  }
  return metricas;
}

/** The recount's totals: every indicator and metric, arrays sorted by id. */
export function resumoDe(recontagem: Recontagem): Resumo {
  const clientes = recontagem.clientes().map(({ id, anos }) => ({
    id,
    anos: Object.fromEntries(
      Object.entries(anos).map(([ano, { atendido, atendimentos, primeiro, ultimo, porTipo }]) => [
        ano,
        { atendido, atendimentos, primeiro: iso(primeiro), ultimo: iso(ultimo), porTipo },
      ]),
    ),
  }));
  return {
    clientes,
    indicadores: ordenado(indicadoresDe(recontagem)),
    metricas: ordenado(metricasDe(recontagem)),
    quarentena: ordenado(Object.fromEntries(recontagem.quarentena)),
  };
}
