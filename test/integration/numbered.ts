import type { OutputRecord } from '../../platform/kafka/port.ts';

/** `count` records to one partition, their values the numbers from `first` on. */
export function numbered(topic: string, count: number, partition = 0, first = 0): OutputRecord[] {
  return Array.from({ length: count }, (_, i) => {
    return { topic, partition, key: `c${i}`, value: Buffer.from(String(first + i)) };
  });
}
