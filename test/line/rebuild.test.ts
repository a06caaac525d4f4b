import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { consulta } from '../../services/cli/api.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { portfolioDaDemo } from '../../services/cli/demo/catalogo.ts';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { esperaALinha } from '../../services/cli/linha.ts';
import { type Line, recordsOf, sendPortfolio, startLine } from './line.ts';

const EVENTOS = 20_000;
const CHUNK = 200;

let line: Line;
beforeAll(async () => {
  line = await startLine();
  const lido = lePortfolio(portfolioDaDemo({ semente: 1, eventos: EVENTOS }));
  if (!lido.ok) throw new Error(JSON.stringify(lido.erros));
  await sendPortfolio(line, lido.valor);
}, 120_000);
afterAll(() => line?.stop());

async function rebuild(...argumentos: string[]) {
  const main = join(PROJECT_ROOT, 'services/cli/main.ts');
  const processo = spawn(process.execPath, [main, 'rebuild', ...argumentos, '--json'], {
    stdio: ['ignore', 'pipe', 2],
  });
  let saida = '';
  processo.stdout?.on('data', (pedaco: Buffer) => {
    saida += pedaco;
  });
  const [codigo] = await once(processo, 'close');
  return { codigo, resultado: JSON.parse(saida) };
}

async function auditada() {
  return conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    return (await audita(conexoes)).diferencas;
  });
}

test('rebuilt and taken back while events arrive: the api always answers, and the audit agrees', async () => {
  const eventos = [...geraEventos({ semente: 1, eventos: EVENTOS, execucao: 'r', agora: Date.now() })];
  const registros = await recordsOf(
    line,
    eventos.map((e) => e.evento),
  );
  const metade = registros.length / 2;
  await line.producer.send(registros.slice(0, metade));
  let acaba = false;
  const totais: number[] = [];
  const ano = new Date().getFullYear();
  const metricas = `/v1/metricas?de=${ano - 1}-01-01&ate=${ano}-12-31`;
  const api = (async () => {
    while (!acaba) totais.push((await consulta<{ total: number }>(metricas)).total);
  })();
  const trafego = (async () => {
    for (let de = metade; de < registros.length; de += CHUNK) {
      await line.producer.send(registros.slice(de, de + CHUNK));
      await consulta('/v1/indicadores');
    }
  })();
  const reconstruida = await rebuild();
  await trafego;
  const devolvida = await rebuild('back');
  expect(await auditada()).toEqual([]);
  acaba = true;
  await api;
  expect(reconstruida).toMatchObject({ codigo: 0, resultado: { trocada: true, viva: 'r1', diferencas: [] } });
  expect(devolvida).toMatchObject({ codigo: 0, resultado: { trocada: true, viva: 'at', diferencas: [] } });
  expect(totais.length).toBeGreaterThan(20);
  // What was counted in metricas is never taken out again: the total only grows.
  expect(totais.filter((total, n) => total < (totais[n - 1] ?? 0))).toEqual([]);
});
