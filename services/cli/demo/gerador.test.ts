import { beforeAll, describe, expect, test } from 'vitest';
import { cnpjValido, cpfValido, pseudonimizador } from '#domain/documento.ts';
import { type EventoLido, leEvento } from '#domain/evento.ts';
import { contadorDe } from '#domain/indicadores.ts';
import { PREFIXO_TIPO, TIPOS_INTERACAO } from '#domain/interacao.ts';
import { MOTIVOS } from '#domain/motivos.ts';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { Recontagem } from '#domain/recontagem.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { portfolioDaDemo, SOLUCOES } from './catalogo.ts';
import { Clientes } from './clientes.ts';
import { FONTES } from './fontes.ts';
import { geraEventos } from './gerador.ts';
import type { EventoDemo } from './mundo.ts';

const EVENTOS = 20_000;
const AGORA = Date.parse('2026-11-23T12:00:00-03:00');
const OPCOES = { semente: 42, eventos: EVENTOS, execucao: 'x', agora: AGORA };

/** What no system that goes in by a door can cause: both doors refuse it, or it follows from what a person asked. */
const SO_POR_FORA = ['ESQUEMA_INVALIDO', 'CPF_INVALIDO', 'CNPJ_INVALIDO', 'CHAVE_SUPERADA', 'TITULAR_ESQUECIDO'];

const aceito = (lido: EventoLido) => lido.ok && lido.documentoInvalido === null && lido.desconhecidos.length === 0;

