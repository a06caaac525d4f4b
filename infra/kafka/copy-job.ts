import { readConfig } from '#platform/config.ts';
import { CodedError } from '#platform/errors.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { connectRegistry } from '#platform/registry.ts';
import { takeSecretsFromFiles } from '#platform/segredos.ts';
import { brokerOf } from './copy/broker.ts';
import { copyLine } from './copy/line.ts';

const HELP = `uso: DESTINO_KAFKA_BROKERS=host:porta node infra/kafka/copy-job.ts

Copia o que uma linha sabe para os tópicos vazios de outra, que pode ter outro número de partições: o que recebeu, o que
decidiu, a quarentena e o que se fez dela, rulebooks aplicados, esquecimentos e trocas de chave.
docs/containers.md#how-many-partitions diz o que vem antes e depois. Nada pode chegar à primeira enquanto isso. Depois de uma
cópia que falhou, apague os tópicos da outra e faça-os de novo antes de copiar outra vez.

O Kafka de onde se lê é o das variáveis KAFKA_BROKERS, KAFKA_SSL, KAFKA_SSL_CA, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME
e KAFKA_SASL_PASSWORD (ou KAFKA_SASL_PASSWORD_FILE); no outro entra-se do mesmo modo, com o mesmo usuário (\`copia\`, de
docs/brokers.md). SCHEMA_REGISTRY_URL é o registro, o mesmo das duas linhas.
`;

const NOT_NEEDED = ['REDIS_URL', 'CLIENT_ID_KEY'] as const;

async function main(): Promise<void> {
  takeSecretsFromFiles(process.env, NOT_NEEDED);
  const brokers = process.env.DESTINO_KAFKA_BROKERS?.split(',').filter((one) => one !== '') ?? [];
  if (brokers.length === 0) throw new CodedError('CONFIGURACAO_INVALIDA', 'falta DESTINO_KAFKA_BROKERS');
  const { kafka, registryUrl } = readConfig(process.env, NOT_NEEDED);
  const source = { ...kafka, clientId: 'atendido-copia' };
  const target = { ...source, brokers };
  const broker = brokerOf(target);
  try {
    await copyLine({
      from: createKafka(source),
      to: createKafka(target),
      broker,
      registry: connectRegistry(registryUrl),
      onCopied: (topic, records) => process.stdout.write(`${topic}: ${records} registros\n`),
    });
  } finally {
    await broker.close();
  }
}

if (process.argv.includes('--help')) {
  process.stdout.write(HELP);
} else {
  await main().catch((error: unknown) => {
    const { code = 'ERRO_INTERNO', message } = error as { code?: string; message: string };
    process.stderr.write(`${code}: ${message}\n`);
    process.exit(1);
  });
}
