const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** The murmur2 of Kafka's Java client, as a signed 32-bit integer. @param length of what is to be read; default: all */
export function murmur2(data: Buffer, length: number = data.length): number {
  let h = SEED ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(data.readInt32LE(i), M);
    k ^= k >>> R;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const rest = length - whole;
  if (rest === 3) h ^= data.readUInt8(whole + 2) << 16;
  if (rest >= 2) h ^= data.readUInt8(whole + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ data.readUInt8(whole), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}

const scratch = Buffer.allocUnsafe(3 * 1_024);

/** The same of a text's bytes, which are mostly few: these are written where they were written before. */
function murmur2OfText(text: string): number {
  if (3 * text.length > scratch.length) return murmur2(Buffer.from(text));
  return murmur2(scratch, scratch.write(text));
}

/** The partition a key falls in: what the Java client's default partitioner answers for the same key. */
export function murmur2Partition(key: string | Buffer, partitions: number): number {
  const hash = typeof key === 'string' ? murmur2OfText(key) : murmur2(key);
  return (hash & 0x7fffffff) % partitions;
}
