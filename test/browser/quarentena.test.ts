import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import { freshPages, lookEveryWay } from './page.ts';
import { ask, at, keyOf, login, send } from './panel.ts';

const REASON = 'CANAL_DESCONHECIDO';
/** More than a page shows. */
const SENT = 60;
const run = randomUUID().slice(0, 8);
const source = 'painel';

/** By a channel that no rulebook knows. */
const guidance = (n: number) => ({
  specversion: '1.0',
  id: `quarentena-${run}-${n}`,
  source,
  type: 'br.com.sebrae.interacao.atendimento',
  time: new Date(Date.now() - 60_000).toISOString(),
  data: {
    ...{ unidade: 'SP', tipoSolucao: 'orientacao-tecnica', canal: `pombo-${run}`, protocolo: `${run}-${n}` },
    cliente: { pf: { cpf: '529.982.247-25' } },
    responsavel: { id: 'prof-7', papel: 'atendente' },
  },
});

/** The id in quarantine of each event sent. */
async function waiting(): Promise<Map<string, string>> {
  const { itens } = await ask<{ itens: { id: string; evento: string }[] }>(
    `/painel/dados/quarentena/registros?motivo=${REASON}&source=${source}&limite=1000`,
  );
  return new Map(itens.map(({ evento, id }) => [evento, id]));
}

let browser: Browser;
let page: Page;
freshPages((fresh) => {
  ({ browser, page } = fresh);
});
beforeAll(async () => {
  await send(Array.from({ length: SENT }, (_, n) => guidance(n)));
  const ours = async () => [...(await waiting()).keys()].filter((id) => id.includes(run)).length;
  await vi.waitFor(async () => expect(await ours()).toBe(SENT), { timeout: 30_000, interval: 250 });
}, 60_000);

async function open(seen: Page): Promise<void> {
  await seen.goto(at('quarentena'));
  await seen.locator(`[data-motivo="${REASON}"]`).getByRole('link').click();
  await seen.locator('[data-registro]').first().getByRole('link').click();
  await seen.locator('[data-hoje]').waitFor();
}

test('one record: corrected by a field, rehearsed, replayed once, by who entered', { timeout: 60_000 }, async () => {
  const id = (await waiting()).get(`quarentena-${run}-0`) ?? '';
  await login(page, await keyOf('operacao'));
  await page.goto(at(`quarentena?motivo=${REASON}&id=${encodeURIComponent(id)}`));
  await page.locator(`[data-hoje="${REASON}"]`).waitFor();
  const record = page.getByRole('region', { name: `Registro ${id}` });
  // As it stands it would come back; the rehearsal sends nothing.
  await record.getByRole('button', { name: 'Ensaiar reenvio' }).click();
  await record.locator(`[data-desfecho="${REASON}"]`).waitFor();
  expect((await waiting()).has(`quarentena-${run}-0`)).toBe(true);
  await record.getByLabel('Campo', { exact: true }).fill('canal');
  await record.getByLabel('Valor', { exact: true }).fill('pombo-correio');
  await record.getByRole('button', { name: 'Guardar correção' }).click();
  await record.locator(`[data-corrigida="${REASON}"]`).waitFor();
  await record.getByLabel('Valor', { exact: true }).fill('telefone');
  await page.keyboard.press('Enter');
  await record.locator('[data-corrigida="INTERACAO_DE_ATENDIMENTO"]').waitFor();
  await record.getByRole('button', { name: 'Ensaiar reenvio' }).click();
  await record.locator('[data-desfecho="INTERACAO_DE_ATENDIMENTO"]').waitFor();
  await record.getByRole('button', { name: 'Reenviar 1' }).click();
  await expect
    .poll(() => record.locator('[data-resolvida]').getAttribute('data-resolvida'))
    .toMatch(/^painel-operacao/);
  expect((await waiting()).has(`quarentena-${run}-0`)).toBe(false);
  await expect.poll(() => page.locator(`[data-registro="${id}"]`).count()).toBe(0);
});

