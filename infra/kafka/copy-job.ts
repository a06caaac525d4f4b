import { readKafkaConfig } from '#platform/config.ts';
import { CodedError } from '#platform/errors.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { takeSecretsFromFiles } from '#platform/segredos.ts';
import { copyLine } from './copy-line.ts';

const HELP = `uso: DESTINO_KAFKA_BROKERS=host:porta node infra/kafka/copy-job.ts

Copia o que a linha recebeu (portfólio, chaves, presenças, interações) para os tópicos vazios de outra linha, que pode ter
outro número de partições: docs/containers.md#how-many-partitions diz o que vem antes e depois, e que linhas não se copiam.
Nada pode chegar à primeira enquanto isso.

O Kafka de onde se lê é o das variáveis KAFKA_BROKERS, KAFKA_SSL, KAFKA_SSL_CA, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME
e KAFKA_SASL_PASSWORD (ou KAFKA_SASL_PASSWORD_FILE); no outro entra-se do mesmo modo, com o mesmo usuário.
`;

async function main(): Promise<void> {
  takeSecretsFromFiles();
  const brokers = process.env.DESTINO_KAFKA_BROKERS?.split(',').filter((one) => one !== '') ?? [];
  if (brokers.length === 0) throw new CodedError('CONFIGURACAO_INVALIDA', 'falta DESTINO_KAFKA_BROKERS');
  const source = { ...readKafkaConfig(), clientId: 'atendido-copia' };
  const copied = await copyLine(createKafka(source), createKafka({ ...source, brokers }));
  for (const [topic, records] of Object.entries(copied)) process.stdout.write(`${topic}: ${records} registros\n`);
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
