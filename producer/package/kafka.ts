/** What `import 'atendido-producer/kafka'` gives: the transport straight to Kafka, and what it is made of. */
export { createKafka } from '../../platform/kafka/index.ts';
export { connectRegistry } from '../../platform/registry.ts';
export { type OpcoesKafka, transporteKafka } from '../kafka.ts';
