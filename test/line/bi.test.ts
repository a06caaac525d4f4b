import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contadorDe, metricaDoNome } from '#domain/indicadores.ts';
import { PROJECT_ROOT } from '#platform/config.ts';
import { esperaALinha } from '#platform/linha.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { type Exported, openExported } from '../integration/exported.ts';
import { asJson } from './command.ts';
import { type Line, recordsOf, startDemoLine } from './line.ts';
import { FROM_BEFORE_ALL, otherRulebook } from './other-rulebook.ts';

const TRAFEGO = { semente: 11, eventos: 6_000 };

let line: Line;
beforeAll(async () => {
  line = await startDemoLine(TRAFEGO);
}, 120_000);
afterAll(() => line?.stop());

/** The SQL under each numbered question of docs/bi.md. */
function perguntas(): Map<number, string> {
  const pagina = readFileSync(join(PROJECT_ROOT, 'docs/bi.md'), 'utf8');
  const achadas = pagina.matchAll(/^### (\d+)\. .+\n+```sql\n([\s\S]+?)```/gm);
  return new Map([...achadas].map(([, n, consulta = '']) => [Number(n), consulta]));
}

async function manda(execucao: string): Promise<void> {
  const eventos = [...geraEventos({ ...TRAFEGO, execucao, agora: Date.now() })].map((e) => e.evento);
  const registros = await recordsOf(line, eventos);
  for (let n = 0; n < registros.length; n += 500) await line.producer.send(registros.slice(n, n + 500));
}

/** What Redis serves, once the line has read everything. */
const servido = () =>
  conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    const { indicadores, metricas } = await conexoes.leitor.contadores();
    return {
      indicadores: [...indicadores].map(([nome, n]) => ({ ...contadorDe(nome), n })),
      metricas: [...metricas].map(([nome, n]) => ({ ...metricaDoNome(nome), n })),
    };
  });
type Servido = Awaited<ReturnType<typeof servido>>;

async function exporta(dir: string): Promise<Exported> {
  const { codigo } = await asJson('export', '--from', FROM_BEFORE_ALL, '--out', dir);
  expect(codigo).toBe(0);
  return openExported(dir);
}

/** Rows, or counters, added up by name; what comes to nothing is left out. */
function somado<L>(linhas: readonly L[], soma: (l: L) => [nome: string, n: unknown]): Record<string, number> {
  const somas: Record<string, number> = {};
  for (const [nome, n] of linhas.map(soma)) somas[nome] = (somas[nome] ?? 0) + Number(n);
  return Object.fromEntries(Object.entries(somas).filter(([, n]) => n !== 0));
}

/** Every figure that the page's SQL and Redis both have is the same. */
async function confere(aberta: Exported, { indicadores, metricas }: Servido): Promise<void> {
  const resposta = (n: number) => aberta.linhas(perguntas().get(n) ?? '');
  const totais = indicadores.filter((c) => c.dimensao === 'total' && c.unidade === '*');
  const porMes = indicadores.filter((c) => c.dimensao === 'mes' && c.unidade !== '*');
  for (const medida of ['clientes', 'atendimentos'] as const) {
    const doMes = porMes.filter((c) => c.indicador === 'clientes-atendidos' && c.medida === medida);
    const unidades = somado(doMes, (c) => [`${c.unidade} ${c.valor}`, c.n]);
    expect(somado(await resposta(1), (l) => [`${l.unidade} ${l.mes}`, l[medida]])).toEqual(unidades);
    const doAno = totais.filter((c) => c.medida === medida);
    const anos = somado(doAno, (c) => [`${c.indicador} ${c.periodo}`, c.n]);
    expect(Object.keys(anos).length).toBeGreaterThan(3);
    expect(somado(await resposta(2), (l) => [`${l.indicador} ${l.ano}`, l[medida]])).toEqual(anos);
  }
  const naoContam = metricas.filter((m) => m.metrica !== 'atendimento');
  const motivos = somado(naoContam, (m) => [`${m.metrica} ${m.motivo}`, m.n]);
  expect(somado(await resposta(3), (l) => [`${l.metrica} ${l.motivo}`, l.interacoes])).toEqual(motivos);
  const atendidos = totais.filter((c) => c.indicador === 'clientes-atendidos' && c.medida === 'clientes');
  const status = somado(await resposta(7), (l) => [String(l.ano), Number(l.pessoas) + Number(l.empresas)]);
  expect(status).toEqual(somado(atendidos, (c) => [c.periodo, c.n]));
}

test('ten questions answered, with the figures of the api where it has them', async () => {
  await manda('bi');
  const dir = join(line.home, 'bi');
  const antes = await servido();
  const aberta = await exporta(dir);
  expect(perguntas().size).toBe(10);
  for (const [n, consulta] of perguntas()) {
    expect((await aberta.linhas(consulta)).length, `question ${n}`).toBeGreaterThan(0);
  }
  await confere(aberta, antes);
  aberta.fecha();
}, 120_000);

test('the figures after another rulebook was applied to history, out of the same folder', async () => {
  const dir = join(line.home, 'bi');
  const outro = otherRulebook(line.home, 'outro');
  const args = ['--from', FROM_BEFORE_ALL, '--rulebook', outro, '--apply', '--por', 'ana'];
  const { codigo } = await asJson('reprocess', ...args);
  expect(codigo).toBe(0);
  await manda('bi2');
  const depois = await servido();
  const aberta = await exporta(dir);
  await confere(aberta, depois);
  aberta.fecha();
}, 120_000);
