import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Lancamento } from '#domain/lancamento.ts';
import { GERACAO_INICIAL } from '#platform/estado/chaves.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { dobraSimples, sorteiaLancamentos, totaisDe } from './aggregator-fixture.ts';
import { kafka, until } from './kafka-fixture.ts';
import {
  aggregatorNoAr,
  chavesDa,
  clientesAtendidos,
  envia,
  enviados,
  escritorDa,
  esvazia,
  fecha,
  geracoes,
  leitor,
  leitorDa,
  noFim,
  PARTICOES,
  rebuild,
  redis,
  roda,
  somaDe,
} from './rebuild-fixture.ts';
import { gravados } from './state-fixture.ts';

/** Commands are processes of their own, on a machine that may have much else to do. */
vi.setConfig({ testTimeout: 240_000 });

const ANO = '2026';

beforeAll(esvazia);
afterAll(fecha);

let semente = 0;
const sorteados = (quantos: number): Lancamento[] => {
  semente += 1;
  return sorteiaLancamentos(quantos, semente, `v${semente}x`);
};

/** One delivery each of as many new clients: by every whole number there are as many deliveries as clients. */
function umaEntregaCada(quantos: number, prefixo: string): Lancamento[] {
  return Array.from({ length: quantos }, (_, n) => ({
    source: 's',
    id: `${prefixo}-${n}`,
    cliente: `pf:${prefixo}-${n}`,
    time: Date.UTC(2026, 2, 2),
    principal: true,
    metrica: 'atendimento',
    motivo: 'CONSOLIDACAO_DE_PARTICIPACAO',
    tipoSolucao: 'seminario',
    unidade: 'AC',
    canal: 'portal',
    modalidade: 'a-distancia',
    credito: { chave: 'seminario|disponibilizacaoId=O1', quantidade: 1, comPj: false, ladoDePf: false },
    estornada: null,
  }));
}

/** What the api answers of the clients of {@link umaEntregaCada}. */
async function lido(): Promise<{ clientes: number; atendimentos: number }> {
  const contadores = await leitor.indicador('clientes-atendidos', ANO);
  const doTipo = contadores.filter((c) => c.unidade === '*' && c.dimensao === 'tipo' && c.valor === 'seminario');
  const n = (medida: string) => doTipo.find((c) => c.medida === medida)?.n ?? 0;
  return { clientes: n('clientes'), atendimentos: n('atendimentos') };
}

/** All that `clientes-atendidos` was told of a client's year. */
async function statusDe(cliente: string): Promise<boolean[]> {
  const contados: boolean[] = [];
  await kafka.readToEnd('clientes-atendidos', {
    async onBatch({ records }) {
      for (const { key, value } of records) {
        if (String(key) === `${cliente}|${ANO}`) contados.push((await clientesAtendidos.decode(value)).atendido);
      }
    },
  });
  return contados;
}

