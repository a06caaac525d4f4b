import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect, inject, test } from 'vitest';
import { freshPages } from './page.ts';
import { at, complaintsOf, keyOf, login, overflows, revoke, rolledAway, seriousIn, WAYS } from './panel.ts';

let browser: Browser;
let context: BrowserContext;
let page: Page;
freshPages((fresh) => {
  ({ browser, context, page } = fresh);
});

const links = () => page.getByRole('navigation').getByRole('link').allTextContents();

describe('login', () => {
  test('a page asked for without a session comes after the login; the key is kept nowhere', async () => {
    await page.goto(at('operacao'));
    expect(page.url()).toBe(at('entrar?de=operacao'));
    await page.getByLabel('Chave de acesso').fill(inject('operatorKey'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Operação' }).waitFor();
    expect(page.url()).toBe(at('operacao'));
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: 'atendido', httpOnly: true, sameSite: 'Strict', path: '/' });
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
    expect(kept + cookie?.value).not.toContain(inject('operatorKey'));
  });

  test('a wrong key is told so, by name', async () => {
    await page.goto(at(''));
    await page.getByLabel('Chave de acesso').fill('não é uma chave');
    await page.getByRole('button', { name: 'Entrar' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('Chave de acesso desconhecida');
  });

  test('leaving ends the session, also for a copy of the cookie', async () => {
    await login(page);
    const copy = await context.cookies();
    await page.getByRole('button', { name: 'Sair' }).click();
    await page.getByLabel('Chave de acesso').waitFor();
    expect(await context.cookies()).toEqual([]);
    await context.addCookies(copy);
    expect((await context.request.get(at('sessao'))).status()).toBe(401);
  });

  test('leaving while nobody answers is told, with the session still there; asked again it ends', async () => {
    await login(page);
    await page.route('**/painel/sessao', (route) =>
      route.request().method() === 'DELETE' ? route.abort() : route.continue(),
    );
    await page.getByRole('button', { name: 'Sair' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('SEM_RESPOSTA');
    await page.unroute('**/painel/sessao');
    await page.getByRole('button', { name: 'Sair' }).click();
    await page.getByLabel('Chave de acesso').waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  test('a revoked key throws who entered by it out within 5 seconds, from a page that only watches', async () => {
    await login(page, await keyOf('bi'));
    await page.locator('[data-estado="ao-vivo"]').waitFor();
    await revoke('bi');
    await page.getByLabel('Chave de acesso').waitFor({ timeout: 5_000 });
  });
});

test('a role sees its pages alone, and is told which it lacks', async () => {
  await login(page, await keyOf('consulta'));
  expect(await links()).toEqual(['Hoje', 'Indicadores', 'Cliente', 'Por que contou?']);
  const answer = await page.goto(at('operacao'));
  expect(answer?.status()).toBe(403);
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('operacao');
});

test('the first link leads past the menu', async () => {
  await login(page);
  await page.goto(at('hoje'));
  await page.getByRole('heading', { level: 1, name: 'Hoje' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('conteudo');
});

test('the keyboard alone: skip the menu, go to another page, change the theme, leave', async () => {
  await login(page);
  await page.goto(at('hoje'));
  await page.getByRole('heading', { level: 1, name: 'Hoje' }).waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Pular para o conteúdo');
  const tabTo = async (name: RegExp) => {
    for (let n = 0; n < 30; n += 1) {
      const { text, ring } = await page.evaluate(() => {
        const on = document.activeElement as HTMLElement;
        return { text: on.getAttribute('aria-label') ?? on.textContent, ring: getComputedStyle(on).outlineStyle };
      });
      if (name.test(text ?? '')) {
        expect(ring, 'the focus is seen').not.toBe('none');
        return;
      }
      await page.keyboard.press('Tab');
    }
    throw new Error(`no Tab leads to ${name}`);
  };
  await tabTo(/^Operação$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Operação' }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  await page.goto(at('hoje'));
  await tabTo(/tema escuro/);
  await page.keyboard.press('Enter');
  await page.reload();
  expect(await page.evaluate(() => document.documentElement.dataset.tema)).toBe('escuro');
  await tabTo(/^Sair$/);
  await page.keyboard.press('Enter');
  await page.getByLabel('Chave de acesso').waitFor();
});

test("the api's own page goes on working", async () => {
  await page.goto(`${inject('panelUrl')}/docs`);
  await page.getByText('/v1/eventos').first().waitFor();
  expect(await page.title()).toBe('atendido: as chamadas da api');
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('pt-BR');
});

test('the bare address of the api leads a browser to the panel, as the name in its header does', async () => {
  for (const address of [inject('panelUrl'), at('')]) {
    await page.goto(address);
    await page.getByLabel('Chave de acesso').waitFor();
    expect(page.url()).toBe(at('entrar'));
  }
});

describe.each(Object.entries(WAYS))('Entrar, Hoje and Operação: %s', (name, way) => {
  test('nothing serious for axe-core, nothing wider than the screen', { timeout: 90_000 }, async () => {
    const own = await browser.newContext({ ...way, locale: 'pt-BR' });
    const seen = await own.newPage();
    const told = complaintsOf(seen);
    await seen.goto(at('entrar'));
    await seen.getByLabel('Chave de acesso').waitFor();
    expect(await seriousIn(seen)).toEqual([]);
    await login(seen);
    for (const id of ['hoje', 'operacao']) {
      await seen.goto(at(id));
      await seen.locator('[data-estado="ao-vivo"]').first().waitFor();
      expect(await seriousIn(seen), id).toEqual([]);
      expect(await overflows(seen), id).toBe(false);
      if (name === 'phone') expect(await rolledAway(seen), id).toEqual([]);
    }
    expect(told).toEqual([]);
    await own.close();
  });
});
