import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newHeld } from './held.ts';
import { Rhythm } from './rhythm.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('rounds while little trickles in', () => {
  test('the first begins at once', () => {
    expect(new Rhythm().mayBegin([], () => {})).toBe(true);
  });

  test('the next waits as long as the last one took, and is then asked for', () => {
    const rhythm = new Rhythm();
    const ended = rhythm.begins();
    vi.advanceTimersByTime(100);
    ended();
    rhythm.begins();
    const again = vi.fn();
    expect(rhythm.mayBegin([], again)).toBe(false);
    expect(rhythm.mayBegin([], again)).toBe(false);
    vi.advanceTimersByTime(99);
    expect(again).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(again).toHaveBeenCalledTimes(1);
    expect(rhythm.mayBegin([], again)).toBe(true);
  });

  test('a slow one makes nobody wait once the one after it was quick', () => {
    const rhythm = new Rhythm();
    const slow = rhythm.begins();
    vi.advanceTimersByTime(10_000);
    slow();
    const quick = rhythm.begins();
    const again = vi.fn();
    rhythm.mayBegin([], again);
    vi.advanceTimersByTime(5);
    quick();
    rhythm.mayBegin([], again);
    vi.advanceTimersByTime(20);
    expect(again).toHaveBeenCalledTimes(1);
  });

  test('much at hand waits for nothing', () => {
    const rhythm = new Rhythm();
    rhythm.begins();
    const held = newHeld({ topic: 't', partition: 0 });
    held.queue.push({ bytes: 256 * 1024, next: 1, records: () => [] });
    expect(rhythm.mayBegin([held], () => {})).toBe(true);
  });

  test('none is asked for after the stop', () => {
    const rhythm = new Rhythm();
    rhythm.begins();
    const again = vi.fn();
    rhythm.mayBegin([], again);
    rhythm.stop();
    vi.advanceTimersByTime(1_000);
    expect(again).not.toHaveBeenCalled();
  });
});
