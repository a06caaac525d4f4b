import { Registry as Metrics } from 'prom-client';
import { expect, it } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import type { Aplicacao, EscritorDeEstado } from '#platform/estado/escritor.ts';
import { EstadosEmBytes } from '#platform/estado/estados-em-bytes.ts';
import type { InputRecord, Round } from '#platform/kafka/port.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { Aggregator } from './aggregator.ts';
import { criaMedidas } from './medidas.ts';

const TP = { topic: 'lancamentos', partition: 0 };

function roundOf(records: InputRecord[]): Round {
  return {
    batches: [{ ...TP, records, next: records.length, isStillOurs: () => true }],
    commit: async () => undefined,
  };
}

it('does not take its own run for somebody else’s where Redis answers both at once', async () => {
  const [aplicada, olhada] = [Promise.withResolvers<Aplicacao>(), Promise.withResolvers<boolean>()];
  const escrita = Promise.withResolvers<void>();
  const escritor: Partial<EscritorDeEstado> = {
    assume: async () => 0,
    apuracao: () => 0,
    le: async () => ({ posicao: 0, estados: new EstadosEmBytes(new Map()) }),
    gravacao: () => ({ chaves: [], argumentos: [] }),
    aplica: () => {
      escrita.resolve();
      return aplicada.promise;
    },
    deslocou: () => olhada.promise,
  };
  const aggregator = new Aggregator({
    escritor: escritor as EscritorDeEstado,
    lotes: { prepareIds: async () => undefined, decodeSync: () => ({ lancamentos: [] }) },
    clientesAtendidos: { encode: () => Buffer.alloc(0) },
    seguidas: { apuracoes: new Apuracoes(await loadRulebooks()), caughtUp: async () => undefined },
    medidas: criaMedidas(new Metrics()),
  });
  await aggregator.assume(TP);
  const lote = { offset: 0, timestamp: 0, key: null, value: null, headers: {} };
  const aplica = aggregator.aplica(roundOf([lote]));
  await escrita.promise;
  const moved = aggregator.deslocou(TP);
  aplicada.resolve({ kind: 'aplicada' });
  olhada.resolve(true);
  expect(await moved).toBe(false);
  await aplica;
});
