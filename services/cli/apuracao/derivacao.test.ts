import { expect, it } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { ofertaVazia } from '#domain/presenca.ts';
import { codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import type { OutputRecord, ReadOptions } from '#platform/kafka/port.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { palestra } from '../../consolidator/palestra-fixture.ts';
import { Derivacao, type PartesDaDerivacao } from './derivacao.ts';

const REGISTRO = { register: async () => 7, idOf: async () => 7, writer: async () => null };
const [interacoes, contabilizadas, quarentenas, lotes] = await Promise.all([
  codecFor(REGISTRO, 'interacoes'),
  codecFor(REGISTRO, 'interacoes-contabilizadas'),
  codecFor(REGISTRO, 'interacoes-em-quarentena'),
  codecFor(REGISTRO, 'lancamentos'),
]);
const codecs = { interacoes, classificadas: new ClassificadaEncoder(interacoes, contabilizadas), quarentenas, lotes };
const apuracoes = new Apuracoes(await loadRulebooks());
const CHECK_IN: Interacao = { ...INTERACAO_VAZIA, tipoInteracao: 'check-in', disponibilizacaoId: 'P-1' };

interface Caso {
  em?: number;
  gravadaEm?: number;
  presencas?: Interacao[];
  portfolio?: PortfolioEmMemoria;
}

/** Presences in one partition, and those of the new apuração in Redis, which others may have moved. */
function derivacao({ em = 0, gravadaEm, presencas = [CHECK_IN], portfolio = new PortfolioEmMemoria() }: Caso) {
  const records = presencas.map((um, offset) => {
    return { offset, timestamp: um.time, key: null, value: interacoes.encode(um), headers: {} };
  });
  const enviados: OutputRecord[] = [];
  const partes = {
    kafka: {
      async readToEnd(topic: string, { onBatch }: ReadOptions) {
        if (topic === 'presencas') await onBatch({ topic, partition: 0, records });
      },
    },
    classifier: { ...codecs, apuracoes, esquecimentos: new Esquecimentos(), portfolio },
    particoes: 1,
    presencas: {
      load: async () => ({ position: em, offers: new Map([['P-1', ofertaVazia('P-1')]]) }),
      commit: async (_: number, __: number, para: number) => gravadaEm ?? para,
      forget: async () => {},
    },
    postas: { atualiza: async () => {}, voltou: () => false, foiPosta: () => false },
    producer: { send: async (registros: readonly OutputRecord[]) => void enviados.push(...registros) },
  } as unknown as PartesDaDerivacao;
  const ate = { interacoes: new Map<number, number>(), presencas: new Map([[0, records.length]]) };
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

it('marks what it derives of presences from before: nothing has just come', async () => {
  const { portfolio, checkIn, closing } = palestra('P-1');
  const { enviados, avanca } = derivacao({ presencas: [checkIn, closing], portfolio });
  await avanca();
  const derivadas = enviados.filter(({ topic }) => topic === 'interacoes');
  expect(derivadas.map(({ headers }) => headers)).toEqual([expect.objectContaining({ 'atendido-reconsolidada': '0' })]);
});
