import { InvalidArgumentError } from 'commander';

const SEGUNDOS = { s: 1, min: 60, h: 3_600, d: 86_400 } as const;

/** Reads a length of time (`30s`, `10min`, `24h`, `7d`), or `0`: seconds. @throws InvalidArgumentError it is none */
export function duracaoDe(texto: string): number {
  if (texto === '0') return 0;
  const [, quantos, unidade] = /^([1-9]\d{0,6})(s|min|h|d)$/.exec(texto) ?? [];
  if (quantos === undefined) throw new InvalidArgumentError('use uma duração, como 30s, 10min, 24h ou 7d, ou 0');
  return Number(quantos) * SEGUNDOS[unidade as keyof typeof SEGUNDOS];
}
