/**
 * Takes the pictures of docs/painel/ from the local stack that runs (`atendido demo` first, so that there is something
 * to see): every page that is built, as one finds it after a moment, and one on a phone and in the dark.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { homeOf, PROJECT_ROOT } from '#platform/config.ts';
import { runningStack } from '#platform/config-stack.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { CODIGO } from '../../services/api/painel/app/paginas.ts';
import { findChromium } from './chromium.ts';

const FOLDER = join(PROJECT_ROOT, 'docs', 'painel');
const SMALL = { viewport: { width: 1_000, height: 720 } };
const PICTURES: [file: string, page: string, way: BrowserContextOptions][] = [
  ...Object.keys(CODIGO).map((id): [string, string, BrowserContextOptions] => [id, id, SMALL]),
  ['hoje-celular', 'hoje', { viewport: { width: 375, height: 740 } }],
  ['hoje-escuro', 'hoje', { ...SMALL, colorScheme: 'dark' }],
];
/** What is live has come, and charts are drawn. */
const MOMENT_MS = 4_000;

const panel = runningStack(homeOf())?.processos.find((p) => p.nome === 'api')?.endereco;
if (!panel) throw new Error('the local stack does not run: `atendido demo` first');

async function enter(page: Page, id: string): Promise<void> {
  await page.goto(`${panel}/painel/entrar?de=${id}`);
  await page.getByLabel('Chave de acesso').fill(resolveChaveOperacao());
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sair' }).waitFor();
}

mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath: await findChromium(), args: ['--no-sandbox'] });
for (const [file, id, way] of PICTURES) {
  const context = await browser.newContext({ ...way, locale: 'pt-BR' });
  const page = await context.newPage();
  await enter(page, id);
  await setTimeout(MOMENT_MS);
  await page.screenshot({ path: join(FOLDER, `${file}.png`) });
  await context.close();
  process.stderr.write(`docs/painel/${file}.png\n`);
}
await browser.close();
