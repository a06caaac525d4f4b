import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readStackState } from '#platform/config-stack.ts';
import { SERVICOS } from '../../services/api/painel/servicos.ts';
import { until } from '../integration/until.ts';
import { at, launch, login, WAYS } from './panel.ts';

let browser: Browser;
let context: BrowserContext;
let [today, operations] = [] as unknown as [Page, Page];

/** Opens a page, and marks its window: a page that was loaded anew has no mark. */
async function open(id: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(at(id));
  await live(page);
  await page.evaluate(() => document.documentElement.setAttribute('data-marca', 'a mesma'));
  return page;
}

const live = (page: Page) => page.locator('[data-estado="ao-vivo"]').waitFor({ timeout: 60_000 });
const marked = (page: Page) => page.evaluate(() => document.documentElement.dataset.marca ?? null);

beforeAll(async () => {
  browser = await launch();
  context = await browser.newContext({ ...WAYS.desktop, locale: 'pt-BR' });
  await login(await context.newPage());
  [today, operations] = await Promise.all([open('hoje'), open('operacao')]);
});
afterAll(() => browser?.close());

function running(name: string): number | null {
  const found = readStackState(inject('lineHome'))?.processos.find((p) => p.nome === name);
  return found?.estado === 'no-ar' ? (found.processo?.pid ?? null) : null;
}

/** Ends the process as a crash would, and waits until the supervisor brought another. */
async function restart(name: string): Promise<void> {
  const before = running(name);
  if (before === null) throw new Error(`${name} does not run`);
  process.kill(before, 'SIGKILL');
  await until(() => running(name) !== null && running(name) !== before, `${name} to come back`, 90_000);
}

function rowOf(service: string) {
  const heading = operations.getByRole('rowheader', { name: service, exact: true });
  return operations.getByRole('row').filter({ has: heading });
}

/** Since when the page says that a service is up, and its state. */
async function shown(service: string): Promise<{ since: string | null; state: string | null }> {
  const since = await rowOf(service).getByRole('cell').nth(4).textContent();
  return { since, state: await rowOf(service).locator('[data-selo]').getAttribute('data-selo') };
}

/** What Hoje says was decided, all outcomes together: in this minute, and in the one before, which it names. */
async function decided(): Promise<{ now: number; before: number; minute: string | undefined }> {
  const texts = await today.locator('.numeros .numero').allTextContents();
  const shown = texts.map((text) => /^([\d.]+).* · ([\d.]+) às (.+)$/.exec(text) ?? []);
  const sum = (at: number) => shown.reduce((total, parts) => total + Number(parts[at]?.replaceAll('.', '')), 0);
  return { now: sum(1), before: sum(2), minute: shown[0]?.[3] };
}

test.each([...SERVICOS])('stays live through a restart of %s', { timeout: 180_000 }, async (service) => {
  const before = await shown(service);
  await restart(service);
  // Seen by the page: another process, and well.
  await expect
    .poll(
      async () => {
        const { since, state } = await shown(service);
        return state === 'ok' && since !== before.since && since !== '?';
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  await Promise.all([live(today), live(operations)]);
  expect([await marked(today), await marked(operations)]).toEqual(['a mesma', 'a mesma']);
});

test('what is sent after all that is seen at once', { timeout: 60_000 }, async () => {
  const post = (method: string, path: string, body: object, key: string, type = 'application/json') =>
    fetch(`${inject('panelUrl')}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': type },
      body: JSON.stringify(body),
    });
  await post('PUT', '/v1/fontes/aovivo', { nome: 'Ao vivo' }, inject('operatorKey'));
  const pedido = { papeis: ['produtor'], source: 'aovivo' };
  const made = await post('PUT', '/v1/credenciais/aovivo', pedido, inject('operatorKey'));
  const { chave } = (await made.json()) as { chave: string };
  const events = Array.from({ length: 500 }, (_, n) => ({
    ...{ specversion: '1.0', id: `vivo-${n}`, source: 'aovivo', type: 'br.com.sebrae.interacao.login' },
    ...{ time: new Date(Date.now() - 60_000).toISOString(), data: { unidade: 'SP' } },
  }));
  const first = await decided();
  const sent = await post('POST', '/v1/eventos', events, chave, 'application/cloudevents-batch+json');
  expect(sent.status).toBe(202);
  const news = async () => {
    const { now, before, minute } = await decided();
    // The minute may have ended meanwhile, and with it what they were decided in.
    return now - first.now + (minute === first.minute ? 0 : before);
  };
  await expect.poll(news, { timeout: 20_000, interval: 200 }).toBeGreaterThanOrEqual(events.length);
});

test('while the api is away the page says so, and shows no number as if it were of now', {
  timeout: 120_000,
}, async () => {
  const before = running('api');
  if (before === null) throw new Error('api does not run');
  process.kill(before, 'SIGSTOP');
  try {
    await operations.locator('[data-estado="sem-conexao"]').waitFor({ timeout: 40_000 });
    expect(await operations.locator('[data-estado]').textContent()).toMatch(/o que se vê é de \d\d:\d\d:\d\d/);
  } finally {
    process.kill(before, 'SIGCONT');
  }
  await live(operations);
});
