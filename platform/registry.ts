import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import avro, { type Type } from 'avsc';
import { RetryableError } from './errors.ts';
import { within } from './within.ts';

const TIMEOUT_MS = 10_000;

/** The schema registry, by its Confluent-compatible API. Every method throws a RetryableError while it is away. */
export interface Registry {
  /** Requires FULL_TRANSITIVE of the subject, then registers the schema; the same one again changes nothing. */
  register(subject: string, schema: object): Promise<number>;
  /** The id of exactly this schema. @throws RetryableError too where it is not registered yet. */
  idOf(subject: string, schema: object): Promise<number>;
  /** The schema a record was written with; null: the registry has no such id. */
  writer(id: number): Promise<Type | null>;
}

/** Of the answers of the API itself. 400 is not among them: the library gives it to a connection refused. */
const FINAL = new Set([401, 403, 404, 409, 422]);

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

/** A refusal is final; silence, and a server in trouble, are not. */
function away(error: unknown): Error {
  if (error instanceof Error && FINAL.has(statusOf(error) ?? 0)) return error;
  return new RetryableError(`o registro de esquemas não responde: ${String(error)}`, { cause: error });
}

/** The library waits for an answer without end. */
function inTime<T>(work: Promise<T>): Promise<T> {
  return within(TIMEOUT_MS, work, () => new RetryableError('o registro de esquemas demora a responder'));
}

async function requireCompatibility(url: string, subject: string): Promise<void> {
  // The client library sets it only after the first registration, and refuses a subject that has another by default.
  const response = await fetch(`${url}/config/${encodeURIComponent(subject)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility: 'FULL_TRANSITIVE' }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error) => Promise.reject(away(error)));
  if (!response.ok) throw new RetryableError(`o registro de esquemas respondeu ${response.status} a ${subject}`);
}

function avroSchema(schema: object): { type: SchemaType.AVRO; schema: string } {
  return { type: SchemaType.AVRO, schema: JSON.stringify(schema) };
}

/** @param url the base of the API, such as http://127.0.0.1:18081/apis/ccompat/v7 */
export function connectRegistry(url: string): Registry {
  const base = url.replace(/\/+$/, '');
  const client = new SchemaRegistry({ host: base, retry: { retries: 2, maxRetryTimeInSecs: 1 } });
  return {
    async register(subject, schema) {
      await requireCompatibility(base, subject);
      try {
        const options = { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE };
        return (await inTime(client.register(avroSchema(schema), options))).id;
      } catch (error) {
        throw away(error);
      }
    },
    async idOf(subject, schema) {
      try {
        return await inTime(client.getRegistryIdBySchema(subject, avroSchema(schema)));
      } catch (error) {
        // The library's own word for a 404 to this question.
        const missing = error instanceof Error && error.name === 'ConfluentSchemaRegistryError';
        if (!missing) throw away(error);
        throw new RetryableError(`o esquema de ${subject} ainda não foi registrado`, { cause: error });
      }
    },
    async writer(id) {
      try {
        const schema = await inTime(client.getSchema(id));
        return avro.Type.isType(schema) ? (schema as Type) : null;
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw away(error);
      }
    },
  };
}
