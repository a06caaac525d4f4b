import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { complaintsOf, launch, login, overflows, rolledAway, seriousIn, WAYS } from './panel.ts';

/** What a test of the browser is given: a context of its own, in the browser of its file. */
export interface Fresh {
  browser: Browser;
  context: BrowserContext;
  page: Page;
}

/**
 * One browser for the tests of a file, and for each of them a fresh page on a desktop, handed over before it begins; of none may the
 * browser have complained in the end.
 */
export function freshPages(take: (fresh: Fresh) => void): void {
  let browser: Browser;
  let context: BrowserContext;
  let complaints: string[];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    context = await browser.newContext({ ...WAYS.desktop, locale: 'pt-BR' });
    const page = await context.newPage();
    complaints = complaintsOf(page);
    take({ browser, context, page });
  });
  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
}

/**
 * Looks at a page in every way: nothing serious for axe-core, nothing wider than the screen, which on a
 * phone goes for each part too, no complaint of the browser.
 * @param open brings the page, of somebody logged in, to what is to be looked at
 */
export async function lookEveryWay(browser: Browser, key: string, open: (page: Page) => Promise<void>): Promise<void> {
  for (const [name, way] of Object.entries(WAYS)) {
    const context = await browser.newContext({ ...way, locale: 'pt-BR' });
    const page = await context.newPage();
    const told = complaintsOf(page);
    await login(page, key);
    await open(page);
    expect(await seriousIn(page), name).toEqual([]);
    expect(await overflows(page), name).toBe(false);
    if (name === 'phone') expect(await rolledAway(page)).toEqual([]);
    expect(told, name).toEqual([]);
    await context.close();
  }
}
