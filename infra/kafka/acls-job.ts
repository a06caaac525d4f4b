import { readKafkaConfig } from '#platform/config.ts';
import { takeSecretsFromFiles } from '#platform/segredos.ts';
import { applyAcls } from './apply-acls.ts';

const HELP = `uso: node infra/kafka/acls-job.ts

Põe no Kafka as permissões de cada usuário de atendido, como infra/kafka/acls.ts diz: acrescenta as que faltam, retira as
que sobram, e não toca em outros usuários. Repetir não muda nada.

O Kafka é o das variáveis KAFKA_BROKERS, KAFKA_SSL, KAFKA_SSL_CA, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME e
KAFKA_SASL_PASSWORD (ou KAFKA_SASL_PASSWORD_FILE): o usuário é um que possa alterar o cluster, não um dos serviços.
`;

if (process.argv.includes('--help')) {
  process.stdout.write(HELP);
} else {
  takeSecretsFromFiles();
  const { created, removed } = await applyAcls({ ...readKafkaConfig(), clientId: 'atendido-acls' });
  process.stdout.write(`permissões: ${created} acrescentadas, ${removed} retiradas\n`);
}
