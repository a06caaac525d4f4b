import { describe, expect, it } from 'vitest';
import { type Lag, type LagSample, type LagState, lagOf, lagOfAll } from './lag.ts';

const NOW = 1_000_000_000;

/** Samples every ten seconds up to NOW, from [position, end] pairs. */
function every10s(...pairs: [number | null, number | null][]): LagSample[] {
  return pairs.map(([position, end], i) => ({ time: NOW - (pairs.length - 1 - i) * 10_000, position, end }));
}

describe('lagOf', () => {
  const cases: [string, LagSample[], LagState, number | null][] = [
    ['no sample', [], 'desconhecido', null],
    ['the reader never said', every10s([null, 10], [null, 20]), 'desconhecido', null],
    ['the broker did not answer last', every10s([5, 10], [6, null]), 'desconhecido', null],
    ['samples too old', [{ time: NOW - 200_000, position: 5, end: 5 }], 'desconhecido', null],
    ['nothing to read', every10s([10, 10], [10, 10], [10, 10]), 'ok', 0],
    ['an empty partition', every10s([0, 0]), 'ok', 0],
    ['one record left alone', every10s([9, 10], [9, 10], [9, 10]), 'atencao', 1],
    ['behind at the only sample', every10s([5, 100]), 'ok', 95],
    ['behind and catching up', every10s([0, 100], [40, 110], [90, 120]), 'ok', 30],
    ['behind by the same', every10s([0, 50], [50, 100], [100, 150]), 'ok', 50],
    ['behind by more now and then, never by less', every10s([0, 10], [10, 40], [20, 50], [30, 90]), 'atencao', 60],
    ['behind by more, then by less, then by more', every10s([0, 10], [10, 40], [30, 50], [30, 90]), 'ok', 60],
    ['moving, standing, moving', every10s([0, 90], [10, 90], [10, 90], [20, 90]), 'ok', 70],
    ['had read all of it, then falls behind', every10s([10, 10], [10, 40], [20, 90]), 'ok', 70],
    ['had read all of it, then stands still', every10s([9, 9], [9, 10], [9, 10], [9, 10], [9, 10]), 'atencao', 1],
    ['two samples are too few to tell', every10s([0, 10], [0, 40]), 'ok', 40],
    ['known again after an outage', every10s([5, 10], [null, null], [10, 10]), 'ok', 0],
    ['falling behind at every step', every10s([0, 10], [10, 40], [20, 90]), 'atencao', 70],
    ['not moving, not for a minute yet', every10s([5, 20], [5, 20], [5, 20]), 'atencao', 15],
    ['not moving for a minute', every10s([5, 20], [5, 20], [5, 20], [5, 20], [5, 20], [5, 20], [5, 20]), 'parado', 15],
    [
      'idle for long, records just came',
      every10s([20, 20], [20, 20], [20, 20], [20, 20], [20, 20], [20, 20], [20, 20], [20, 60]),
      'ok',
      40,
    ],
    ['position past the end asked for a moment before', every10s([50, 10]), 'ok', 0],
    [
      'position past the end a look ago already: the log was replaced',
      every10s([50, 10], [50, 12]),
      'desconhecido',
      null,
    ],
  ];
  it.each(cases)('%s', (_name, samples, state, records) => {
    expect(lagOf(samples, NOW)).toMatchObject({ state, records });
  });

  it('does not wait for what was counted and is no record: the markers of transactions', () => {
    const behind = (unread: number) => every10s(...Array(7).fill([8, 10])).map((sample) => ({ ...sample, unread }));
    expect(lagOf(behind(0), NOW)).toEqual({ state: 'ok', records: 0, seconds: 0 });
    expect(lagOf(behind(1), NOW)).toMatchObject({ state: 'parado', records: 1 });
  });

  it('takes less standing still for a stop where it is told to', () => {
    const samples = every10s([5, 20], [5, 20], [5, 20]);
    expect(lagOf(samples, NOW, { stalledMs: 20_000 }).state).toBe('parado');
    expect(lagOf(samples, NOW, { stalledMs: 20_001 }).state).toBe('atencao');
  });

  it('takes the age of the first unread record where it is given', () => {
    expect(lagOf(every10s([5, 20]), NOW, { nextTimestamp: NOW - 7_000 }).seconds).toBe(7);
  });

  it('else interpolates when the end passed the position', () => {
    expect(lagOf(every10s([0, 0], [0, 100], [50, 100]), NOW).seconds).toBe(15);
  });

  it('and says unknown where the record came before the first sample', () => {
    expect(lagOf(every10s([0, 100], [50, 120]), NOW)).toMatchObject({ records: 70, seconds: null });
  });
});

describe('lagOfAll', () => {
  const ok: Lag = { state: 'ok', records: 3, seconds: 1 };
  const nothing: Lag = { state: 'ok', records: 0, seconds: 0 };
  const slow: Lag = { state: 'atencao', records: 10, seconds: 40 };
  const unknown: Lag = { state: 'desconhecido', records: null, seconds: null };
  const stopped: Lag = { state: 'parado', records: 5, seconds: 90 };
  const cases: [string, Lag[], Lag][] = [
    ['no partition: nothing is known', [], unknown],
    ['all well', [ok, nothing], ok],
    ['one falls behind', [ok, slow], { state: 'atencao', records: 13, seconds: 40 }],
    ['one unknown: the sum is unknown too', [ok, unknown, slow], unknown],
    ['one stopped, one unknown', [stopped, unknown], { ...unknown, state: 'parado' }],
    ['one stopped', [stopped, slow], { state: 'parado', records: 15, seconds: 90 }],
    ['a wait of unknown length', [ok, { ...slow, seconds: null }], { state: 'atencao', records: 13, seconds: null }],
  ];
  it.each(cases)('%s', (_name, lags, all) => {
    expect(lagOfAll(lags)).toEqual(all);
  });
});
