import { expect, it } from 'vitest';
import { quantos } from '../nucleo/formato.ts';
import { alemDoLimite, desfecho, tendencia } from './palavras.ts';

it('the trend in words: the last week against the one before', () => {
  const zeros = Array.from({ length: 14 }, () => 0);
  expect(tendencia(zeros)).toBe('nenhum em 14 dias');
  expect(tendencia(zeros.with(13, 5))).toBe('subindo: 5 em 7 dias, 0 nos 7 anteriores');
  expect(tendencia(zeros.with(6, 2).with(7, 1))).toBe('caindo: 1 em 7 dias, 2 nos 7 anteriores');
  expect(tendencia(zeros.with(0, 3).with(13, 3))).toBe('estável: 3 em 7 dias, 3 nos 7 anteriores');
});

it('an outcome that this version does not know is shown as it came', () => {
  expect([desfecho('quarentena').texto, desfecho('outro').texto]).toEqual(['voltaria à quarentena', 'outro']);
});

it('agrees in number', () => {
  expect([0, 1, 2, null].map((n) => quantos(n, 'registro', 'registros'))).toEqual([
    ...['0 registros', '1 registro', '2 registros', '? registros'],
  ]);
  expect([desfecho('contabiliza', 1).texto, desfecho('contabiliza', 3).texto]).toEqual(['contaria', 'contariam']);
});

it('what the panel could not hold is told, never left out in silence', () => {
  const alem = (esperavam: number, reenviadas: number) =>
    alemDoLimite({ maximo: 50_000, alem: { esperavam, reenviadas } });
  expect(alem(0, 0)).toBe(null);
  expect(alem(1, 0)).toContain('(50.000 no máximo). Além deles, mais antigos: até 1 que espera.');
  expect(alem(2, 1_500)).toContain('até 2 que esperam e 1.500 reenviados.');
});
