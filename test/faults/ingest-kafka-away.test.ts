import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runningStack } from '#platform/config-stack.ts';
import { comReserva, Produtor, transporteHttp } from '#producer/index.ts';
import { startStack } from '../../infra/local/stack.ts';
import { chama, chaveDe, evento, type IngestNoAr, ingestNoAr } from '../integration/http-fixture.ts';
import { dispose, temporaryHome } from '../integration/stack.ts';

// Servers of its own: the broker is taken away from under the door.
let home: string;
let ingest: IngestNoAr;

beforeAll(async () => {
  home = await temporaryHome();
  const { ambiente } = await startStack({ home, onlyServers: true });
  ingest = await ingestNoAr(ambiente.KAFKA_BROKERS, ambiente.SCHEMA_REGISTRY_URL);
});
afterAll(async () => {
  await ingest?.fecha();
  await dispose(home);
});

test('without Kafka: 503 and Retry-After; what was accepted or kept on disk arrives; then it goes on by itself', async () => {
  const chave = await chaveDe(ingest.url, 'lms');
  const aceitos = new Set<string>();
  const recusas: { status: number; codigo: unknown; espera: string | null }[] = [];
  const envia = async () => {
    const e = evento('lms');
    const { status, corpo, headers } = await chama(`${ingest.url}/v1/eventos`, 'POST', chave, e);
    if (status === 202) aceitos.add(e.id);
    else recusas.push({ status, codigo: (corpo as { codigo: string }).codigo, espera: headers.get('retry-after') });
    return status;
  };
  expect(await envia()).toBe(202);
  const entregues: string[] = [];
  const transporte = await comReserva(transporteHttp({ url: ingest.url, chave, pacienciaMs: 0 }), {
    pasta: join(home, 'reserva'),
    segredo: 'um segredo só deste teste',
    pausaMs: 200,
    avisa: (aviso) => {
      if (aviso.tipo !== 'entregues') return;
      for (const r of aviso.resultados) if (r.estado === 'aceito') entregues.push(r.id);
    },
  });
  const produtor = new Produtor({ source: 'lms', transporte });
  const pilha = runningStack(home);
  // The supervisor first, or it would bring the broker back before kafkajs gives up.
  for (const p of [pilha?.supervisor, pilha?.processos.find((one) => one.nome === 'kafka')?.processo]) {
    process.kill(p?.pid ?? 0, 'SIGKILL');
  }
  expect(new Set(await Promise.all(Array.from({ length: 20 }, envia)))).toEqual(new Set([503]));
  const reservados = Array.from({ length: 50 }, () => evento('lms'));
  const respostas = Promise.all(reservados.map((e) => produtor.forward({ ...e, specversion: '1.0' })));
  await produtor.flush();
  expect(new Set((await respostas).map((r) => r.estado))).toEqual(new Set(['guardado']));
  await startStack({ home, onlyServers: true });
  await expect.poll(envia, { timeout: 90_000, interval: 200 }).toBe(202);
  await expect.poll(() => entregues, { timeout: 90_000 }).toEqual(reservados.map((e) => e.id));
  await transporte.fecha();
  for (const id of entregues) aceitos.add(id);
  for (const recusa of recusas) {
    expect(recusa).toEqual({ status: 503, codigo: 'SERVICO_INDISPONIVEL', espera: expect.stringMatching(/^\d+$/) });
  }
  const guardados = new Set<string>();
  await ingest.kafka.readToEnd('interacoes', {
    onBatch: async ({ records }) => {
      for (const r of records) guardados.add((await ingest.codecs.interacoes.decode(r.value)).id);
    },
  });
  expect([...aceitos].filter((id) => !guardados.has(id))).toEqual([]);
}, 180_000);
