import { describe, expect, it } from 'vitest';
import { murmur2, murmur2Partition } from './partitioner.ts';

describe('murmur2', () => {
  // From UtilsTest.testMurmur2 of Kafka's Java client.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('%s', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('gives a partition of the topic, the same for text and bytes', () => {
    for (const key of [
      '',
      'pf:abc',
      'pj:11222333000181',
      'ação',
      'é'.repeat(1_024),
      'longa demais '.repeat(1_000),
      'pf:a',
    ]) {
      const partition = murmur2Partition(key, 6);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(6);
      expect(murmur2Partition(Buffer.from(key), 6)).toBe(partition);
    }
  });
});
