import type { Browser, Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { freshPages, lookEveryWay } from './page.ts';
import { at, keyOf, login } from './panel.ts';

let browser: Browser;
let page: Page;
freshPages((fresh) => {
  ({ browser, page } = fresh);
});

const reason = (seen: Page) => seen.locator('[data-motivo]').getAttribute('data-motivo', { timeout: 5_000 });
const event = (seen: Page) => seen.getByLabel('Evento, em JSON');

async function open(seen: Page): Promise<void> {
  await seen.goto(at('por-que-contou'));
  await seen.locator('[data-motivo="INTERACAO_DE_ATENDIMENTO"]').waitFor();
}

test('the decision of the first example, step by step, with its clause; an edit changes it', async () => {
  await login(page);
  await open(page);
  expect(await page.getByText('cláusula 2.1 das Diretrizes').count()).toBe(1);
  expect(await page.locator('.passos .parou').count()).toBe(0);
  const asked: string[] = [];
  page.on('request', (r) => void (r.url().endsWith('/v1/decisoes') && asked.push(r.url())));
  // Written letter by letter, it is asked once the hands rest.
  const edited = (await event(page).inputValue()).replace('"orientacao-tecnica"', '"informacao"');
  await event(page).fill(edited.slice(0, -1));
  await event(page).press('End');
  await page.keyboard.type('}');
  await page.locator('[data-motivo="INFORMACAO_NAO_CONTABILIZA"]').waitFor();
  expect(asked).toHaveLength(1);
  expect(await page.locator('.passos .parou').textContent()).toContain('decidiu aqui');
  expect(await page.locator('.passos li').last().getAttribute('class')).toBe('parou');
});

test('an example by keyboard; what is wrong is told by field, and what is no JSON by line', async () => {
  await login(page);
  await open(page);
  await page.getByLabel('Começar de um exemplo').focus();
  await page.keyboard.type('CPF com');
  await page.locator('[data-motivo="CPF_INVALIDO"]').waitFor();
  expect(await reason(page)).toBe('CPF_INVALIDO');
  await event(page).fill('{"specversion": "1.0",\n x');
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('veja a linha 2');
  await event(page).fill('{"specversion": "1.0", "time": "ontem"}');
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('time: precisa ser data e hora com fuso');
  expect(await page.locator('[data-motivo]').count()).toBe(0);
});

test('a producer sees it too, without the ids of clients', async () => {
  await login(page, await keyOf('produtor'));
  await open(page);
  expect(await page.locator('.fatos').textContent()).not.toMatch(/pf:/);
});

test('nothing serious in any way of looking', { timeout: 90_000 }, async () => {
  await lookEveryWay(browser, inject('operatorKey'), open);
});