/** Reads as the api does, again and again, until told to end. */
function observa(): () => Promise<{ clientes: number; atendimentos: number }[]> {
  let acaba = false;
  const vistos: { clientes: number; atendimentos: number }[] = [];
  const olha = (async () => {
    while (!acaba) {
      vistos.push(await lido());
      // The aggregator works in this process too.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  return async () => {
    acaba = true;
    await olha;
    return vistos;
  };
}

const iguala = async () => expect(await totaisDe(leitor)).toEqual(dobraSimples(enviados));

test('the state built anew is the live one, under traffic; every number read meanwhile is whole, none goes back', async () => {
  await aggregatorNoAr();
  await envia(sorteados(4_000));
  await noFim();
  const antes = await totaisDe(leitor);
  const acaba = observa();
  let chegando = true;
  const trafego = (async () => {
    for (let n = 0; chegando; n += 1) {
      await envia(umaEntregaCada(20, `t${n}`), 5);
      await envia(sorteados(20), 5);
    }
  })();
  const { codigo, resultado } = await roda();
  const depois = enviados.length;
  await until(() => enviados.length > depois + 200, 'traffic after the change');
  chegando = false;
  await trafego;
  await noFim();
  const vistos = await acaba();

  expect(codigo).toBe(0);
  expect(resultado).toMatchObject({ trocada: true, viva: 'r1', guardada: GERACAO_INICIAL, diferencas: [] });
  expect(resultado.comparados).toBeGreaterThan(Object.keys(antes.titulares).length);
  expect(resultado.paradoMs).toBeLessThan(5_000);
  expect(await geracoes.situacao()).toEqual({ viva: 'r1', anterior: 'at', nova: null, descartada: null });
  await iguala();
  expect(vistos.filter((v) => v.clientes !== v.atendimentos)).toEqual([]);
  expect(vistos.filter((v, n) => v.clientes < (vistos[n - 1]?.clientes ?? 0))).toEqual([]);
  expect(new Set(vistos.map((v) => v.clientes)).size).toBeGreaterThan(10);
  // The old one stands still where it was left.
  expect(somaDe(await leitorDa('at').posicoes())).toBeLessThan(somaDe(await leitor.posicoes()));
});

test('the old one is kept: back to it, brought up to date first; then what is not wanted is discarded', async () => {
  await aggregatorNoAr();
  await envia(sorteados(300));
  await noFim();
  expect((await rebuild('run').fim).erros).toContain('GERACAO_ANTERIOR_GUARDADA');
  const acaba = observa();
  const { codigo, resultado } = await roda('back');
  const vistos = await acaba();
  expect(codigo).toBe(0);
  expect(resultado).toMatchObject({ trocada: true, viva: 'at', guardada: 'r1', diferencas: [] });
  expect(new Set(vistos.map((v) => v.clientes)).size).toBe(1);
  await envia(sorteados(300));
  await noFim();
  await iguala();

  expect((await chavesDa('r1')).length).toBeGreaterThan(100);
  expect((await rebuild('discard-old').fim).saida).toContain('r1');
  expect(await chavesDa('r1')).toEqual([]);
  expect(await geracoes.situacao()).toEqual({ viva: 'at', anterior: null, nova: null, descartada: null });
  expect((await rebuild('discard-old').fim).erros).toContain('SEM_GERACAO_ANTERIOR');
  expect((await rebuild('back').fim).erros).toContain('SEM_GERACAO_ANTERIOR');
  await iguala();
});

test('killed -9 while it builds, it goes on from where it was, and nothing of it is seen', async () => {
  await aggregatorNoAr();
  await envia(sorteados(12_000), 2);
  await noFim();
  const antes = await lido();
  const { processo, fim } = rebuild();
  const construido = async () => somaDe(await leitorDa('r2').posicoes());
  await until(async () => (await construido()) > 500, 'some of it built');
  processo.kill('SIGKILL');
  await fim;
  const parou = await construido();
  expect(parou).toBeLessThan(somaDe(await leitor.posicoes()));
  expect(await geracoes.situacao()).toMatchObject({ viva: 'at', nova: 'r2' });
  expect(await lido()).toEqual(antes);

  // What was applied before is not asked for again: of the log's beginning nothing is read.
  const acabada = rebuild('run', '--json');
  await until(async () => (await construido()) > parou, 'it goes on');
  const { codigo, saida } = await acabada.fim;
  expect(codigo).toBe(0);
  expect(JSON.parse(saida)).toMatchObject({ trocada: true, viva: 'r2', guardada: 'at', diferencas: [] });
  await iguala();
  await rebuild('discard-old').fim;
});

test('interrupted by Ctrl-C it says how to go on, and cancel removes what was built', async () => {
  const aggregator = await aggregatorNoAr();
  const { processo, fim } = rebuild();
  await until(async () => somaDe(await leitorDa('r3').posicoes()) > 500, 'some of it built');
  processo.kill('SIGINT');
  const { codigo, erros } = await fim;
  expect(codigo).toBe(130);
  expect(erros).toContain('INTERROMPIDO');
  expect((await rebuild('status').fim).saida).toContain('r3: em construção');
  expect((await rebuild('cancel').fim).saida).toContain('r3');
  expect(await chavesDa('r3')).toEqual([]);
  expect(await geracoes.situacao()).toMatchObject({ viva: 'r2', nova: null });
  await envia(sorteados(100));
  await noFim();
  await iguala();
  await aggregator.stop();
});

test('where the live state is wrong it says so and changes nothing, unless told to', async () => {
  const aggregator = await aggregatorNoAr();
  await noFim();
  await aggregator.stop();
  const vitima = umaEntregaCada(1, 't0')[0]?.cliente ?? '';
  const chave = (await chavesDa('r2')).find((c) => c.endsWith(`:c:${vitima}`)) ?? '';
  await redis.del(chave);
  const grupo = (await chavesDa('r2')).find((c) => c.includes('ind:clientes-atendidos|2026')) ?? '';
  await redis.hincrby(grupo, '*|total||clientes', 5);

  // As if Kafka had lost the end of what was applied.
  const fim = (await redis.get('r2:{0}:pos')) ?? '';
  await redis.set('r2:{0}:pos', Number(fim) + 10);
  expect((await rebuild().fim).erros).toContain('LANCAMENTOS_PERDIDOS');
  await redis.set('r2:{0}:pos', fim);

  const recusada = await roda();
  expect(recusada.codigo).toBe(1);
  expect(recusada.resultado).toMatchObject({ trocada: false, viva: 'r2', guardada: 'r4' });
  const total = 'clientes-atendidos|2026|*|total||clientes';
  const { viva, nova } = recusada.resultado.diferencas.find((d) => d.chave === total) ?? {};
  expect(Number(viva) - Number(nova)).toBe(5);
  expect(recusada.resultado.diferencas.map((d) => d.chave).sort()).toEqual([total, vitima]);
  // The live shards go on.
  expect(await redis.get('r2:{0}:pos')).toMatch(/^\d+$/);

  const contados = await statusDe(vitima);
  const aceita = await roda('--accept-differences');
  expect(aceita.codigo).toBe(0);
  expect(aceita.resultado).toMatchObject({ trocada: true, viva: 'r4', guardada: 'r2' });
  await iguala();
  // Who follows the statuses learns of it too.
  expect(await statusDe(vitima)).toEqual([...contados, true]);
  await rebuild('discard-old').fim;
});

test('with no traffic after the change the aggregator finds the live generation by itself', async () => {
  const aggregator = await aggregatorNoAr();
  await noFim();
  await until(() => aggregator.assignment().length === PARTICOES, 'all partitions taken over');
  const { resultado } = await roda();
  expect(resultado).toMatchObject({ trocada: true, viva: 'r5' });
  await until(async () => !(await aggregator.deslocou()), 'it stands in the live generation');
  await envia(sorteados(100));
  await noFim();
  await iguala();
  await aggregator.stop();
  await rebuild('discard-old').fim;
});

test('who slept through a change and a discard neither writes nor reads what is gone', async () => {
  const aggregator = await aggregatorNoAr();
  await noFim();
  await aggregator.stop();
  const zumbi = escritorDa('r5');
  const de = await zumbi.assume(0);
  const dorminhoco = leitorDeEstado(redis, { particoes: PARTICOES });
  const antes = await dorminhoco.contadores();
  const cliente = umaEntregaCada(1, 't0')[0]?.cliente ?? '';
  expect((await roda()).codigo).toBe(0);
  expect((await rebuild('discard-old').fim).codigo).toBe(0);
  const nada = { estados: gravados([]), indicadores: [], metricas: [] };
  expect(await zumbi.aplica(zumbi.gravacao(0, { de, para: de + 1, ...nada }))).toMatchObject({ kind: 'deslocada' });
  expect(await chavesDa('r5')).toEqual([]);
  // Both at once: the quick one finds out that another generation is live while the slow one reads what is gone.
  const [contadores, estado] = await Promise.all([dorminhoco.contadores(), dorminhoco.cliente(cliente)]);
  expect(estado?.portadores).toHaveLength(1);
  expect(contadores).toEqual(antes);
});
