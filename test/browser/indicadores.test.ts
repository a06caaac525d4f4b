import type { Browser, Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { freshPages, lookEveryWay } from './page.ts';
import { ask, at, keyOf, login } from './panel.ts';

const YEAR = String(new Date().getFullYear());

let browser: Browser;
let page: Page;
freshPages((fresh) => {
  ({ browser, page } = fresh);
});

async function open(seen: Page): Promise<void> {
  await seen.goto(at('indicadores'));
  // The last to come: one small chart for each of the first units.
  await seen.locator('.meses').nth(2).waitFor();
}

/** What the contract's call says, in the panel's words. */
async function told(query: string): Promise<string> {
  const { clientes } = await ask<{ clientes: number }>(`/v1/indicadores/${query}`);
  return new Intl.NumberFormat('pt-BR').format(clientes);
}

const clients = () => page.locator('.numero .valor').first().textContent();

test('the number of the call, month by month, by unit; another indicator, unit and year by keyboard', async () => {
  await login(page, await keyOf('bi'));
  await open(page);
  await expect.poll(clients).toBe(await told(`clientes-atendidos?periodo=${YEAR}`));
  const months = page.locator('.meses').first();
  expect(await months.locator('.mes').count()).toBe(12);
  expect(await months.getByRole('img').getAttribute('aria-label')).toMatch(/^Clientes: jan/);
  await page.getByLabel('Indicador', { exact: true }).focus();
  await page.keyboard.type('Pequenos');
  await expect.poll(clients).toBe(await told(`pequenos-negocios-atendidos?periodo=${YEAR}`));
  const units = page.getByLabel('Unidade', { exact: true }).locator('option:not([value=""])');
  const unit = await units.first().evaluate((option) => (option as HTMLOptionElement).value);
  await page.getByLabel('Unidade', { exact: true }).selectOption(unit);
  await expect.poll(clients).toBe(await told(`pequenos-negocios-atendidos?periodo=${YEAR}&unidade=${unit}`));
  await page.getByLabel('Período', { exact: true }).selectOption(String(Number(YEAR) - 1));
  await expect
    .poll(clients)
    .toBe(await told(`pequenos-negocios-atendidos?periodo=${Number(YEAR) - 1}&unidade=${unit}`));
  // All of it is in the address: it can be sent, and gone back from.
  await page.reload();
  await expect
    .poll(clients)
    .toBe(await told(`pequenos-negocios-atendidos?periodo=${Number(YEAR) - 1}&unidade=${unit}`));
  await page.goBack();
  await expect.poll(clients).toBe(await told(`pequenos-negocios-atendidos?periodo=${YEAR}&unidade=${unit}`));
});

test('what is not kept together is said to be unknown; the CSV is that of the call', async () => {
  await login(page);
  await open(page);
  await page.getByLabel('Tipo', { exact: true }).selectOption('orientacao-tecnica');
  await page.getByText('O mês não se guarda junto com o filtro de tipo.').waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Baixar CSV' }).click();
  const stream = await (await download).createReadStream();
  const text = Buffer.concat(await stream.toArray()).toString();
  expect(text).toMatch(/^\uFEFF?codigo;periodo;unidade;corte;valor;clientes;atendimentos\r\n/);
  expect(text).toContain('tipoSolucao;orientacao-tecnica');
});

test('a year nobody was attended in is empty, not wrong', async () => {
  await login(page);
  await page.goto(at('indicadores?periodo=1999'));
  await expect.poll(clients).toBe('0');
  await page.getByText('Nada foi contado.').first().waitFor();
});

test('nothing serious in any way of looking', { timeout: 90_000 }, async () => {
  await lookEveryWay(browser, inject('operatorKey'), open);
});
