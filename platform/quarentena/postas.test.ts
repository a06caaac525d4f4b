import { describe, expect, it } from 'vitest';
import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import type { Codec } from '../codec.ts';
import type { Quarentena, ResolucaoDeQuarentena } from '../codec-types.ts';
import type { Kafka, ReadOptions } from '../kafka/port.ts';
import { Postas } from './postas.ts';
import { Resolucoes } from './resolucoes.ts';

const REENVIO = { por: 'ana', em: 1, tentativa: 2, execucao: 'x' };
const CORRECAO = { topico: 'interacoes', chave: 'k', valor: 'v', por: 'bia', em: 1 };

type Posta = Partial<Pick<Quarentena, 'topico' | 'posicao' | 'apuracao' | 'source'>>;

/** Logs of one partition whose records are JSON, and what reads them. */
function mundo(topico?: string) {
  const logs: Record<string, { key: Buffer; value: Buffer }[]> = {};
  const kafka = {
    readToEnd: async (topic: string, { from, onBatch }: ReadOptions) => {
      const records = (logs[topic] ?? []).map((r, offset) => ({ ...r, offset, timestamp: 0, headers: {} }));
      const novos = records.slice(from?.get(0) ?? 0);
      if (novos.length > 0) await onBatch({ topic, partition: 0, records: novos });
    },
  } as unknown as Kafka;
  const codec = {
    prepareIds: async () => {},
    decodeSync: (valor: Buffer) => JSON.parse(String(valor)),
  } as unknown as Codec<Quarentena> & Codec<ResolucaoDeQuarentena>;
  const escreve = (topic: string, key: string, value: object): void => {
    logs[topic] ??= [];
    logs[topic].push({ key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)) });
  };
  return {
    postas: new Postas(kafka, codec, new Resolucoes(kafka, codec), topico),
    /** The one before it in the log has the id before: `0/0`, `0/1`… */
    posta: (uma: Posta) => {
      escreve('interacoes-em-quarentena', '', { topico: 'interacoes', particao: 0, apuracao: 0, source: null, ...uma });
    },
    resolve: (id: string, feito: object) => {
      escreve('resolucoes-de-quarentena', id, { correcao: null, reenvio: null, ...feito });
    },
  };
}

describe('what was set aside, and what of it came back', () => {
  it('is known by where the record stands in its topic, as far as was read', async () => {
    const { postas, posta, resolve } = mundo();
    posta({ posicao: 7 });
    await postas.atualiza();
    expect([postas.foiPosta('interacoes/0/7'), postas.voltou('interacoes/0/7')]).toEqual([true, false]);
    expect(postas.foiPosta('interacoes/0/8')).toBe(false);
    resolve('0/0', { reenvio: REENVIO });
    expect(postas.voltou('interacoes/0/7')).toBe(false);
    await postas.atualiza();
    expect(postas.voltou('interacoes/0/7')).toBe(true);
  });

  it('is of one topic where only that is asked for, and never of what the line itself derived', async () => {
    const { postas, posta } = mundo('presencas');
    posta({ posicao: 7 });
    posta({ posicao: 7, topico: 'presencas' });
    posta({ posicao: 8, topico: 'presencas', source: FONTE_CONSOLIDADOR });
    await postas.atualiza();
    const onde = ['interacoes/0/7', 'presencas/0/7', 'presencas/0/8'];
    expect(onde.map((uma) => postas.foiPosta(uma))).toEqual([false, true, false]);
  });

  it('is read by one at a time, however many ask', async () => {
    const { postas, posta, resolve } = mundo();
    posta({ posicao: 7 });
    resolve('0/0', { reenvio: REENVIO });
    await Promise.all([postas.atualiza(), postas.atualiza(), postas.atualiza()]);
    expect(postas.tratadas({ numero: 1, base: 0 })).toEqual([
      { onde: 'interacoes/0/7', tratada: '0/0', repetida: null },
    ]);
  });
});

describe('of an apuração in the making, what somebody treated meanwhile', () => {
  it('is what was put back, and what waits corrected of the one in force', async () => {
    const { postas, posta, resolve } = mundo();
    posta({ posicao: 1 });
    posta({ posicao: 2 });
    posta({ posicao: 3 });
    posta({ posicao: 4, apuracao: 1 });
    posta({ posicao: 1, apuracao: 2 });
    posta({ posicao: 2, apuracao: 2 });
    resolve('0/0', { reenvio: REENVIO });
    resolve('0/1', { correcao: CORRECAO });
    // Corrected under an apuração that is not the one in force: it decided nothing of today.
    resolve('0/3', { correcao: CORRECAO });
    await postas.atualiza();
    expect(postas.tratadas({ numero: 2, base: 0 })).toEqual([
      { onde: 'interacoes/0/1', tratada: '0/0', repetida: '0/4' },
      { onde: 'interacoes/0/2', tratada: '0/1', repetida: '0/5' },
    ]);
  });

  it('leaves alone what the new one set aside and was put back already', async () => {
    const { postas, posta, resolve } = mundo();
    posta({ posicao: 1 });
    posta({ posicao: 1, apuracao: 2 });
    resolve('0/0', { reenvio: REENVIO });
    resolve('0/1', { reenvio: REENVIO });
    await postas.atualiza();
    expect(postas.tratadas({ numero: 2, base: 0 })).toMatchObject([{ tratada: '0/0', repetida: null }]);
  });
});
