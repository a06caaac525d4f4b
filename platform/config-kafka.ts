import { z } from 'zod';
import { pemFile } from './config-pem.ts';
import { CLIENTS, type ClientName, DEFAULT_CLIENT } from './kafka/clients.ts';

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

export interface KafkaConfig {
  /** `host:port`, at least one. */
  brokers: string[];
  ssl: boolean;
  /** PEM: the only authority that brokers' certificates are held against; null: those Node knows. */
  ca: string | null;
  sasl: { mechanism: SaslMechanism; username: string; password: string } | null;
  /** The client library behind the port; the processes of a group use the same. */
  client: ClientName;
  /** What this process is called among those of its service; null: one that is new at every start. */
  instance: string | null;
  /** Where this process is, in the words of the brokers' `broker.rack`; null: it reads from leaders alone. */
  rack: string | null;
}

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** The variables about Kafka, each by itself. */
export const KAFKA_VARIABLES = {
  KAFKA_BROKERS: z
    .string('é obrigatória')
    .min(1, 'é obrigatória')
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every((one) => /^[^\s:]+:\d{1,5}$/.test(one)), 'deve ser uma lista host:porta, com vírgulas'),
  KAFKA_SSL: z
    .enum(['true', 'false'], 'deve ser true ou false')
    .default('false')
    .transform((text) => text === 'true'),
  KAFKA_SSL_CA: pemFile.optional(),
  KAFKA_SASL_MECHANISM: z.enum(MECHANISMS, `deve ser ${MECHANISMS.join(', ')}`).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_RACK: z.string().optional(),
  ATENDIDO_KAFKA_CLIENTE: z.enum(CLIENTS, `deve ser ${CLIENTS.join(' ou ')}`).default(DEFAULT_CLIENT),
  ATENDIDO_INSTANCIA: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'deve ter letras, números, ponto, hífen ou sublinhado, no máximo 64')
    .optional(),
};

const variables = z.object(KAFKA_VARIABLES);
type Read = z.infer<typeof variables>;

/** What is wrong between them. */
export function kafkaProblems(read: Read): { name: keyof Read; message: string }[] {
  const problems: { name: keyof Read; message: string }[] = [];
  if (read.KAFKA_SSL_CA !== undefined && read.KAFKA_SSL !== true) {
    problems.push({ name: 'KAFKA_SSL_CA', message: 'só com KAFKA_SSL=true' });
  }
  for (const name of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const) {
    if (read.KAFKA_SASL_MECHANISM && !read[name])
      problems.push({ name, message: 'é obrigatória com KAFKA_SASL_MECHANISM' });
    // Without it the password would go nowhere, and nobody would be told why the brokers refuse.
    if (!read.KAFKA_SASL_MECHANISM && read[name])
      problems.push({ name: 'KAFKA_SASL_MECHANISM', message: `é obrigatória com ${name}` });
  }
  return problems;
}

/** How to reach Kafka, of variables that were checked. */
export function kafkaOf(read: Read): KafkaConfig {
  const mechanism = read.KAFKA_SASL_MECHANISM;
  return {
    brokers: read.KAFKA_BROKERS,
    ssl: read.KAFKA_SSL,
    ca: read.KAFKA_SSL_CA ?? null,
    sasl: mechanism
      ? { mechanism, username: read.KAFKA_SASL_USERNAME ?? '', password: read.KAFKA_SASL_PASSWORD ?? '' }
      : null,
    client: read.ATENDIDO_KAFKA_CLIENTE,
    instance: read.ATENDIDO_INSTANCIA ?? null,
    rack: read.KAFKA_RACK ?? null,
  };
}
