import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { esperaALinha } from '#platform/linha.ts';
import { PASTA_DE_RULEBOOKS } from '#platform/rulebooks.ts';
import { consulta } from '../../services/cli/api.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { perguntas } from '../../services/cli/exportacao-bi/perguntas-fixture.ts';
import type { Ensaio } from '../../services/cli/reprocessamento.ts';
import { confere, cpfsEm, exporta, servido } from './bi-figures.ts';
import { asJson } from './command.ts';
import { type Line, recordsOf, startDemoLine } from './line.ts';

const EVENTOS = 20_000;
const CHUNK = 200;

let line: Line;
beforeAll(async () => {
  line = await startDemoLine({ semente: 1, eventos: EVENTOS });
}, 120_000);
afterAll(() => line?.stop());

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
  await conectado(esperaALinha);
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
  const reconstruida = await asJson('rebuild', '--por', 'dora');
  await trafego;
  const devolvida = await asJson('rebuild', 'back', '--por', 'dora');
  expect(await auditada()).toEqual([]);
  acaba = true;
  await api;
  expect(reconstruida).toMatchObject({ codigo: 0, resultado: { trocada: true, viva: 'r1', diferencas: [] } });
  expect(devolvida).toMatchObject({ codigo: 0, resultado: { trocada: true, viva: 'at', diferencas: [] } });
  const { resultado: atos } = await asJson('acts', '--ato', 'estado-trocado');
  expect(atos).toMatchObject([
    { alvo: 'r1', quem: 'dora', chave: null, detalhe: { antes: 'at', volta: false, diferencas: 0 } },
    { alvo: 'at', quem: 'dora', chave: null, detalhe: { antes: 'r1', volta: true, diferencas: 0 } },
  ]);
  expect(totais.length).toBeGreaterThan(20);
  // What was counted in metricas is never taken out again: the total only grows.
  expect(totais.filter((total, n) => total < (totais[n - 1] ?? 0))).toEqual([]);
});

test('another rulebook tried on history: today is what the api says, and nothing is changed', async () => {
  const yaml = readFileSync(join(PASTA_DE_RULEBOOKS, '2024-1.yaml'), 'utf8');
  const arquivo = join(line.home, 'noventa.yaml');
  writeFileSync(arquivo, yaml.replace('versao: "2024-1"', 'versao: noventa').replaceAll('Min: 60', 'Min: 90'));
  const ano = new Date().getFullYear();
  const { codigo, resultado } = await asJson('reprocess', '--from', `${ano - 1}-01-01`, '--rulebook', arquivo);
  expect(codigo).toBe(0);
  const { registros, emVigor, rulebook, motivos, tipos, indicadores } = resultado as Ensaio;
  expect({ emVigor, rulebook }).toEqual({ emVigor: '2024-1', rulebook: 'noventa' });
  expect(registros).toBeGreaterThan(EVENTOS * 0.9);
  expect(motivos.map((m) => m.motivo).sort()).toEqual([
    'CONSOLIDACAO_DE_CONSULTORIA',
    'DURACAO_ABAIXO_DA_MINIMA',
    'INTERACAO_DE_ATENDIMENTO',
  ]);
  expect(motivos.reduce((soma, { antes, depois }) => soma + depois - antes, 0)).toBe(0);
  expect(tipos.map((t) => t.tipoSolucao)).toEqual(['consultoria']);
  expect(indicadores.length).toBeGreaterThan(3);
  for (const { codigo: indicador, periodo, unidade, clientes, atendimentos } of indicadores) {
    const daUnidade = unidade === '*' ? '' : `&unidade=${unidade}`;
    const hoje = await consulta(`/v1/indicadores/${indicador}?periodo=${periodo}${daUnidade}`);
    expect(hoje).toMatchObject({ clientes: clientes.antes, atendimentos: atendimentos.antes });
  }
  expect(await auditada()).toEqual([]);
});

test('exported for BI, ten questions are answered, with the figures of the api where it has them', async () => {
  const figuras = await servido();
  const aberta = await exporta(join(line.home, 'bi'));
  expect(perguntas().size).toBe(10);
  for (const [n, sql] of perguntas()) {
    expect((await aberta.linhas(sql)).length, `question ${n}`).toBeGreaterThan(0);
  }
  await confere(aberta, figuras);
  const enviados = [...geraEventos({ semente: 1, eventos: EVENTOS, execucao: 'r', agora: Date.now() })];
  expect(await cpfsEm(aberta, enviados)).toEqual([]);
  aberta.fecha();
});
