import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import { freshPages, lookEveryWay } from './page.ts';
import { ask, at, keyOf, login, send } from './panel.ts';

const REASON = 'CANAL_DESCONHECIDO';
const run = randomUUID().slice(0, 8);
const source = 'painel';

/** By a channel that no rulebook knows. */
const guidance = (n: number) => ({
  specversion: '1.0',
  id: `quarentena-${run}-${n}`,
  source,
  type: 'br.com.sebrae.interacao.atendimento',
  time: new Date(Date.now() - 60_000).toISOString(),
  data: {
    ...{ unidade: 'SP', tipoSolucao: 'orientacao-tecnica', canal: `pombo-${run}`, protocolo: `${run}-${n}` },
    cliente: { pf: { cpf: '529.982.247-25' } },
    responsavel: { id: 'prof-7', papel: 'atendente' },
  },
});

/** The id in quarantine of each event sent. */
async function waiting(): Promise<Map<string, string>> {
  const { registros } = await ask<{ registros: { id: string; evento: string }[] }>(
    `/painel/dados/quarentena/registros?motivo=${REASON}&source=${source}`,
  );
  return new Map(registros.map(({ evento, id }) => [evento, id]));
}

let browser: Browser;
let page: Page;
freshPages((fresh) => {
  ({ browser, page } = fresh);
});
beforeAll(async () => {
  await send([0, 1].map(guidance));
  const ours = async () => [...(await waiting()).keys()].filter((id) => id.includes(run)).length;
  await vi.waitFor(async () => expect(await ours()).toBe(2), { timeout: 30_000, interval: 250 });
}, 60_000);

async function open(seen: Page): Promise<void> {
  await seen.goto(at('quarentena'));
  await seen.locator(`[data-motivo="${REASON}"]`).getByRole('link').click();
  await seen.locator('[data-registro]').first().getByRole('link').click();
  await seen.locator('[data-hoje]').waitFor();
}

test('one record: corrected by a field, rehearsed, replayed once, by who entered', { timeout: 60_000 }, async () => {
  const id = (await waiting()).get(`quarentena-${run}-0`) ?? '';
  await login(page, await keyOf('operacao'));
  await page.goto(at(`quarentena?motivo=${REASON}&id=${encodeURIComponent(id)}`));
  await page.locator(`[data-hoje="${REASON}"]`).waitFor();
  const record = page.getByRole('region', { name: `Registro ${id}` });
  // As it stands it would come back; the rehearsal sends nothing.
  await record.getByRole('button', { name: 'Ensaiar reenvio' }).click();
  await record.locator(`[data-desfecho="${REASON}"]`).waitFor();
  expect((await waiting()).has(`quarentena-${run}-0`)).toBe(true);
  await record.getByLabel('Campo', { exact: true }).fill('canal');
  await record.getByLabel('Valor', { exact: true }).fill('pombo-correio');
  await record.getByRole('button', { name: 'Guardar correção' }).click();
  await record.locator(`[data-corrigida="${REASON}"]`).waitFor();
  await record.getByLabel('Valor', { exact: true }).fill('telefone');
  await page.keyboard.press('Enter');
  await record.locator('[data-corrigida="INTERACAO_DE_ATENDIMENTO"]').waitFor();
  await record.getByRole('button', { name: 'Ensaiar reenvio' }).click();
  await record.locator('[data-desfecho="INTERACAO_DE_ATENDIMENTO"]').waitFor();
  await record.getByRole('button', { name: 'Reenviar 1' }).click();
  await expect
    .poll(() => record.locator('[data-resolvida]').getAttribute('data-resolvida'))
    .toMatch(/^painel-operacao/);
  expect((await waiting()).has(`quarentena-${run}-0`)).toBe(false);
  await expect.poll(() => page.locator(`[data-registro="${id}"]`).count()).toBe(0);
});

test('a correction that is none is told why, and a record that is not there', async () => {
  const id = (await waiting()).get(`quarentena-${run}-1`) ?? '';
  await login(page);
  await page.goto(at(`quarentena?id=${encodeURIComponent(id)}`));
  await page.getByLabel('Campo', { exact: true }).fill('id');
  await page.getByLabel('Valor', { exact: true }).fill('outro');
  await page.getByRole('button', { name: 'Guardar correção' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('IDENTIDADE_DIVERGENTE');
  await page.getByLabel('Campo', { exact: true }).fill('duracaoMin');
  await page.getByLabel('Valor', { exact: true }).fill('muito');
  await page.getByRole('button', { name: 'Guardar correção' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('duracaoMin');
  await page.goto(at('quarentena?id=0/99999999'));
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('QUARENTENA_DESCONHECIDA');
});

test('from a record to its decision, step by step', async () => {
  const id = (await waiting()).get(`quarentena-${run}-1`) ?? '';
  await login(page);
  await page.goto(at(`quarentena?id=${encodeURIComponent(id)}`));
  await page.getByRole('button', { name: 'Ver a decisão passo a passo' }).click();
  await page.waitForURL(/por-que-contou$/);
  await page.locator(`[data-motivo="${REASON}"]`).waitFor();
  expect(JSON.parse(await page.getByLabel('Evento, em JSON').inputValue())).toMatchObject({
    id: `quarentena-${run}-1`,
    data: { canal: `pombo-${run}`, cliente: { pf: { id: expect.stringMatching(/^pf:/) } } },
  });
});

test('all of a reason are rehearsed together, only those that would be decided if asked', async () => {
  await login(page);
  await page.goto(at(`quarentena?motivo=${REASON}`));
  await page.getByRole('button', { name: 'Ensaiar reenvio' }).click();
  await page.locator(`[data-desfecho="${REASON}"]`).waitFor();
  await page.getByLabel('só as que hoje não voltariam').check();
  await page.getByRole('button', { name: 'Ensaiar reenvio' }).click();
  await page.locator('[data-ensaio="0"]').waitFor();
  expect(await page.getByRole('button', { name: /^Reenviar/ }).count()).toBe(0);
});

test('nothing serious in any way of looking', { timeout: 90_000 }, async () => {
  await lookEveryWay(browser, inject('operatorKey'), open);
});
