import { readFileSync } from 'node:fs';
import { type CabecalhoDaOferta, type EstadoDaOferta, ofertaVazia, type Participacao } from '#domain/presenca.ts';
import { esquecePresencas, inicioDasPresencas } from '#platform/estado/presencas.ts';
import { type RedisConnection, toRetryable } from '#platform/redis.ts';

const COMMIT = readFileSync(new URL('./commit.lua', import.meta.url), 'utf8');
/** The field of an offer's hash that holds what is of the whole offer; no client id begins so. */
const HEADER = '@';

/** The participants to load of an offer, or all. */
export type Touched = ReadonlySet<string> | 'todos';

interface WithCommit {
  consolidatorCommit(keys: number, ...args: string[]): Promise<string>;
}

/** What was read of a partition's shard, at one instant. */
export interface Loaded {
  position: number;
  offers: Map<string, EstadoDaOferta>;
}

function parse(id: string, fields: Iterable<[string, string | null]>): EstadoDaOferta {
  const state = ofertaVazia(id);
  for (const [field, value] of fields) {
    if (value === null) continue;
    if (field === HEADER) state.cabecalho = JSON.parse(value) as CabecalhoDaOferta;
    else state.participacoes.set(field, JSON.parse(value) as Participacao);
  }
  return state;
}

/**
 * The presences of an apuração in Redis: a shard per partition of `presencas`, one slot, with its position.
 */
export class PresenceStore {
  readonly #redis: RedisConnection;
  readonly #commit: WithCommit;
  readonly #prefix: string;

  constructor(redis: RedisConnection, apuracao: number) {
    this.#redis = redis;
    this.#prefix = inicioDasPresencas(apuracao);
    redis.defineCommand('consolidatorCommit', { lua: COMMIT });
    this.#commit = redis as unknown as WithCommit;
  }

  /** The next offset of `presencas` to be applied. @throws RetryableError */
  async position(partition: number): Promise<number> {
    return Number((await toRetryable(this.#redis.get(this.#key(partition, 'pos')))) ?? 0);
  }

  /**
   * Reads the position and the offers together, so that the offers are those of that very position.
   * @throws RetryableError
   */
  async load(partition: number, touched: ReadonlyMap<string, Touched>): Promise<Loaded> {
    const multi = this.#redis.multi().get(this.#key(partition, 'pos'));
    for (const [id, names] of touched) {
      const key = this.#key(partition, `o:${id}`);
      if (names === 'todos') multi.hgetall(key);
      else multi.hmget(key, HEADER, ...names);
    }
    const replies = (await toRetryable(multi.exec())) ?? [];
    const failed = replies.find(([error]) => error !== null)?.[0];
    if (failed) await toRetryable(Promise.reject(failed));
    const [position, ...found] = replies.map(([, reply]) => reply);
    const offers = new Map<string, EstadoDaOferta>();
    for (const [n, [id, names]] of [...touched].entries()) {
      const fields: [string, string | null][] =
        names === 'todos'
          ? Object.entries(found[n] as Record<string, string>)
          : [HEADER, ...names].map((name, at) => [name, (found[n] as (string | null)[])[at] ?? null]);
      offers.set(id, parse(id, fields));
    }
    return { position: Number(position ?? 0), offers };
  }

  /**
   * Writes the offers and moves the position from `from` to `to`.
   * @returns the stored position: `to` where it was written
   * @throws RetryableError
   */
  async commit(
    partition: number,
    from: number,
    to: number,
    offers: ReadonlyMap<string, EstadoDaOferta>,
  ): Promise<number> {
    const keys = [this.#key(partition, 'pos'), ...[...offers.keys()].map((id) => this.#key(partition, `o:${id}`))];
    const args = [...offers.values()].flatMap(({ cabecalho, participacoes }) => {
      const fields = [
        [HEADER, JSON.stringify(cabecalho)],
        ...[...participacoes].map(([n, p]) => [n, JSON.stringify(p)]),
      ];
      return [String(fields.length), ...fields.flat()];
    });
    const reply = this.#commit.consolidatorCommit(keys.length, ...keys, String(from), String(to), ...args);
    return Number(await toRetryable(reply));
  }

  /** How many had been forgotten when {@link forget} was last done: it goes back with the rest. @throws RetryableError */
  async forgotten(partition: number): Promise<number> {
    return Number((await toRetryable(this.#redis.get(this.#key(partition, 'esquecidos')))) ?? 0);
  }

  /**
   * Removes what is held of all who have been forgotten there by now, of all offers of a partition: where the position is
   * past where their presences end, nothing writes it again. Says, after it, how many they are.
   * @throws RetryableError
   */
  async forget(ids: readonly string[], partition: number): Promise<void> {
    if (ids.length === 0) return;
    await esquecePresencas(this.#redis, `${this.#prefix}:{p${partition}}`, ids);
    await toRetryable(this.#redis.set(this.#key(partition, 'esquecidos'), String(ids.length)));
  }

  #key(partition: number, what: string): string {
    return `${this.#prefix}:{p${partition}}:${what}`;
  }
}