test('a correction that is none is told why, and a record that is not there', async () => {
  const id = (await waiting()).get(`quarentena-${run}-1`) ?? '';
  await login(page);
  await page.goto(at(`quarentena?id=${encodeURIComponent(id)}`));
  await page.getByLabel('Campo', { exact: true }).fill('id');
  await page.getByLabel('Valor', { exact: true }).fill('outro');
  await page.getByRole('button', { name: 'Guardar correção' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('IDENTIDADE_DIVERGENTE');
  await page.getByLabel('Campo', { exact: true }).fill('duracaoMin');
  await page.getByLabel('Valor', { exact: true }).fill('muito');
  await page.getByRole('button', { name: 'Guardar correção' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('duracaoMin');
  await page.goto(at('quarentena?id=0/99999999'));
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('QUARENTENA_DESCONHECIDA');
});

test('from a record to its decision, step by step', async () => {
  const id = (await waiting()).get(`quarentena-${run}-1`) ?? '';
  await login(page);
  await page.goto(at(`quarentena?id=${encodeURIComponent(id)}`));
  await page.getByRole('button', { name: 'Ver a decisão passo a passo' }).click();
  await page.waitForURL(/por-que-contou$/);
  await page.locator(`[data-motivo="${REASON}"]`).waitFor();
  expect(JSON.parse(await page.getByLabel('Evento, em JSON').inputValue())).toMatchObject({
    id: `quarentena-${run}-1`,
    data: { canal: `pombo-${run}`, cliente: { pf: { id: expect.stringMatching(/^pf:/) } } },
  });
});

test('all of a reason are rehearsed together, only those that would be decided if asked', async () => {
  await login(page);
  await page.goto(at(`quarentena?motivo=${REASON}`));
  await page.getByRole('button', { name: 'Ensaiar reenvio' }).click();
  await page.locator(`[data-desfecho="${REASON}"]`).waitFor();
  await page.getByLabel('só os que hoje não voltariam').check();
  await page.getByRole('button', { name: 'Ensaiar reenvio' }).click();
  await page.locator('[data-ensaio="0"]').waitFor();
  expect(await page.getByRole('button', { name: /^Reenviar/ }).count()).toBe(0);
});

/** Presses Tab until the focus, which is seen, is on a control of this name. */
async function tabTo(label: string): Promise<void> {
  for (let n = 0; n < 150; n += 1) {
    const { name, ring } = await page.evaluate(() => {
      const on = document.activeElement as HTMLInputElement;
      return { name: on.labels?.[0]?.textContent ?? on.textContent, ring: getComputedStyle(on).outlineStyle };
    });
    if (name === label) {
      expect(ring, 'the focus is seen').not.toBe('none');
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${label}`);
}

const asked = () => Object.fromEntries(new URL(page.url()).searchParams);
const total = () => page.locator('[data-total]').getAttribute('data-total');
const rows = () => page.locator('[data-registro]');

test('filters by keyboard alone: each in the address, what they show is what there is, cleared at once', async () => {
  await login(page);
  await page.goto(at('quarentena'));
  await page.locator('[data-total]').waitFor();
  await page.locator('[data-esperam]').waitFor();
  const all = Number(await total());
  await tabTo('Fonte');
  await page.keyboard.type(source);
  await expect.poll(asked).toEqual({ fonte: source });
  await tabTo('Unidade');
  await page.keyboard.type('SP');
  await tabTo('Tipo');
  await page.keyboard.type('Orientação');
  await expect.poll(asked).toMatchObject({ fonte: source, unidade: 'SP', tipo: 'orientacao-tecnica' });
  const filters = `source=${source}&unidade=SP&tipoSolucao=orientacao-tecnica`;
  const { total: some } = await ask<{ total: number }>(`/painel/dados/quarentena/registros?${filters}`);
  await expect.poll(total).toBe(String(some));
  expect([some >= SENT - 1, some < all]).toEqual([true, true]);
  await tabTo('Situação');
  await page.keyboard.type('reenviados');
  await expect.poll(asked).toMatchObject({ situacao: 'reenviada' });
  // A day of long ago has none, which is said in words.
  await page.getByLabel('Separado no dia').fill('2020-01-01');
  await page.getByText('Nenhum registro com estes filtros.').waitFor();
  await tabTo('Limpar filtros');
  await page.keyboard.press('Enter');
  await expect.poll(asked).toEqual({});
  await expect.poll(total).toBe(String(all));
});

test('pages: the rest comes by a key, joined to what is there, each record once', async () => {
  await login(page);
  await page.goto(at(`quarentena?motivo=${REASON}&fonte=${source}`));
  await rows().first().waitFor();
  expect(await rows().count()).toBe(50);
  await tabTo('Mostrar mais');
  await page.keyboard.press('Enter');
  await expect.poll(() => rows().count()).toBe(Number(await total()));
  const ids = await rows().evaluateAll((all) => all.map((one) => one.getAttribute('data-registro')));
  expect(new Set(ids).size).toBe(ids.length);
  expect(await page.getByRole('button', { name: 'Mostrar mais' }).count()).toBe(0);
  // The reading position is kept where a record is opened.
  await rows().last().getByRole('link').click();
  await page.locator('[data-hoje]').waitFor();
  expect(asked()).toMatchObject({ motivo: REASON, fonte: source, id: ids.at(-1) });
});

test('while the topic is being read it says so: no number, no empty list; then it comes by itself', async () => {
  await login(page);
  const loading = {
    status: 503,
    codigo: 'QUARENTENA_CARREGANDO',
    title: 'Lendo',
    detail: 'a quarentena está sendo lida: 40% lidos',
  };
  const headers = { 'retry-after': '1' };
  const calls = /dados\/quarentena/;
  await page.route(calls, (route) => route.fulfill({ status: 503, headers, json: loading }));
  await page.goto(at('quarentena'));
  await page.locator('[data-carregando]').getByText('40% lidos').waitFor();
  expect(await page.locator('[data-esperam], [data-total]').count()).toBe(0);
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await page.locator('.vazio').count()).toBe(0);
  await page.unroute(calls);
  await page.locator('[data-esperam]').waitFor();
  await rows().first().waitFor();
});

test('numbers that did not change are not sent again', async () => {
  const url = `${inject('panelUrl')}/painel/dados/quarentena`;
  const headers = { authorization: `Bearer ${inject('operatorKey')}` };
  for (const address of [url, `${url}/registros?source=${source}`]) {
    const etag = (await fetch(address, { headers })).headers.get('etag') ?? '';
    expect((await fetch(address, { headers: { ...headers, 'if-none-match': etag } })).status).toBe(304);
  }
});

test('nothing serious in any way of looking', { timeout: 90_000 }, async () => {
  await lookEveryWay(browser, inject('operatorKey'), open);
});
