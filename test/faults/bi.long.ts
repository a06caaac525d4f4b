import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { confere, exporta, servido } from '../line/bi-figures.ts';
import { asJson } from '../line/command.ts';
import { type Line, recordsOf, startDemoLine } from '../line/line.ts';
import { FROM_BEFORE_ALL, otherRulebook } from '../line/other-rulebook.ts';

const TRAFEGO = { semente: 11, eventos: 6_000 };

let line: Line;
beforeAll(async () => {
  line = await startDemoLine(TRAFEGO);
}, 120_000);
afterAll(() => line?.stop());

async function manda(execucao: string): Promise<void> {
  const eventos = [...geraEventos({ ...TRAFEGO, execucao, agora: Date.now() })].map((e) => e.evento);
  const registros = await recordsOf(line, eventos);
  for (let n = 0; n < registros.length; n += 500) await line.producer.send(registros.slice(n, n + 500));
}

test('out of one folder BI has the figures of the api, before and after rulebooks applied to history', async () => {
  const dir = join(line.home, 'bi');
  const compara = async (): Promise<void> => {
    const figuras = await servido();
    const aberta = await exporta(dir);
    await confere(aberta, figuras);
    aberta.fecha();
  };
  await manda('bi');
  await compara();
  for (const versao of ['outro', 'mais-um']) {
    const outro = otherRulebook(line.home, versao);
    const args = ['--from', FROM_BEFORE_ALL, '--rulebook', outro, '--apply', '--por', 'ana'];
    const { codigo } = await asJson('reprocess', ...args);
    expect(codigo).toBe(0);
    await manda(versao);
    await compara();
  }
}, 300_000);
