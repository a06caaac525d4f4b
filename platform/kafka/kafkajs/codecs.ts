import { compressionsAlgorithms } from '@platformatic/kafka';
import kafkajs from 'kafkajs';

/**
 * kafkajs reads gzip alone: a record in another codec, by whatever producer, would stop its consumers. The codecs are
 * those of the other driver, so that both read whatever is there.
 */
for (const [type, { compressSync, decompressSync }] of [
  [kafkajs.CompressionTypes.Snappy, compressionsAlgorithms.snappy],
  [kafkajs.CompressionTypes.LZ4, compressionsAlgorithms.lz4],
  [kafkajs.CompressionTypes.ZSTD, compressionsAlgorithms.zstd],
] as const) {
  kafkajs.CompressionCodecs[type] = () => ({
    compress: async (encoder: { buffer: Buffer }) => compressSync(encoder.buffer),
    decompress: async (buffer: Buffer) => decompressSync(buffer),
  });
}
