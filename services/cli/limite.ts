import { InvalidArgumentError } from 'commander';

/** Reads how many rows to show. @throws InvalidArgumentError it is no number, or too large a one */
export function limiteDe(texto: string): number {
  if (!/^[1-9]\d{0,6}$/.test(texto)) throw new InvalidArgumentError('escreva um número inteiro, de 1 em diante');
  return Number(texto);
}
