import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from './kafka-fixture.ts';
import { type Quarentena, quarentena } from './quarantine-fixture.ts';
import { esperam, histograma, replay } from './quarantine-once.ts';

let q: Quarentena;
beforeAll(async () => {
  q = await quarentena();
});
afterAll(() => q?.fecha());

it('a record returns from quarantine once where the command is killed in the middle, and asked again until it ends', async () => {
  const source = await esperam(q, 2_000);
  for (let mortes = 0; mortes < 6; mortes++) {
    const { processo, erros, fim } = replay(source);
    await until(() => erros().includes('reenviadas…') || processo.exitCode !== null, 'the first transaction');
    // At work on the next one, a little further every time.
    await new Promise((resolve) => setTimeout(resolve, 10 * mortes));
    processo.kill('SIGKILL');
    await fim;
  }
  const { codigo, erros } = await replay(source).fim;
  expect(codigo, erros).toBe(0);
  expect(histograma(await q.vezes(source))).toEqual({ 1: 2_000 });
});
