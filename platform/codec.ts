import type { Resolver, Type } from 'avsc';
import { type SchemaName, schemaOf, typeOf, type ValueOf, withOurOptions } from './codec-types.ts';
import type { Registry } from './registry.ts';
import { subjectOf, TOPICS, type TopicName } from './topics.ts';

export const HEADER_BYTES = 5;
const MAGIC = 0;

/** A record that cannot be read, today or ever: it goes to quarantine, alone. */
export class PoisonError extends Error {
  override name = 'PoisonError';
  readonly motivo = 'ESQUEMA_INVALIDO';
}

/** How records of one writer schema are read as ours; null: the registry does not know it, or it cannot be ours. */
export interface Writer {
  resolver: Resolver | undefined;
  /** Its bytes are what our own schema would give. */
  same: boolean;
}

/**
 * Values of one topic: a zero byte, the schema's id in four, the Avro body. Absent fields decode as null.
 * `decodeSync` needs the ids of the batch fetched first, by `prepareIds`.
 */
export interface Codec<T> {
  /** Of the schema that `encode` writes with. */
  readonly schemaId: number;
  encode(value: T): Buffer;
  /** @throws PoisonError not Avro, or of a schema that is unknown or not compatible; RetryableError registry away. */
  decode(bytes: Buffer | null): Promise<T>;
  /** As `decode`. @throws Error where `prepareIds` was not given this record's id. */
  decodeSync(bytes: Buffer | null): T;
  /** Fetches what schemas are missing to read these, in as many requests as there are new ids. @throws RetryableError */
  prepareIds(values: Iterable<Buffer | null>): Promise<void>;
  /** How a schema id prepared before reads; undefined: not prepared, null: unknown or not compatible. */
  writerOf(id: number): Writer | null | undefined;
}

/** The id in a value's header; null where there is none. */
export function schemaIdOf(bytes: Buffer | null): number | null {
  return bytes !== null && bytes.length > HEADER_BYTES && bytes[0] === MAGIC ? bytes.readUInt32BE(1) : null;
}

export function header(id: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(id, 1);
  return bytes;
}

let scratch = Buffer.allocUnsafe(256 * 1024);
const FEW_BYTES = 128;

/**
 * Joins `start` and the Avro bytes of `value`. Written once into a buffer that is kept: avsc's own `toBuffer` measures
 * what does not fit its kilobyte by writing it, and writes it again.
 */
export function encodeAfter(start: readonly Buffer[], type: Type, value: unknown): Buffer {
  let at = 0;
  for (const bytes of start) at += bytes.length;
  let end = type.encode(value, scratch, at);
  if (end < 0) {
    scratch = Buffer.allocUnsafe(2 * (scratch.length - end));
    end = type.encode(value, scratch, at);
  }
  const whole = Buffer.allocUnsafe(end);
  let filled = 0;
  for (const bytes of start) {
    whole.set(bytes, filled);
    filled += bytes.length;
  }
  // To copy a part of a buffer takes an object, which for a few bytes costs more than they do.
  if (end - at > FEW_BYTES) scratch.copy(whole, at, at, end);
  else for (let n = at; n < end; n++) whole[n] = scratch[n] ?? 0;
  return whole;
}

class AvroCodec<T> implements Codec<T> {
  readonly schemaId: number;
  readonly #type: Type;
  readonly #header: Buffer;
  readonly #registry: Registry;
  readonly #writers = new Map<number, Writer | null>();

  constructor(schemaId: number, type: Type, registry: Registry) {
    this.schemaId = schemaId;
    this.#type = type;
    this.#header = header(schemaId);
    this.#registry = registry;
    this.#writers.set(schemaId, { resolver: undefined, same: true });
  }

  encode(value: T): Buffer {
    return encodeAfter([this.#header], this.#type, value);
  }

  async decode(bytes: Buffer | null): Promise<T> {
    await this.prepareIds([bytes]);
    return this.decodeSync(bytes);
  }

  decodeSync(bytes: Buffer | null): T {
    const id = schemaIdOf(bytes);
    if (bytes === null || id === null) throw new PoisonError('o registro não é Avro com identificação de esquema');
    const writer = this.#writers.get(id);
    if (writer === undefined) throw new Error(`o esquema ${id} não foi preparado`);
    if (writer === null) throw new PoisonError(`o esquema ${id} é desconhecido ou incompatível`);
    try {
      const { value, offset } = this.#type.decode(bytes, HEADER_BYTES, writer.resolver);
      if (offset !== bytes.length) throw new Error(offset < 0 ? 'truncated buffer' : 'trailing data');
      return value;
    } catch (error) {
      throw new PoisonError(`o registro não segue o esquema ${id}: ${(error as Error).message}`, { cause: error });
    }
  }

  async prepareIds(values: Iterable<Buffer | null>): Promise<void> {
    const missing = new Set<number>();
    for (const bytes of values) {
      const id = schemaIdOf(bytes);
      // An id unknown before may have been registered since.
      if (id !== null && !this.#writers.get(id)) missing.add(id);
    }
    await Promise.all([...missing].map(async (id) => this.#writers.set(id, await this.#fetch(id))));
  }

  async #fetch(id: number): Promise<Writer | null> {
    const fetched = await this.#registry.writer(id);
    if (fetched === null) return null;
    const writer = withOurOptions(fetched);
    if (writer.equals(this.#type)) return { resolver: undefined, same: true };
    try {
      return { resolver: this.#type.createResolver(writer), same: false };
    } catch {
      return null;
    }
  }

  writerOf(id: number): Writer | null | undefined {
    return this.#writers.get(id);
  }
}

/** As `decodeSync`; null: the record cannot be read. */
export function decodeOrNull<T>(codec: Pick<Codec<T>, 'decodeSync'>, bytes: Buffer | null): T | null {
  try {
    return codec.decodeSync(bytes);
  } catch (error) {
    if (error instanceof PoisonError) return null;
    throw error;
  }
}

/**
 * The codec of a topic's values, under the id its schema has in the registry.
 * @throws RetryableError the registry is away, or the preparation has not registered the schema yet.
 */
export async function codecFor<N extends TopicName>(registry: Registry, topic: N): Promise<Codec<ValueOf<N>>> {
  const name: SchemaName = TOPICS[topic].schema;
  const id = await registry.idOf(subjectOf(topic), schemaOf(name));
  return new AvroCodec<ValueOf<N>>(id, typeOf(name), registry);
}
