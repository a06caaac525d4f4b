import { describe, expect, it } from 'vitest';
import type { InputRecord, Kafka, KafkaAdmin } from '#platform/kafka/port.ts';
import { ContaMinutos } from './minutos.ts';

const MINUTO = 60_000;
const DO_PASSADO = [{ 'atendido-redecidida': Buffer.from('1') }, { 'atendido-reconsolidada': Buffer.from('1') }];
const AGORA = Date.parse('2026-03-02T10:15:30Z');

/** One partition a topic, of records that came at these times; holes are markers of transactions. */
function kafkaDe(topicos: Record<string, (number | null)[]>, redecididos: readonly number[] = []) {
  const lidos: [string, number, number][] = [];
  const log = (topico: string) => topicos[topico] ?? [];
  const admin: Pick<KafkaAdmin, 'offsets'> = {
    offsets: async (topico) => [{ partition: 0, low: 0, high: log(topico).length }],
  };
  const kafka: Pick<Kafka, 'readToEnd'> = {
    readToEnd: async (topico, { from, to, onBatch }) => {
      const [de = 0, ate = 0] = [from?.get(0), to?.get(0)];
      lidos.push([topico, de, ate]);
      const records = log(topico).flatMap((timestamp, offset): InputRecord[] =>
        timestamp === null || offset < de || offset >= ate
          ? []
          : [
              {
                offset,
                timestamp,
                key: null,
                value: null,
                headers: (redecididos.includes(offset) && DO_PASSADO[offset / 2]) || {},
              },
            ],
      );
      await onBatch({ topic: topico, partition: 0, records });
    },
  };
  return { admin, kafka, lidos };
}

const [CONTABILIZA, NAO, QUARENTENA] = [
  'interacoes-contabilizadas',
  'interacoes-nao-contabilizadas',
  'interacoes-em-quarentena',
] as const;

describe('ContaMinutos', () => {
  it('counts each record once, by the minute it was decided in and its outcome; a marker is none', async () => {
    const topicos = {
      [CONTABILIZA]: [AGORA - MINUTO, null, AGORA, AGORA],
      [NAO]: [AGORA],
      [QUARENTENA]: [AGORA - 2 * MINUTO, null],
    };
    const conta = new ContaMinutos({ ...kafkaDe(topicos), agora: () => AGORA });
    await conta.conta();
    topicos[CONTABILIZA].push(AGORA + 1);
    const { minutos } = await conta.conta();
    expect(minutos).toHaveLength(60);
    expect(minutos.slice(-3).map(({ inicio: _inicio, ...n }) => n)).toEqual([
      { contabiliza: 0, naoContabiliza: 0, quarentena: 1 },
      { contabiliza: 1, naoContabiliza: 0, quarentena: 0 },
      { contabiliza: 3, naoContabiliza: 1, quarentena: 0 },
    ]);
  });

  it('of a long log only the end is read, and the minutes before are unknown, not zero', async () => {
    const muitos = Array.from({ length: 30_000 }, (_, n) => AGORA - Math.floor((30_000 - n) / 1_000) * MINUTO);
    const { lidos, ...partes } = kafkaDe({ [CONTABILIZA]: muitos });
    const { minutos } = await new ContaMinutos({ ...partes, agora: () => AGORA }).conta();
    expect(lidos).toEqual([[CONTABILIZA, 10_000, 30_000]]);
    expect(minutos.length).toBeLessThan(22);
    for (const { contabiliza } of minutos.slice(0, -1)) expect(contabiliza).toBe(1_000);
  });

  it('what a rulebook that was applied decided anew is no traffic', async () => {
    const partes = kafkaDe({ [CONTABILIZA]: [AGORA, AGORA, AGORA], [QUARENTENA]: [AGORA, AGORA] }, [0, 2]);
    const { minutos } = await new ContaMinutos({ ...partes, agora: () => AGORA }).conta();
    expect(minutos.at(-1)).toMatchObject({ contabiliza: 1, naoContabiliza: 0, quarentena: 1 });
  });

  it('a read that fails half-way is made again whole', async () => {
    const partes = kafkaDe({ [CONTABILIZA]: [AGORA, AGORA] });
    const { readToEnd } = partes.kafka;
    let falha = true;
    const kafka: Pick<Kafka, 'readToEnd'> = {
      readToEnd: async (topico, opcoes) => {
        await readToEnd(topico, opcoes);
        if (falha) throw new Error('caiu');
      },
    };
    const conta = new ContaMinutos({ admin: partes.admin, kafka, agora: () => AGORA });
    await expect(conta.conta()).rejects.toThrow('caiu');
    falha = false;
    expect((await conta.conta()).minutos.at(-1)?.contabiliza).toBe(2);
  });
});
