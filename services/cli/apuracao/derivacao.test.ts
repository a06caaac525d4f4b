import { expect, it } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { ofertaVazia } from '#domain/presenca.ts';
import { codecFor } from '#platform/codec.ts';
import type { OutputRecord, ReadOptions } from '#platform/kafka/port.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { Derivacao, type PartesDaDerivacao } from './derivacao.ts';

const REGISTRO = { register: async () => 7, idOf: async () => 7, writer: async () => null };
const interacoes = await codecFor(REGISTRO, 'interacoes');
const apuracoes = new Apuracoes(await loadRulebooks());
const CHECK_IN: Interacao = { ...INTERACAO_VAZIA, tipoInteracao: 'check-in', disponibilizacaoId: 'P-1' };

/** One check-in in one partition, and the presences of the new apuração in Redis, which others may have moved. */
function derivacao({ em = 0, gravadaEm }: { em?: number; gravadaEm?: number }) {
  const record = { offset: 0, timestamp: 0, key: null, value: interacoes.encode(CHECK_IN), headers: {} };
  const enviados: OutputRecord[] = [];
  const partes = {
    kafka: {
      async readToEnd(topic: string, { onBatch }: ReadOptions) {
        if (topic === 'presencas') await onBatch({ topic, partition: 0, records: [record] });
      },
    },
    classifier: { interacoes, apuracoes, esquecimentos: new Esquecimentos(), portfolio: new PortfolioEmMemoria() },
    particoes: 1,
    presencas: {
      load: async () => ({ position: em, offers: new Map([['P-1', ofertaVazia('P-1')]]) }),
      commit: async (_: number, __: number, para: number) => gravadaEm ?? para,
    },
    postas: { atualiza: async () => {}, voltou: () => false, foiPosta: () => false },
    producer: { send: async (registros: readonly OutputRecord[]) => void enviados.push(...registros) },
  } as unknown as PartesDaDerivacao;
  const ate = { interacoes: new Map<number, number>(), presencas: new Map([[0, 1]]) };
  return { enviados, avanca: () => new Derivacao(partes, { numero: 0, base: 0 }).avanca(ate, () => {}) };
}

it.each([{ em: 3 }, { gravadaEm: 3 }])(
  'ends where its presences are not where it left them, and has told nobody of the record (%j)',
  async (onde) => {
    const { enviados, avanca } = derivacao(onde);
    await expect(avanca()).rejects.toMatchObject({ code: 'REPROCESSAMENTO_DESLOCADO' });
    expect(enviados).toEqual([]);
  },
);
