import { describe, expect, it } from 'vitest';
import { CLIENTS, MORE, raw } from './lines-fixture.ts';
import { MemoryKafka } from './memory-fixture.ts';
import { type Placed, Target } from './target.ts';

async function targetOf(kafka: MemoryKafka) {
  const { kafka: to } = kafka;
  const [producer, admin, reader] = [await to.producer({ once: true }), await to.admin(), await to.reader()];
  return new Target({ producer, admin, reader, wait: async () => undefined }, new Map([['interacoes', MORE]]));
}

const texts = (kafka: MemoryKafka): string[][] =>
  kafka.log('interacoes').map((records) => records.map(({ value }) => String(value)));

describe('a send that a server leaves unanswered', () => {
  const placed = (target: Target): Placed[] =>
    ['a', 'b'].flatMap((turn) => {
      return CLIENTS.map((client) => {
        const key = Buffer.from(client);
        return {
          ...raw(client, `${client} ${turn}`, { timestamp: 7 }),
          partition: target.partitionFor('interacoes', { key, partition: 0 }),
        };
      });
    });

  it.each([
    ['none of it arrived', [() => false]],
    ['all of it arrived', [() => true]],
    ['some leaders had it', [({ partition = 0 }) => partition > 1, ({ partition = 0 }) => partition === 1]],
    ['a partition had the first records', [({ value }) => String(value).endsWith('a'), () => false]],
  ] as [string, MemoryKafka['cutShort']][])('is written once, in order, where %s', async (_, cutShort) => {
    const [kafka, whole] = [new MemoryKafka(MORE), new MemoryKafka(MORE)];
    const target = await targetOf(kafka);
    whole.write(...placed(target));
    kafka.cutShort.push(...cutShort);
    const offsets = await target.send(placed(target));
    expect(texts(kafka)).toEqual(texts(whole));
    expect(offsets).toHaveLength(2 * CLIENTS.length);
    await target.check();
  });

  it('ends the copy at once where it was written twice, and not at the end', async () => {
    const kafka = new MemoryKafka(MORE);
    const target = await targetOf(kafka);
    kafka.cutShort.push(() => true);
    kafka.onSend = (records) => void kafka.write(...records);
    await expect(target.send(placed(target))).rejects.toMatchObject({ code: 'COPIA_INVALIDA' });
  });

  it('ends the copy where it is not waiting that helps, or none does for long', async () => {
    const kafka = new MemoryKafka(MORE);
    const target = await targetOf(kafka);
    kafka.cutShort.push(...Array.from({ length: 99 }, () => () => false));
    await expect(target.send(placed(target))).rejects.toThrow('um servidor está fora');
    kafka.cutShort.length = 0;
    let sends = 0;
    kafka.onSend = () => {
      sends++;
      throw new Error('recusado');
    };
    await expect((await targetOf(kafka)).send(placed(target))).rejects.toThrow('recusado');
    expect(sends).toBe(1);
  });
});
