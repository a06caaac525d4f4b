import { expect, it } from 'vitest';
import { desfecho, tendencia } from './palavras.ts';

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
