import kafkajs from 'kafkajs';

/**
 * kafkajs reads gzip alone: a record in another codec, by whatever producer, would stop its consumers. The codecs are
 * those of the other client, so that both read whatever is there; it is loaded when the first such record comes.
 */
for (const [type, name] of [
  [kafkajs.CompressionTypes.Snappy, 'snappy'],
  [kafkajs.CompressionTypes.LZ4, 'lz4'],
  [kafkajs.CompressionTypes.ZSTD, 'zstd'],
] as const) {
  const codec = async () => (await import('@platformatic/kafka')).compressionsAlgorithms[name];
  kafkajs.CompressionCodecs[type] = () => ({
    compress: async (encoder: { buffer: Buffer }) => (await codec()).compressSync(encoder.buffer),
    decompress: async (buffer: Buffer) => (await codec()).decompressSync(buffer),
  });
}
