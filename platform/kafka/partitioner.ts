const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** The murmur2 of Kafka's Java client, as a signed 32-bit integer. @param length so many bytes are looked at */
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

/** Keys are written here to be looked at; a longer one makes its own bytes. */
const scratch = Buffer.alloc(1_024);

function hashOf(key: string | Buffer): number {
  if (typeof key !== 'string') return murmur2(key);
  return 3 * key.length <= scratch.length ? murmur2(scratch, scratch.write(key)) : murmur2(Buffer.from(key));
}

/** The partition a key falls in: what the Java client's default partitioner answers for the same key. */
export function murmur2Partition(key: string | Buffer, partitions: number): number {
  return (hashOf(key) & 0x7fffffff) % partitions;
}
