import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Portas, portas } from '../acesso-fixture.ts';
import { abertos, evento } from './app-fixture.ts';

let p: Portas;
beforeAll(async () => {
  process.on('warning', avisa);
  p = await portas();
  p.aplica('fonte', 'lms', { source: 'lms', nome: 'LMS', interacoes: ['*'] });
  p.chave('chave', { papeis: ['produtor'], source: 'lms' });
});
afterAll(() => {
  process.off('warning', avisa);
  return p.fecha();
});

/** Some 6 MiB of answers that hardly compress: more than memory holds of them, and than a socket takes. */
const EVENTOS = 12_000;
const corpo = Array.from(
  { length: EVENTOS },
  () => `${JSON.stringify(evento(randomBytes(240).toString('hex')))}\n`,
).join('');

function envia() {
  p.enviados.length = 0;
  const headers = { 'content-type': 'application/x-ndjson', authorization: 'Bearer chave' };
  const pedido = request(`${p.ingestUrl}/v1/eventos`, { method: 'POST', headers, agent: false });
  pedido.on('error', () => undefined);
  pedido.end(corpo);
  return pedido;
}

const ENQUANTO: [string, () => Promise<void>][] = [
  [
    'once all was taken, before the answer',
    async () => {
      const pedido = envia();
      await expect.poll(() => p.enviados.length, { timeout: 15_000, interval: 1 }).toBe(EVENTOS);
      pedido.destroy();
    },
  ],
  [
    'in the middle of the answer',
    async () => {
      const pedido = envia();
      const [resposta] = await once(pedido, 'response');
      await once(resposta, 'data');
      resposta.pause();
      expect(abertos()).toBe(1);
      pedido.destroy();
    },
  ],
  // Last: what had come by then is still taken after it went away.
  [
    'while it is still sent',
    async () => {
      const pedido = envia();
      await expect.poll(() => p.enviados.length).toBeGreaterThan(0);
      pedido.destroy();
    },
  ],
];

/** Files that were closed only when their handle was collected. */
const tarde: Error[] = [];
const avisa = (aviso: Error & { code?: string }): void => {
  if (aviso.code === 'DEP0137') tarde.push(aviso);
};

it.runIf(process.platform === 'linux').each(ENQUANTO)(
  'a caller who goes away %s leaves no file open',
  async (_quando, desiste) => {
    await desiste();
    await expect.poll(abertos, { timeout: 10_000 }).toBe(0);
    expect(tarde).toEqual([]);
  },
);