describe('the traffic of the demo', () => {
  let eventos: EventoDemo[];
  let lidos: EventoLido[];
  let recontagem: Recontagem;

  beforeAll(async () => {
    const portfolio = lePortfolio(portfolioDaDemo(OPCOES));
    if (!portfolio.ok) throw new Error(JSON.stringify(portfolio.erros));
    recontagem = new Recontagem(await loadRulebooks(), portfolio.valor);
    eventos = [...geraEventos(OPCOES)];
    lidos = eventos.map((e) => leEvento(e.evento, pseudonimizador('uma-chave-de-teste')));
    for (const lido of lidos) {
      if (lido.ok && aceito(lido)) recontagem.registra({ interacao: lido.interacao, registradaEm: AGORA });
    }
  });

  test('is exactly as long as asked, and the same for the same options', () => {
    expect(eventos).toHaveLength(EVENTOS);
    expect([...geraEventos(OPCOES)]).toEqual(eventos);
    expect([...geraEventos({ ...OPCOES, semente: 43 })]).not.toEqual(eventos);
    for (const n of [1, 7, 100]) expect([...geraEventos({ ...OPCOES, eventos: n })]).toHaveLength(n);
  });

  test('has every kind, by every source and both doors, each source sending what it may', () => {
    const tipos = new Set(eventos.map((e) => e.evento.type.slice(PREFIXO_TIPO.length)));
    expect(TIPOS_INTERACAO.filter((t) => !tipos.has(t))).toEqual([]);
    expect(new Set(eventos.map((e) => e.fonte))).toEqual(new Set(Object.keys(FONTES)));
    const porHttp = eventos.filter((e) => e.transporte === 'http').length / EVENTOS;
    expect(porHttp).toBeGreaterThan(0.3);
    expect(porHttp).toBeLessThan(0.7);
    const indevidos = eventos.filter((e) => {
      const permitidos: readonly string[] = FONTES[e.fonte].tipos;
      const tipo = e.evento.type.slice(PREFIXO_TIPO.length);
      return !permitidos.includes(tipo) && tipo !== 'visita-tecnica';
    });
    expect(indevidos.map((e) => [e.fonte, e.evento.type])).toEqual([]);
  });

  test('is near the mix: moments, check-ins, services, consolidations', () => {
    const parte = (tipo: string) => eventos.filter((e) => e.evento.type === PREFIXO_TIPO + tipo).length / EVENTOS;
    expect(parte('momento-digital')).toBeCloseTo(0.4, 1);
    expect(parte('check-in')).toBeCloseTo(0.2, 1);
    expect(parte('atendimento')).toBeCloseTo(0.13, 1);
    expect(parte('consolidacao-participacao')).toBeCloseTo(0.1, 1);
  });

  test('counts on all the types that can count, in both years, and gives every reason that a door lets through', () => {
    const contados = new Set(
      [...recontagem.indicadores().keys()].map(contadorDe).map((c) => `${c.valor} ${c.periodo}`),
    );
    const tipos = new Set(SOLUCOES.map((s) => s.tipoSolucao));
    expect(tipos.size).toBe(20);
    tipos.delete('informacao');
    const faltam = [...tipos].flatMap((t) => [`${t} 2025`, `${t} 2026`]).filter((c) => !contados.has(c));
    expect(faltam).toEqual([]);
    const motivos = new Set([
      ...recontagem.quarentena.keys(),
      ...[...recontagem.metricas.keys()].map((n) => n.split('|')[1]),
    ]);
    expect(MOTIVOS.filter((m) => !motivos.has(m))).toEqual(SO_POR_FORA);
  });

  test('has about 1% of bad records and 3% of redeliveries', () => {
    const recusados = lidos.filter((l) => !aceito(l)).length;
    const emQuarentena = [...recontagem.quarentena.values()].reduce((a, b) => a + b, 0);
    expect((recusados + emQuarentena) / EVENTOS).toBeGreaterThan(0.007);
    expect((recusados + emQuarentena) / EVENTOS).toBeLessThan(0.015);
    const unicos = new Set(eventos.map((e) => `${e.evento.source}/${e.evento.id}`)).size;
    expect((EVENTOS - unicos) / EVENTOS).toBeGreaterThan(0.02);
    expect((EVENTOS - unicos) / EVENTOS).toBeLessThan(0.04);
  });

  test('happens in 2025 and 2026, never in the future, save by the one clock that is broken', () => {
    const anos = Map.groupBy(
      lidos.flatMap((l) => (l.ok ? [l.interacao.time] : [])),
      (time) => (time > AGORA ? 'futuro' : new Date(time).getUTCFullYear()),
    );
    expect([...anos.keys()].sort()).toEqual([2025, 2026, 'futuro']);
    expect(anos.get('futuro')?.length).toBe(recontagem.quarentena.get('DATA_NO_FUTURO'));
  });

  test('arrives out of order: late events, estornos before what they take back, two systems of one delivery', () => {
    const posicao = new Map(eventos.map((e, n) => [`${e.fonte}/${e.evento.id}`, n]).reverse() as [string, number][]);
    const antes = eventos.filter((e, n) => {
      const estornada = e.evento.data.estornada as { source: string; id: string } | undefined;
      return estornada !== undefined && (posicao.get(`${estornada.source}/${estornada.id}`) ?? -1) > n;
    });
    expect(antes.length).toBeGreaterThan(0);
    const porProtocolo = Map.groupBy(
      eventos.filter((e) => e.evento.data.protocolo !== undefined),
      (e) => e.evento.data.protocolo,
    );
    expect([...porProtocolo.values()].filter((es) => new Set(es.map((e) => e.fonte)).size > 1).length).toBeGreaterThan(
      5,
    );
  });
});

test('documents are valid, and different people have different ones', () => {
  const clientes = new Clientes(42, 20_000);
  const numeros = Array.from({ length: 5_000 }, (_, n) => n);
  const [cpfs, cnpjs] = [numeros.map((n) => clientes.cpf(n)), numeros.map((n) => clientes.cnpj(n))];
  expect(cpfs.filter((d) => !cpfValido(d))).toEqual([]);
  expect(cnpjs.filter((d) => !cnpjValido(d))).toEqual([]);
  expect(new Set([...cpfs, ...cnpjs]).size).toBe(10_000);
});

test('a larger portfolio contains the smaller: a second demo changes nothing of the first', () => {
  const pequeno = portfolioDaDemo({ semente: 42, eventos: 1_000 });
  const grande = portfolioDaDemo({ semente: 42, eventos: 100_000 });
  expect(grande.solucoes).toEqual(pequeno.solucoes);
  expect(grande.disponibilizacoes).toEqual(expect.arrayContaining(pequeno.disponibilizacoes));
  expect(new Set(grande.disponibilizacoes.map((d) => d.id)).size).toBe(grande.disponibilizacoes.length);
});
