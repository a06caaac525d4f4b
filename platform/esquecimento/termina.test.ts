import { expect, it } from 'vitest';
import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import { type Esquecimento, Esquecimentos, encerramentoDe } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { murmur2Partition } from '../kafka/partitioner.ts';
import type { OutputRecord, ReadOptions } from '../kafka/port.ts';
import { redisDe } from './redis-de-teste.ts';
import { type PartesDoEncerramento, terminaEsquecimentos } from './termina.ts';

const [MARIA, JOANA, PJ] = ['pf:maria', 'pf:joana', 'pj:1'];
const ORDEM: Esquecimento = {
  ...{ numero: 1, titular: MARIA, nome: 'pf:novo', por: 'ana', em: 0, anunciado: false, desde: 1 },
  ...{ limites: { interacoes: [0], presencas: [0] }, fechamentos: [] },
};

interface Mundo {
  /** Of `interacoes`; another number than `lancamentos` has. */
  particoes?: number;
  /** Where `interacoes` ends for a reader, at each look; the last one stays. */
  estaveis?: number[];
  /** Where it ends for a writer. */
  fim?: number;
  presencas?: Record<string, Record<string, string>>;
}

/** The line with one order to be ended, and one participation beside a PJ in `interacoes`. */
function mundo({ particoes = 1, estaveis = [9], fim = 9, presencas = {} }: Mundo = {}) {
  const passos: string[] = [];
  const esquecimentos = new Esquecimentos();
  esquecimentos.registra(ORDEM);
  const { redis, nomeados } = redisDe(presencas);
  const lancados: Lancamento[] = [];
  const participacao: Interacao = {
    ...{ ...INTERACAO_VAZIA, source: FONTE_CONSOLIDADOR, id: `P/${MARIA}/1` },
    cliente: { pf: MARIA, pj: { id: PJ, vinculo: 'indicacao' }, naoIdentificado: null },
  };
  const onde = murmur2Partition(MARIA, particoes);
  const producer = { send: async (_: readonly OutputRecord[]) => {}, close: async () => {} };
  const olhadas = [...estaveis];
  const partes = {
    kafka: {
      exclusive: async () => producer,
      async readToEnd(topic: string, { partitions, onBatch }: ReadOptions) {
        passos.push(`le ${topic} ${partitions}`);
        const record = { offset: 0, timestamp: 0, key: Buffer.from(MARIA), value: Buffer.from('p'), headers: {} };
        if (partitions?.includes(onde)) await onBatch({ topic, partition: onde, records: [record] });
      },
    },
    admin: {
      partitionCount: async () => particoes,
      ends: async () => new Map([[0, fim]]),
      async offsets(topic: string) {
        if (topic === 'presencas') return [{ partition: 0, low: 0, high: 5 }];
        const high = olhadas.length > 1 ? olhadas.shift() : olhadas[0];
        return [{ partition: 0, low: 0, high }];
      },
    },
    seguidas: {
      apuracoes: { emVigor: 0 },
      esquecimentos,
      caughtUp: async () => {},
      ordem(um: Esquecimento) {
        passos.push(um.anunciado ? 'anuncia' : um.fechamentos.some((f) => f.encerrado) ? 'encerra' : 'fecha');
        esquecimentos.registra({ ...um, em: 0 });
        return { topic: 'esquecimentos', key: '1', value: null };
      },
    },
    resolucoes: { atualiza: async () => {} },
    redis,
    interacoes: { prepareIds: async () => {}, decodeSync: () => participacao },
    lotes: { encode: ({ lancamentos }: { lancamentos: Lancamento[] }) => void lancados.push(...lancamentos) },
    particoes: 1,
  } as unknown as PartesDoEncerramento;
  const termina = (espera = async () => {}) => terminaEsquecimentos(partes, espera);
  return { passos, lancados, nomeados, termina, fechamentos: () => esquecimentos.doTitular(MARIA)?.fechamentos };
}

it('closes, and ends the person and the PJs beside them', async () => {
  const { passos, lancados, termina, fechamentos } = mundo();
  expect(await termina()).toBe(1);
  expect(passos).toEqual(['anuncia', 'fecha', 'le interacoes 0', 'encerra']);
  expect(lancados).toEqual([encerramentoDe(ORDEM), encerramentoDe(ORDEM, PJ)]);
  expect(fechamentos()).toEqual([{ apuracao: 0, interacoes: [9], encerrado: true }]);
});

it('looks for the PJs in the partition that participations have in interacoes, not in lancamentos', async () => {
  const { lancados, termina } = mundo({ particoes: 7 });
  await termina();
  expect(murmur2Partition(MARIA, 7)).not.toBe(0);
  expect(lancados).toEqual([encerramentoDe(ORDEM), encerramentoDe(ORDEM, PJ)]);
});

it('announces nothing while a transaction is open in interacoes, and then closes behind it', async () => {
  const { passos, termina, fechamentos } = mundo({ estaveis: [4, 4, 9], fim: 9 });
  await termina();
  expect(passos.slice(0, 2)).toEqual(['anuncia', 'fecha']);
  expect(fechamentos()).toMatchObject([{ interacoes: [9] }]);
});

it('what is written meanwhile is no open transaction', async () => {
  const { termina, fechamentos } = mundo({ estaveis: [12, 15], fim: 9 });
  await termina();
  expect(fechamentos()).toMatchObject([{ interacoes: [15] }]);
});

it('leaves the person in the presences of no apuração, be it one that was given up', async () => {
  const oferta = { '@': '{}', [MARIA]: '{}', [`${MARIA}+${PJ}`]: '{}', [JOANA]: '{}' };
  const { nomeados, termina } = mundo({ presencas: { 'co:{p0}:o:P': oferta, 'co.3:{p1}:o:P': oferta } });
  await termina();
  expect(nomeados().filter((onde) => onde.includes(MARIA))).toEqual([]);
  expect(nomeados().filter((onde) => onde.includes(JOANA))).toHaveLength(2);
});
