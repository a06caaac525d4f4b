import type { Esquecimento } from '#domain/esquecimento.ts';
import { codecFor } from '#platform/codec.ts';
import { registroDoEsquecimento } from '#platform/esquecimentos.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { copyLine } from './line.ts';
import { MemoryKafka, memoryRegistry } from './memory-fixture.ts';

export const [FEWER, MORE] = [3, 5];
export const CLIENTS = Array.from({ length: 40 }, (_, n) => `pf:${n}`);

export const raw = (key: string, text: string, more: Partial<OutputRecord> = {}): OutputRecord => {
  return { topic: 'interacoes', key, value: Buffer.from(text), ...more };
};

/** Two lines in memory, and the copy from one to the other. */
export function lines() {
  const [from, to] = [new MemoryKafka(FEWER), new MemoryKafka(MORE)];
  const asked: unknown[] = [];
  const broker = {
    fills: async (_topics: readonly string[], filling: boolean) => void asked.push(filling),
    moveGroup: async (group: string, ends: object) => void asked.push([group, ends]),
  };
  const copy = () => copyLine({ from: from.kafka, to: to.kafka, broker, registry: memoryRegistry });
  return { from, to, asked, broker, copy };
}

export const endsOf = (kafka: MemoryKafka, topic: string): number[] => kafka.log(topic).map(({ length }) => length);

/** An order to forget that holds from where a line ends by now. */
export async function orderAt(
  kafka: MemoryKafka,
  numero: number,
  more: Partial<Esquecimento> = {},
): Promise<OutputRecord> {
  const limites = { interacoes: endsOf(kafka, 'interacoes'), presencas: endsOf(kafka, 'presencas') };
  const fechamentos = [{ apuracao: 0, interacoes: limites.interacoes, encerrado: true }];
  const who = { titular: `pf:${numero}`, nome: `pf:novo-${numero}`, por: 'ana', em: 1 };
  const one = { numero, ...who, anunciado: false, desde: 1, limites, fechamentos, ...more };
  return registroDoEsquecimento(await codecFor(memoryRegistry, 'esquecimentos'), one);
}
