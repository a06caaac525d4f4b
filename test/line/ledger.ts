import { createHash } from 'node:crypto';
import { REDECIDIDA } from '#platform/apuracoes.ts';
import { codecFor, PoisonError } from '#platform/codec.ts';
import type { InputRecord, Kafka } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';

/** How often each event stands somewhere: by source and id, or by its bytes where it cannot be read. */
export type Tally = Map<string, number>;

export interface Balance {
  records: number;
  lost: string[];
  duplicated: string[];
}

/**
 * What came in against what came out: the same events, the same number of times.
 * @param accepted what producers were told is kept, by source and id: all of it must have come in
 */
export function balance(input: Tally, output: Tally, accepted: Iterable<string> = []): Balance {
  const names = [...new Set([...input.keys(), ...output.keys()])];
  const over = (n: string) => (output.get(n) ?? 0) - (input.get(n) ?? 0);
  return {
    records: [...input.values()].reduce((sum, n) => sum + n, 0),
    lost: [...names.filter((n) => over(n) < 0), ...[...accepted].filter((n) => !input.has(n))],
    duplicated: names.filter((n) => over(n) > 0),
  };
}

function add(tally: Tally, name: string): void {
  tally.set(name, (tally.get(name) ?? 0) + 1);
}

const nameOfBytes = (bytes: Buffer | null): string =>
  bytes === null ? 'null' : createHash('sha256').update(bytes).digest('hex');

const firstDecision = ({ headers }: InputRecord): boolean => headers[REDECIDIDA] === undefined;

/**
 * Reads the log as a read-committed consumer does: every record of `interacoes` and `presencas` should stand exactly
 * once in contabilizadas, nao-contabilizadas or quarentena, and every event accepted should be among them. What another
 * apuração said of it later is marked so, and left out.
 */
export async function balanceOf(kafka: Kafka, registry: Registry, accepted: Iterable<string> = []): Promise<Balance> {
  const raw = await codecFor(registry, 'interacoes');
  const classified = await codecFor(registry, 'interacoes-contabilizadas');
  const quarantine = await codecFor(registry, 'interacoes-em-quarentena');
  const input: Tally = new Map();
  const output: Tally = new Map();
  const name = async (bytes: Buffer | null): Promise<string> => {
    try {
      const { source, id } = await raw.decode(bytes);
      return `${source} ${id}`;
    } catch (error) {
      if (error instanceof PoisonError) return nameOfBytes(bytes);
      throw error;
    }
  };
  for (const topic of ['interacoes', 'presencas']) {
    await kafka.readToEnd(topic, {
      onBatch: async ({ records }) => {
        for (const { value } of records) add(input, await name(value));
      },
    });
  }
  for (const topic of ['interacoes-contabilizadas', 'interacoes-nao-contabilizadas']) {
    await kafka.readToEnd(topic, {
      onBatch: async ({ records }) => {
        for (const { value } of records.filter(firstDecision)) {
          const { source, id } = (await classified.decode(value)).interacao;
          add(output, `${source} ${id}`);
        }
      },
    });
  }
  await kafka.readToEnd('interacoes-em-quarentena', {
    onBatch: async ({ records }) => {
      for (const { value } of records.filter(firstDecision))
        add(output, await name((await quarantine.decode(value)).valor));
    },
  });
  return balance(input, output, accepted);
}
