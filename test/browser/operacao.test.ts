import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { resolveClientIdKey } from '#platform/config.ts';
import { readStackState } from '#platform/config-stack.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import { freePorts, type PortName, type Ports } from '../../infra/local/ports.ts';
import { serviceSpecs } from '../../infra/local/services.ts';
import type { Supervised } from '../../infra/local/supervised.ts';
import { signalled, supervised } from '../faults/servers.ts';
import { launch, login, seriousIn, WAYS } from './panel.ts';

let browser: Browser;
let page: Page;
let [other, panel] = [] as unknown as [Supervised, Supervised];
let [first, second] = ['', ''];

/** One more process of a service of the line, at a port of its own. */
async function another(name: PortName, env: Record<string, string>): Promise<Supervised> {
  const home = inject('lineHome');
  const state = readStackState(home);
  const ports = Object.fromEntries((state?.processos ?? []).map((p) => [p.nome, p.porta]));
  [ports[name] = 0] = await freePorts(1);
  const ambiente = {
    ...state?.ambiente,
    ATENDIDO_HOME: home,
    CLIENT_ID_KEY: resolveClientIdKey({ ATENDIDO_HOME: home }),
  };
  const spec = serviceSpecs(ports as Ports, { ...ambiente, LOG_LEVEL: 'warn' }).find((one) => one.nome === name);
  if (spec === undefined) throw new Error(`no service ${name}`);
  const nome = `${name}-2`;
  const one = supervised(pathsOf(home), { ...spec, nome, env: { ...spec.env, ATENDIDO_INSTANCIA: nome, ...env } });
  await one.start();
  return one;
}

const hostOf = (address: string | null | undefined): string => new URL(address ?? '').host;

beforeAll(async () => {
  const ingest = readStackState(inject('lineHome'))?.processos.find((p) => p.nome === 'ingest');
  other = await another('ingest', {});
  [first, second] = [hostOf(ingest?.endereco), hostOf(other.spec.endereco)];
  panel = await another('api', { ATENDIDO_SERVICOS: `ingest=http://${first},http://${second}` });
  browser = await launch();
  page = await (await browser.newContext({ ...WAYS.desktop, locale: 'pt-BR' })).newPage();
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([panel?.stop(), other?.stop()]);
});

/** What stands in the row of an instance. */
async function row(instance: string): Promise<{ state: string | null; cells: string[] }> {
  const one = page.locator(`tr[data-instancia="${instance}"]`);
  const cells = await one.getByRole('cell').allTextContents();
  return { state: await one.locator('[data-selo]').getAttribute('data-selo'), cells };
}

test('each instance of a service is a row; who stops answering is unknown, and the other goes on', async () => {
  await login(page, inject('operatorKey'), `${panel.spec.endereco}`);
  await page.goto(`${panel.spec.endereco}/painel/operacao`);
  const states = async () => [(await row(first)).state, (await row(second)).state];
  await expect.poll(states, { timeout: 30_000 }).toEqual(['ok', 'ok']);
  // Its own numbers: two processes did not begin at once.
  await expect.poll(async () => (await row(second)).cells[2], { timeout: 30_000 }).toBe('0,0 eventos');
  expect((await row(first)).cells[4]).not.toBe((await row(second)).cells[4]);
  signalled(other, 'SIGSTOP');
  try {
    await expect.poll(states, { timeout: 30_000 }).toEqual(['ok', 'desconhecido']);
    expect((await row(second)).cells.slice(2)).toEqual(['?', '?', '?', 'sem resposta a tempo']);
    // Of those that it was not told of there is a row too.
    expect(await page.locator('tr[data-instancia=""]').count()).toBe(3);
    expect(await seriousIn(page)).toEqual([]);
  } finally {
    signalled(other, 'SIGCONT');
  }
  await expect.poll(states, { timeout: 30_000 }).toEqual(['ok', 'ok']);
}, 120_000);
