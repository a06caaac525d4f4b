import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import type { Papel } from '#platform/credenciais/permissoes.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Each way a page is looked at. */
export const WAYS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 375, height: 740 }, isMobile: true, hasTouch: true },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
} as const satisfies Record<string, BrowserContextOptions>;

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: inject('chromium'), args: ['--no-sandbox'], headless: true });
}

/** An address of the panel. */
export const at = (path: string): string => `${inject('panelUrl')}/painel/${path}`;

/** Makes a key with these roles, and returns its secret. */
export async function keyOf(...papeis: Papel[]): Promise<string> {
  const id = `painel-${papeis.join('-')}-${process.pid}`;
  const ask = (method: string, path: string, body: object) =>
    fetch(`${inject('panelUrl')}${path}`, {
      method,
      headers: { authorization: `Bearer ${inject('operatorKey')}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const produtor = papeis.includes('produtor');
  if (produtor) await ask('PUT', '/v1/fontes/painel', { nome: 'Do painel' });
  const made = await ask('PUT', `/v1/credenciais/${id}`, { papeis, ...(produtor && { source: 'painel' }) });
  expect(made.status).toBe(200);
  return ((await made.json()) as { chave: string }).chave;
}

/** Revokes what {@link keyOf} made. */
export async function revoke(...papeis: Papel[]): Promise<void> {
  const id = `painel-${papeis.join('-')}-${process.pid}`;
  const { status } = await fetch(`${inject('panelUrl')}/v1/credenciais/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${inject('operatorKey')}` },
  });
  expect(status).toBe(204);
}

/** Sends events of the panel's own source, by the door. */
export async function send(events: readonly object[]): Promise<void> {
  const key = await keyOf('produtor');
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/cloudevents-batch+json' };
  const body = JSON.stringify(events);
  const sent = await fetch(`${inject('panelUrl')}/v1/eventos`, { method: 'POST', headers, body });
  expect([sent.status, await sent.text()]).toEqual([202, expect.any(String)]);
}

/** What the api answers, by the operator's key and no page. */
export async function ask<T>(path: string): Promise<T> {
  const headers = { authorization: `Bearer ${inject('operatorKey')}` };
  return (await (await fetch(`${inject('panelUrl')}${path}`, { headers })).json()) as T;
}

/** Everything the browser complained of: errors, and what the policy of the page forbade. */
export function complaintsOf(page: Page): string[] {
  const told: string[] = [];
  page.on('pageerror', (error) => told.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) told.push(message.text());
  });
  return told;
}

/** Logs in as a person does. */
export async function login(
  page: Page,
  key: string = inject('operatorKey'),
  api: string = inject('panelUrl'),
): Promise<void> {
  await page.goto(`${api}/painel/entrar`);
  await page.getByLabel('Chave de acesso').fill(key);
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByRole('button', { name: 'Sair' }).waitFor();
}

/** What axe-core finds serious or critical, as text; none is wanted. */
export async function seriousIn(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.html}: ${node.failureSummary ?? ''}`),
    );
}

/** Whether the page is wider than the screen. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

/** What of the page is to be rolled sideways to be seen, by its label: the menu and tables; code may be. */
export function rolledAway(page: Page): Promise<(string | null)[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('nav, section')]
      .filter((part) => part.scrollWidth > part.clientWidth)
      .map((part) => part.getAttribute('aria-label')),
  );
}
