import { z } from 'zod';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import type { Kafka, OutputRecord } from './kafka/port.ts';
import { ATOS } from './nomes-dos-atos.ts';
import { ACTS_TOPIC } from './topics.ts';

/** Who does it. */
export interface Quem {
  /** As they say, else the key's id. */
  quem: string;
  /** The key that was asked for; null: none, done on the command line by somebody who reaches Kafka. */
  chave: string | null;
}

const ato = z.object({
  /** ISO 8601. */
  em: z.string(),
  quem: z.string(),
  chave: z.string().nullable(),
  ato: z.enum(ATOS),
  /** What it was done to. */
  alvo: z.string(),
  detalhe: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
});
export type Ato = z.infer<typeof ato>;

/**
 * The record of an act that is done now: to be sent in the act's own transaction or, where it has none, and
 * acknowledged, before the act, so that none stands without its line. Whatever looks like a CPF is left out of it; a
 * secret has no place in it.
 */
export function registroDoAto({ quem, chave }: Quem, feito: Pick<Ato, 'ato' | 'alvo' | 'detalhe'>): OutputRecord {
  const { ato, alvo, detalhe } = feito;
  const completo: Ato = { em: new Date().toISOString(), quem, chave, ato, alvo, detalhe };
  return { topic: ACTS_TOPIC, key: ato, value: Buffer.from(ocultaCpf(JSON.stringify(completo))) };
}

/** Who and what; `de` and `ate` (exclusive): milliseconds since the epoch. */
export interface FiltrosDosAtos {
  quem?: string | undefined;
  ato?: string | undefined;
  de?: number | undefined;
  ate?: number | undefined;
}

function passa({ em, quem, chave, ato }: Ato, filtros: FiltrosDosAtos): boolean {
  const { de = Number.NEGATIVE_INFINITY, ate = Number.POSITIVE_INFINITY } = filtros;
  const quando = Date.parse(em);
  if (quando < de || quando >= ate) return false;
  if (filtros.ato !== undefined && filtros.ato !== ato) return false;
  return filtros.quem === undefined || filtros.quem === quem || filtros.quem === chave;
}

/**
 * The acts that pass, in the order they were written; `ilegiveis`: how many records are none.
 * @throws RetryableError Kafka is away
 */
export async function leAtos(
  kafka: Pick<Kafka, 'readToEnd'>,
  filtros: FiltrosDosAtos,
): Promise<{ atos: Ato[]; ilegiveis: number }> {
  const atos: Ato[] = [];
  let ilegiveis = 0;
  await kafka.readToEnd(ACTS_TOPIC, {
    onBatch: ({ records }) => {
      for (const { value } of records) {
        const lido = ato.safeParse(jsonDe(value));
        if (!lido.success) ilegiveis += 1;
        else if (passa(lido.data, filtros)) atos.push(lido.data);
      }
    },
  });
  return { atos, ilegiveis };
}

function jsonDe(valor: Buffer | null): unknown {
  try {
    return JSON.parse(String(valor));
  } catch {
    return undefined;
  }
}
