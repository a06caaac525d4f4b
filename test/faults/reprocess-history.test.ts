import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fonteReservada } from '#domain/consolidacao.ts';
import { decide } from '#domain/decidir.ts';
import { codecFor } from '#platform/codec.ts';
import { esperaALinha } from '#platform/linha.ts';
import { pendentes } from '../../platform/quarentena/selecao.ts';
import { consulta } from '../../services/cli/api.ts';
import type { Aplicacao } from '../../services/cli/apuracao/em-curso.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { asJson, atendido } from '../line/command.ts';
import { type Line, recordsOf, startDemoLine } from '../line/line.ts';
import { FROM_BEFORE_ALL, otherRulebook, PROJECT_RULEBOOK } from '../line/other-rulebook.ts';
import { statusDivergentes } from '../line/status.ts';

const EVENTOS = 30_000;
const ANTES = 4_000;
const DEPOIS = 1_000;
/** Some hundreds a second, while a rulebook is applied. */
const [CHUNK, PAUSA_MS] = [20, 40];

let line: Line;
beforeAll(async () => {
  line = await startDemoLine({ semente: 3, eventos: EVENTOS });
}, 120_000);
afterAll(() => line?.stop());

/** As it is now, once the line has nothing left to read. */
function situacao() {
  return conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    const { diferencas } = await audita(conexoes);
    const { indicadores, metricas } = await conexoes.leitor.contadores();
    expect(await statusDivergentes(conexoes)).toEqual([]);
    const esperam = (await pendentes(conexoes, {}, false)).map(({ motivo, source, evento }) => {
      return `${motivo} ${source} ${evento}`;
    });
    return { diferencas, indicadores, metricas, esperam: esperam.sort() };
  });
}

/** What BI holds of each raw record, that of the newest apuração in force: how often it was told, and what. */
async function doBi({ kafka, registry, apuracoes }: Conexoes) {
  const [classificadas, quarentenas] = await Promise.all([
    codecFor(registry, 'interacoes-contabilizadas'),
    codecFor(registry, 'interacoes-em-quarentena'),
  ]);
  const porEvento = new Map<string, Map<number, string[]>>();
  const guarda = (evento: string, apuracao: number, oQue: string): void => {
    const dele = porEvento.get(evento) ?? new Map<number, string[]>();
    porEvento.set(evento, dele.set(apuracao, [...(dele.get(apuracao) ?? []), oQue]));
  };
  for (const topico of ['interacoes-contabilizadas', 'interacoes-nao-contabilizadas']) {
    await kafka.readToEnd(topico, {
      onBatch: async ({ records }) => {
        for (const { value } of records) {
          const { interacao, decisao } = await classificadas.decode(value);
          const { apuracao, contabiliza, motivo } = decisao;
          guarda(`${interacao.source} ${interacao.id}`, apuracao, `${contabiliza} ${motivo}`);
        }
      },
    });
  }
  await kafka.readToEnd('interacoes-em-quarentena', {
    onBatch: async ({ records }) => {
      for (const { value } of records) {
        const { source, id, apuracao, motivo } = await quarentenas.decode(value);
        if (source !== null) guarda(`${source} ${id}`, apuracao, `quarentena ${motivo}`);
      }
    },
  });
  const vigoraram = new Set([0, ...apuracoes.todas().flatMap((a) => (a.estado === 'em-vigor' ? [a.numero] : []))]);
  return new Map(
    [...porEvento].map(([evento, porApuracao]) => {
      const vigentes = [...porApuracao].filter(([numero]) => vigoraram.has(numero)).sort(([a], [b]) => b - a);
      return [evento, vigentes.map(([, oQue]) => oQue)] as const;
    }),
  );
}

/** What the rules in force say of each raw record, and where BI holds something else, or was told not just once. */
async function divergenciasDoBi(conexoes: Conexoes): Promise<string[]> {
  const { kafka, interacoes, apuracoes, portfolio } = conexoes;
  const bi = await doBi(conexoes);
  const vezes = new Map<string, number>();
  const decididas = new Map<string, Set<string>>();
  for (const topico of ['interacoes', 'presencas']) {
    await kafka.readToEnd(topico, {
      onBatch: async ({ records }) => {
        await interacoes.prepareIds(records.map((r) => r.value));
        for (const { value, timestamp: registradaEm } of records) {
          const interacao = interacoes.decodeSync(value);
          if (fonteReservada(interacao.source)) continue;
          const rulebook = apuracoes.rulebooksEmVigor.em(interacao.time);
          const { resultado, motivo } = decide({ interacao, rulebook, portfolio, registradaEm });
          const evento = `${interacao.source} ${interacao.id}`;
          vezes.set(evento, (vezes.get(evento) ?? 0) + 1);
          const oQue = { contabiliza: 'true', 'nao-contabiliza': 'false', quarentena: 'quarentena' }[resultado];
          decididas.set(evento, (decididas.get(evento) ?? new Set()).add(`${oQue} ${motivo}`));
        }
      },
    });
  }
  return [...decididas].flatMap(([evento, decisoes]) => {
    const [decisao = ''] = decisoes;
    // Sent with two contents: BI cannot tell which record a decision is of.
    if (decisoes.size > 1) return [];
    const [daUltima = [], ...deAntes] = bi.get(evento) ?? [];
    const dito = new Set(daUltima);
    const mais = [daUltima, ...deAntes].some((ditos) => ditos.length > (vezes.get(evento) ?? 0));
    if (dito.size === 1 && dito.has(decisao) && !mais) return [];
    return [`${evento}: ${decisao}; BI: ${JSON.stringify([daUltima, ...deAntes])}`];
  });
}

