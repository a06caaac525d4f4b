import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { dispose, temporaryHome } from '../integration/stack.ts';
import { demo, vivos } from '../line/demo-fixture.ts';

const DOIS_MINUTOS = 120_000;

let home = '';
afterEach(() => dispose(home), DOIS_MINUTOS);

test('--once leaves nothing running when it is interrupted', async () => {
  home = await temporaryHome();
  const { processo, erros } = demo(home, '--events', '50000', '--once');
  await expect.poll(erros, { timeout: DOIS_MINUTOS, interval: 50 }).toContain('Enviando');
  expect(vivos(home)).toContain('kafka');
  processo.kill('SIGINT');
  const [codigo] = await once(processo, 'close');
  expect(codigo).toBe(130);
  expect(vivos(home)).toEqual([]);
}, 300_000);

test('--once interrupted while the servers come up leaves none of them', async () => {
  home = await temporaryHome();
  const { processo } = demo(home, '--once');
  await expect.poll(() => vivos(home).length, { timeout: DOIS_MINUTOS, interval: 20 }).toBeGreaterThan(0);
  processo.kill('SIGTERM');
  const [codigo] = await once(processo, 'close');
  expect(codigo).toBe(130);
  expect(vivos(home)).toEqual([]);
}, 300_000);
