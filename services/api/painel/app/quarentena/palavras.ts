import type { Limite } from '../../indice/consulta.ts';
import { numero, quantos } from '../nucleo/formato.ts';

const SEMANA = 7;
const soma = (ns: readonly number[]): number => ns.reduce((a, b) => a + b, 0);

/** The last seven days against the seven before, in words. */
export function tendencia(porDia: readonly number[]): string {
  const [antes, agora] = [soma(porDia.slice(-2 * SEMANA, -SEMANA)), soma(porDia.slice(-SEMANA))];
  if (agora === 0 && antes === 0) return 'nenhum em 14 dias';
  const rumo = agora > antes ? 'subindo' : agora < antes ? 'caindo' : 'estável';
  return `${rumo}: ${numero(agora)} em 7 dias, ${numero(antes)} nos 7 anteriores`;
}

const RESULTADOS: Readonly<Record<string, { classe: string; texto: string; varios: string }>> = {
  contabiliza: { classe: 'bom', texto: 'contaria', varios: 'contariam' },
  'nao-contabiliza': {
    classe: 'neutro',
    texto: 'seria registrado sem contar',
    varios: 'seriam registrados sem contar',
  },
  quarentena: { classe: 'ruim', texto: 'voltaria à quarentena', varios: 'voltariam à quarentena' },
};

/** What would become today of a record, or of so many, in words. */
export function desfecho(resultado: string, n = 1): { classe: string; texto: string } {
  const { classe, texto, varios } = RESULTADOS[resultado] ?? { classe: 'neutro', texto: resultado, varios: resultado };
  return { classe, texto: n === 1 ? texto : varios };
}

/** What the list cannot say, for the older ones are too many to hold; null: it holds all. */
export function alemDoLimite({ maximo, alem: { esperavam, reenviadas } }: Limite): string | null {
  if (esperavam + reenviadas === 0) return null;
  const mais = [
    ...(esperavam === 0 ? [] : [`até ${quantos(esperavam, 'que espera', 'que esperam')}`]),
    ...(reenviadas === 0 ? [] : [quantos(reenviadas, 'reenviado', 'reenviados')]),
  ];
  const quais = 'Os números e a lista são dos que o painel guarda';
  return `${quais} (${numero(maximo)} no máximo). Além deles, mais antigos: ${mais.join(' e ')}. O comando atendido quarantine list mostra todos os que esperam.`;
}
