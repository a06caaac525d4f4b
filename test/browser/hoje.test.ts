import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, at, launch, login, WAYS } from './panel.ts';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  page = await (await browser.newContext({ ...WAYS.desktop, locale: 'pt-BR' })).newPage();
  await login(page);
});
afterAll(() => browser?.close());

interface ByTheDay {
  clientes: number;
  ateODia: { dia: string; clientes: number | null; variacao: number | null };
  anterior: { clientes: number; ateODia: { dia: string; clientes: number | null } };
}

const today = () => new Date().toLocaleDateString('en-CA', { timeZone: 'America/Sao_Paulo' });
const path = () => `/v1/indicadores/clientes-atendidos?ate=${today()}&comparar=ano-anterior`;
const brazilian = (n: number | null) => (n ?? Number.NaN).toLocaleString('pt-BR');

/** What the page says of the clients of the year. */
async function shown(): Promise<string> {
  await page.goto(at('hoje'));
  const number = page.locator('.numero').filter({ hasText: 'clientes atendidos' });
  return (await number.textContent()) ?? '';
}

/** Opens the page with another answer in the place of the api's. */
async function shownOf(change: (answer: ByTheDay) => void): Promise<string> {
  const answer = await ask<ByTheDay>(path());
  change(answer);
  await page.route(/indicadores\/clientes-atendidos/, (route) => route.fulfill({ json: answer }));
  try {
    return await shown();
  } finally {
    await page.unroute(/indicadores\/clientes-atendidos/);
  }
}

test('clients of the year so far stand against those of the same day of the year before', async () => {
  const { ateODia, anterior, clientes } = await ask<ByTheDay>(path());
  expect(ateODia.clientes).toBe(clientes);
  expect(anterior.ateODia.clientes).toBeGreaterThan(0);
  const day = anterior.ateODia.dia.split('-').reverse().join('/');
  const text = await shown();
  expect(text).toContain(brazilian(ateODia.clientes));
  expect(text).toContain(`${brazilian(anterior.ateODia.clientes)} até ${day} (`);
  expect(text).toMatch(/\([+-]?[\d.,]+%\)/);
});

test('nothing a year before is said, and is no division; what is not known is no zero', async () => {
  const nothing = await shownOf(({ anterior }) => {
    anterior.clientes = 0;
    anterior.ateODia.clientes = 0;
  });
  expect(nothing).toContain('sem base de comparação');
  const unknown = await shownOf(({ ateODia, anterior }) => {
    ateODia.clientes = null;
    anterior.ateODia.clientes = null;
  });
  expect(unknown).toContain('?');
  expect(unknown).toContain('atendido rebuild');
  expect(unknown).not.toMatch(/\d/);
});
