import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { complaintsOf, login, overflows, seriousIn, WAYS } from './panel.ts';

/**
 * Looks at a page in every way: nothing serious for axe-core, nothing wider than the screen, no complaint of the browser.
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
    expect(told, name).toEqual([]);
    await context.close();
  }
}