/** Applies a rulebook to all there is. */
async function aplica(arquivo: string): Promise<Aplicacao> {
  const argumentos = ['--from', FROM_BEFORE_ALL, '--rulebook', arquivo, '--apply', '--por', 'ana', '--json'];
  const { codigo, saida, erros } = await atendido(['reprocess', ...argumentos]).fim;
  if (codigo !== 0) throw new Error(erros);
  return JSON.parse(saida);
}

/** Has one that waits for its channel come back as a telephone call. */
async function corrigeUm(): Promise<void> {
  const [um] = await conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    const todos = await pendentes(conexoes, { motivo: 'CANAL_DESCONHECIDO' }, false);
    return todos.filter(({ topico, detalhe }) => topico === 'interacoes' && detalhe.includes('balcao'));
  });
  if (um === undefined) throw new Error('ninguém espera pelo canal');
  for (const argumentos of [
    ['fix', um.id, '--set', 'canal=telefone'],
    ['replay', um.id, '--apply'],
  ]) {
    const { codigo, erros } = await atendido(['quarantine', ...argumentos]).fim;
    if (codigo !== 0) throw new Error(erros);
  }
}

test('another rulebook applied to history while events arrive, and the first one again', async () => {
  const gerados = geraEventos({ semente: 3, eventos: EVENTOS, execucao: 'r', agora: Date.now() });
  const registros = await recordsOf(
    line,
    [...gerados].map((e) => e.evento),
  );
  let enviados = 0;
  const envia = async (quantos: number): Promise<void> => {
    await line.producer.send(registros.slice(enviados, enviados + quantos));
    enviados += quantos;
  };
  /** Traffic goes on from before an application until after it. */
  const sobTrafego = async (arquivo: string): Promise<Aplicacao> => {
    const fim = new AbortController();
    const aplicada = aplica(arquivo).finally(() => fim.abort());
    while (!fim.signal.aborted) {
      await envia(CHUNK);
      await consulta('/v1/indicadores');
      await setTimeout(PAUSA_MS);
    }
    await envia(DEPOIS);
    return aplicada;
  };
  await envia(ANTES);
  // By the other rules it would count as it came, in person; it was put right before they are applied, and that holds.
  await corrigeUm();
  const aplicada = await sobTrafego(otherRulebook(line.home, 'noventa'));
  expect(aplicada).toMatchObject({
    apuracao: 1,
    versao: 'noventa',
    por: 'ana',
    troca: { trocada: true, viva: 'r1.1' },
  });
  expect(aplicada.registros).toBeGreaterThan(ANTES * 0.9);
  expect(aplicada.mudados).toBeGreaterThan(0);
  const noventa = await situacao();
  expect(noventa.diferencas).toEqual([]);
  expect(await conectado(divergenciasDoBi)).toEqual([]);

  // The ledger holds what the first rules decided too, and nobody counts it again.
  const refeita = await asJson('rebuild');
  expect(refeita.resultado).toMatchObject({ trocada: true, viva: 'r2.1', guardada: 'r1.1', diferencas: [] });
  const guardada = await atendido(['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', PROJECT_RULEBOOK, '--apply'])
    .fim;
  expect(guardada).toMatchObject({ codigo: 1, erros: expect.stringContaining('GERACAO_ANTERIOR_GUARDADA') });
  await atendido(['rebuild', 'discard-old']).fim;

  expect(await sobTrafego(PROJECT_RULEBOOK)).toMatchObject({ apuracao: 2, versao: '2024-1', troca: { viva: 'r3.2' } });
  expect(enviados).toBeLessThan(registros.length);
  const deNovo = await situacao();
  expect(deNovo.diferencas).toEqual([]);
  expect(await conectado(divergenciasDoBi)).toEqual([]);
  // Each of the two made something of the very same events that the other did not.
  const balcao = (esperam: string[]) => esperam.filter((um) => um.startsWith('CANAL_DESCONHECIDO')).length;
  expect(balcao(noventa.esperam)).toBeGreaterThan(10 * balcao(deNovo.esperam));
  const { resultado: historico } = await asJson('reprocess', 'history');
  expect(historico).toMatchObject([
    { apuracao: 1, emVigor: false, versao: 'noventa', por: 'ana' },
    { apuracao: 2, emVigor: true, versao: '2024-1', por: 'ana' },
  ]);
}, 240_000);
