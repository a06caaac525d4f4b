import { numero } from '../nucleo/formato.ts';

const SEMANA = 7;
const soma = (ns: readonly number[]): number => ns.reduce((a, b) => a + b, 0);

/** The last seven days against the seven before, in words. */
export function tendencia(porDia: readonly number[]): string {
  const [antes, agora] = [soma(porDia.slice(-2 * SEMANA, -SEMANA)), soma(porDia.slice(-SEMANA))];
  if (agora === 0 && antes === 0) return 'nenhuma em 14 dias';
  const rumo = agora > antes ? 'subindo' : agora < antes ? 'caindo' : 'estável';
  return `${rumo}: ${numero(agora)} em 7 dias, ${numero(antes)} nos 7 anteriores`;
}

const RESULTADOS: Readonly<Record<string, { classe: string; texto: string }>> = {
  contabiliza: { classe: 'bom', texto: 'contaria' },
  'nao-contabiliza': { classe: 'neutro', texto: 'seria registrada sem contar' },
  quarentena: { classe: 'ruim', texto: 'voltaria à quarentena' },
};

/** What would become of a record today, in words. */
export function desfecho(resultado: string): { classe: string; texto: string } {
  return RESULTADOS[resultado] ?? { classe: 'neutro', texto: resultado };
}
