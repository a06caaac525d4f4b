import { expect, inject, test } from 'vitest';
import { anosDe } from '#domain/cliente.ts';
import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { codecFor } from '#platform/codec.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { prepare } from '#platform/prepare.ts';
import { connectRegistry } from '#platform/registry.ts';
import type { Aggregator } from '../../services/aggregator/aggregator.ts';
import { Bancada, dobraSimples, sorteiaLancamentos, totaisDe } from './aggregator-fixture.ts';
import { consuming, kafka, newTopic, send, unique, until } from './kafka-fixture.ts';

const PARTICOES = 2;
const registry = connectRegistry(inject('registryUrl'));
await prepare({ kafka, registry, partitions: PARTICOES, replicationFactor: 1 });
const lotes = await codecFor(registry, 'lancamentos');
const clientesAtendidos = await codecFor(registry, 'clientes-atendidos');

async function envia(topic: string, lancamentos: readonly Lancamento[], porLote: number): Promise<void> {
  const particaoDe = (l: Lancamento): number => murmur2Partition(chaveDoLancamento(l), PARTICOES);
  for (const [partition, entradas] of Map.groupBy(lancamentos, particaoDe)) {
    for (let i = 0; i < entradas.length; i += porLote) {
      const value = lotes.encode({ lancamentos: entradas.slice(i, i + porLote) });
      await send([{ topic, partition, key: null, value }]);
    }
  }
}

/** An instance as main.ts wires it, over a topic and a group of the test's own. */
async function instancia(bancada: Bancada, topic: string, groupId: string) {
  const aggregator: Aggregator = bancada.aggregator({ lotes, clientesAtendidos });
  return consuming({
    groupId,
    topics: [topic],
    positionOf: (tp) => aggregator.assume(tp),
    // Small rounds, so that there is something between the first and the last.
    maxRecords: 3,
    onRound: (round) => aggregator.aplica(round),
    onRevoked: async (revogadas) => aggregator.larga(revogadas),
  });
}

async function noFim(bancada: Bancada, topic: string): Promise<boolean> {
  const admin = await kafka.admin();
  const fins = await admin.offsets(topic);
  await admin.close();
  const posicoes = await bancada.leitor.posicoes();
  return fins.every(({ partition, high }) => posicoes.get(partition) === high);
}

/** The last status of each of these clients' years, as the compacted topic leaves it. */
async function status(prefixo: string): Promise<Record<string, boolean>> {
  const ultimo: Record<string, boolean> = {};
  await kafka.readToEnd('clientes-atendidos', {
    async onBatch({ records }) {
      for (const { key, value } of records) {
        if (String(key).includes(`:${prefixo}`)) ultimo[String(key)] = (await clientesAtendidos.decode(value)).atendido;
      }
    },
  });
  return ultimo;
}

test('joined, left, its Redis set back and emptied: the line ends in the numbers of the plain fold', async () => {
  const [topic, groupId, prefixo] = [await newTopic(PARTICOES), unique('agg'), unique('c')];
  const bancada = new Bancada(PARTICOES);
  const lancamentos = sorteiaLancamentos(900, 11, prefixo);
  // What comes after a Redis lost its tail is what tells that it did.
  const [inicio, meio, fim] = [lancamentos.slice(0, 400), lancamentos.slice(400, 650), lancamentos.slice(650)];
  const passou = async (n: number): Promise<boolean> => {
    return [...(await bancada.leitor.posicoes()).values()].some((posicao) => posicao >= n);
  };

  const primeira = await instancia(bancada, topic, groupId);
  const envios = envia(topic, inicio, 10);
  await until(() => passou(3), 'first lots applied');
  const restaura = await bancada.copia();
  const segunda = await instancia(bancada, topic, groupId);
  await until(() => segunda.assignment().length === 1, 'the second has one partition');
  await envios;
  await until(() => noFim(bancada, topic), 'the beginning applied');
  await restaura();
  await envia(topic, meio, 10);
  await until(() => noFim(bancada, topic), 'applied again, from where it was set back');
  await bancada.esvazia();
  await primeira.stop();
  await envia(topic, fim, 10);
  await until(() => noFim(bancada, topic), 'all applied');

  expect(await totaisDe(bancada.leitor)).toEqual(dobraSimples(lancamentos));
  const esperado: Record<string, boolean> = {};
  const publicado = await status(prefixo);
  for await (const { titular, estado } of bancada.leitor.titulares()) {
    if (titular.startsWith('ni:')) continue;
    for (const [ano, { atendido }] of Object.entries(anosDe(estado))) {
      if (atendido || `${titular}|${ano}` in publicado) esperado[`${titular}|${ano}`] = atendido;
    }
  }
  expect(publicado).toEqual(esperado);
  await segunda.stop();
});
