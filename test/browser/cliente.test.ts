import { cpf as cpfs } from 'cpf-cnpj-validator';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import { freshPages, lookEveryWay } from './page.ts';
import { ask, at, keyOf, login, send } from './panel.ts';

/** Of nobody, and of this run alone. */
const CPF = cpfs.generate();
const FORMATTED = cpfs.format(CPF);
const YEAR = new Date().getFullYear();
const DELIVERIES = 60;

const source = 'painel';
const cliente = { pf: { cpf: CPF } };
const run = `cliente-${process.pid}-${Date.now()}`;

function event(n: number, type: string, data: object) {
  const time = new Date(Date.now() - (n + 1) * 60_000).toISOString();
  return { specversion: '1.0', id: `${run}-${n}`, source, type: `br.com.sebrae.interacao.${type}`, time, data };
}

const guidance = (n: number, protocolo = `${run}-${n}`) =>
  event(n, 'atendimento', {
    ...{ unidade: 'SP', tipoSolucao: 'orientacao-tecnica', canal: 'telefone', protocolo, cliente },
    responsavel: { id: 'prof-7', papel: 'atendente' },
  });

/** Deliveries, one told twice, one taken back, and one interaction that does not count. */
const EVENTS = [
  ...Array.from({ length: DELIVERIES }, (_, n) => guidance(n)),
  guidance(DELIVERIES, `${run}-0`),
  event(0.5, 'estorno', { unidade: 'SP', cliente, estornada: { source, id: `${run}-1` } }),
  event(DELIVERIES + 1, 'login', { unidade: 'SP', canal: 'portal', cliente }),
];

async function sendAll(): Promise<void> {
  await send(EVENTS);
  const soon = { timeout: 30_000, interval: 250 };
  const taken = () => ask(`/v1/clientes/${CPF}/entregas?situacao=estornada`);
  await vi.waitFor(async () => expect(await taken()).toMatchObject({ total: 1 }), soon);
  const whole = { anos: { [YEAR]: { outrasMetricas: { jornada: expect.any(Number) } } } };
  await vi.waitFor(async () => expect(await ask(`/v1/clientes/${CPF}`)).toMatchObject(whole), soon);
}

let browser: Browser;
let context: BrowserContext;
let page: Page;
freshPages((fresh) => {
  ({ browser, context, page } = fresh);
});
beforeAll(sendAll, 90_000);

async function find(seen: Page): Promise<void> {
  await seen.goto(at('cliente'));
  await seen.getByLabel('CPF, CNPJ ou id do cliente').fill(FORMATTED);
  await seen.keyboard.press('Enter');
  await seen.locator('[data-entrega]').first().waitFor();
}

const rows = () => page.locator('[data-entrega]').count();

test('by CPF: status by year and every delivery with its clause, a page at a time', async () => {
  await login(page, await keyOf('consulta'));
  await find(page);
  const status = page.getByRole('region', { name: 'Situação por ano' }).first();
  expect(await status.getByRole('row', { name: `${YEAR} atendido` }).count()).toBe(1);
  expect(await page.locator('[data-entrega]').first().textContent()).toMatch(/Orientação técnica.*2\.1/);
  expect(await rows()).toBe(50);
  await page.getByRole('button', { name: 'Mostrar mais' }).click();
  await expect.poll(rows).toBe(EVENTS.length - 2);
  expect(await page.getByRole('button', { name: 'Mostrar mais' }).count()).toBe(0);
  await page.getByLabel('Situação', { exact: true }).selectOption('estornada');
  await expect.poll(rows).toBe(1);
  expect(await page.locator('[data-entrega]').getAttribute('data-entrega')).toBe(`${run}-1`);
  await page.getByLabel('Situação', { exact: true }).selectOption('repetida');
  // The earlier of the two is the delivery.
  await expect.poll(() => page.locator('[data-entrega]').first().getAttribute('data-entrega')).toBe(`${run}-0`);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Baixar CSV' }).click();
  expect((await download).url()).toContain('formato=csv');
});

test('the CPF is in no address, in no history, and kept nowhere; the way back leads to who was seen', async () => {
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  await login(page);
  await find(page);
  await page.getByLabel('CPF, CNPJ ou id do cliente').fill('11.222.333/0001-81');
  await page.keyboard.press('Enter');
  await page.getByText('Nenhuma interação deste cliente foi recebida.').waitFor();
  await page.goBack();
  await page.locator('[data-entrega]').first().waitFor();
  await page.reload();
  await page.locator('[data-entrega]').first().waitFor();
  const kept = await page.evaluate(() =>
    JSON.stringify([document.documentElement.outerHTML, window.name, history.state, { ...localStorage }]),
  );
  for (const text of [...addresses, page.url(), kept]) {
    expect(decodeURIComponent(text.replaceAll('%', '%25'))).not.toMatch(new RegExp(`${CPF}|${FORMATTED}`));
  }
  expect(page.url()).toMatch(/\?id=pf%3A[\w-]{22}$/);
});

test('a wrong digit is told; without the role there is no page', async () => {
  await login(page);
  await page.goto(at('cliente'));
  await page.getByLabel('CPF, CNPJ ou id do cliente').fill('529.982.247-24');
  await page.getByRole('button', { name: 'Buscar' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('CPF inválido');
  await context.clearCookies();
  await login(page, await keyOf('bi'));
  await page.goto(at('cliente'));
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('consulta');
});

test('below a search that is refused nobody is shown; the way back leads to who was, without the refusal', async () => {
  await login(page);
  await find(page);
  await page.getByLabel('CPF, CNPJ ou id do cliente').fill('123');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('CNPJ inválido');
  expect(await page.locator('[data-cliente], [data-entrega]').count()).toBe(0);
  await page.goBack();
  await page.locator('[data-entrega]').first().waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('nothing serious in any way of looking', { timeout: 90_000 }, async () => {
  await lookEveryWay(browser, inject('operatorKey'), find);
});

test('from a delivery to its decision: the event out of the log, its person by id, and an edit decides anew', async () => {
  await login(page, await keyOf('consulta'));
  await find(page);
  const first = page.locator('[data-entrega]').first();
  const id = await first.getAttribute('data-entrega');
  await first.getByRole('button', { name: 'Por que contou?' }).click();
  await page.waitForURL(/por-que-contou$/);
  await page.locator('[data-motivo="INTERACAO_DE_ATENDIMENTO"]').waitFor();
  const text = await page.getByLabel('Evento, em JSON').inputValue();
  const event = JSON.parse(text);
  expect(event).toMatchObject({ source, id, data: { cliente: { pf: { id: expect.stringMatching(/^pf:/) } } } });
  expect(text).not.toContain(CPF);
  expect(await page.locator('.fatos').textContent()).toContain(event.data.cliente.pf.id);
  await page.getByLabel('Evento, em JSON').fill(text.replace('"orientacao-tecnica"', '"informacao"'));
  await page.locator('[data-motivo="INFORMACAO_NAO_CONTABILIZA"]').waitFor();
  // The next time it is the example again.
  await page.getByRole('link', { name: 'Hoje' }).first().click();
  await page.goto(at('por-que-contou'));
  expect(await page.getByLabel('Evento, em JSON').inputValue()).not.toContain(run);
});
