import { type Contadores, contadorDe, metricaDoNome } from '#domain/indicadores.ts';
import type { Codec } from '#platform/codec.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import type { Kafka } from '#platform/kafka/port.ts';

/** What an indicator's cut comes to in one year. */
export interface Medidas {
  clientes: number;
  atendimentos: number;
}

/** The numbers of the tables, as they stand in Redis and in quarantine: of all runs over this data. */
export interface Resultados {
  anos: string[];
  /** By indicator, then year. */
  porIndicador: Record<string, Record<string, Medidas>>;
  /** Of clientes-atendidos. */
  porTipo: Record<string, Record<string, Medidas>>;
  porUnidade: Record<string, Record<string, Medidas>>;
  /** Interactions classified, by metric and reason. */
  porMotivo: { metrica: string; motivo: string; interacoes: number }[];
  /** Records in quarantine, by reason. */
  quarentena: Record<string, number>;
}

const PRINCIPAL = 'clientes-atendidos';

type Cortes = Record<string, Record<string, Medidas>>;

function guarda(cortes: Cortes, corte: string, ano: string, medida: keyof Medidas, n: number): void {
  cortes[corte] ??= {};
  const anos = cortes[corte];
  anos[ano] ??= { clientes: 0, atendimentos: 0 };
  anos[ano][medida] += n;
}

function somaMotivos(metricas: Contadores): Resultados['porMotivo'] {
  const soma = new Map<string, { metrica: string; motivo: string; interacoes: number }>();
  for (const [nome, n] of metricas) {
    const { metrica, motivo } = metricaDoNome(nome);
    const linha = soma.get(`${metrica}|${motivo}`) ?? { metrica, motivo, interacoes: 0 };
    linha.interacoes += n;
    soma.set(`${metrica}|${motivo}`, linha);
  }
  return [...soma.values()].sort((a, b) => b.interacoes - a.interacoes);
}

/** Arranges the counters of Redis as a manager would ask for them. Indicators by month are left out. */
export function resultadosDe(
  { indicadores, metricas }: { indicadores: Contadores; metricas: Contadores },
  quarentena: Record<string, number>,
): Resultados {
  const porIndicador: Cortes = {};
  const porTipo: Cortes = {};
  const porUnidade: Cortes = {};
  const anos = new Set<string>();
  for (const [nome, n] of indicadores) {
    const { indicador, periodo, unidade, dimensao, valor, medida } = contadorDe(nome);
    if (periodo.length !== 'aaaa'.length) continue;
    anos.add(periodo);
    if (dimensao === 'total' && unidade === '*') guarda(porIndicador, indicador, periodo, medida, n);
    if (indicador !== PRINCIPAL) continue;
    if (dimensao === 'tipo' && unidade === '*') guarda(porTipo, valor, periodo, medida, n);
    if (dimensao === 'total' && unidade !== '*') guarda(porUnidade, unidade, periodo, medida, n);
  }
  return { anos: [...anos].sort(), porIndicador, porTipo, porUnidade, porMotivo: somaMotivos(metricas), quarentena };
}

/** Counts what waits in quarantine, by reason. */
export async function contaQuarentena(kafka: Kafka, codec: Codec<Quarentena>): Promise<Record<string, number>> {
  const porMotivo: Record<string, number> = {};
  await kafka.readToEnd('interacoes-em-quarentena', {
    onBatch: async ({ records }) => {
      await codec.prepareIds(records.map((r) => r.value));
      for (const { value } of records) {
        const { motivo } = codec.decodeSync(value);
        porMotivo[motivo] = (porMotivo[motivo] ?? 0) + 1;
      }
    },
  });
  return porMotivo;
}
