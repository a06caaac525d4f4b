import { expect } from 'vitest';
import { contadorDe, metricaDoNome } from '#domain/indicadores.ts';
import { esperaALinha } from '#platform/linha.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { perguntas } from '../../services/cli/exportacao-bi/perguntas-fixture.ts';
import { type Exported, openExported } from '../integration/exported.ts';
import { asJson } from './command.ts';
import { FROM_BEFORE_ALL } from './other-rulebook.ts';

/** What Redis serves, once the line has read everything. */
export const servido = () =>
  conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    const { indicadores, metricas } = await conexoes.leitor.contadores();
    return {
      indicadores: [...indicadores].map(([nome, n]) => ({ ...contadorDe(nome), n })),
      metricas: [...metricas].map(([nome, n]) => ({ ...metricaDoNome(nome), n })),
    };
  });
type Servido = Awaited<ReturnType<typeof servido>>;

export async function exporta(dir: string): Promise<Exported> {
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
export async function confere(aberta: Exported, { indicadores, metricas }: Servido): Promise<void> {
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

/** The CPFs of some events that stand in what was exported: there should be none. */
export async function cpfsEm(aberta: Exported, eventos: readonly unknown[]): Promise<string[]> {
  const cpfs = new Set(
    [...JSON.stringify(eventos).matchAll(/"cpf":"([^"]+)"/g)].map(([, cpf = '']) => cpf.replace(/\D/g, '')),
  );
  expect(cpfs.size).toBeGreaterThan(100);
  const linhas = await aberta.valores(
    'SELECT c::VARCHAR FROM classificadas c UNION ALL SELECT q::VARCHAR FROM quarentena q',
  );
  const numeros = linhas.flatMap(([linha]) => String(linha).match(/(?<!\d)\d{11}(?!\d)/g) ?? []);
  return numeros.filter((numero) => cpfs.has(numero));
}
