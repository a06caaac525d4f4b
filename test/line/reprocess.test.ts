import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fonteReservada } from '#domain/consolidacao.ts';
import { decide } from '#domain/decidir.ts';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { codecFor } from '#platform/codec.ts';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { PASTA_DE_RULEBOOKS } from '#platform/rulebooks.ts';
import { consulta } from '../../services/cli/api.ts';
import type { Aplicacao } from '../../services/cli/apuracao/em-curso.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { portfolioDaDemo } from '../../services/cli/demo/catalogo.ts';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { esperaALinha } from '../../services/cli/linha.ts';
import { pendentes } from '../../services/cli/quarentena/selecao.ts';
import { type Line, recordsOf, sendPortfolio, startLine } from './line.ts';

const EVENTOS = 12_000;
const CHUNK = 50;

let line: Line;
beforeAll(async () => {
  line = await startLine();
  const lido = lePortfolio(portfolioDaDemo({ semente: 3, eventos: EVENTOS }));
  if (!lido.ok) throw new Error(JSON.stringify(lido.erros));
  await sendPortfolio(line, lido.valor);
}, 120_000);
afterAll(() => line?.stop());

/** A command of the project, on its way. */
function atendido(env: Record<string, string>, ...argumentos: string[]) {
  const main = join(PROJECT_ROOT, 'services/cli/main.ts');
  const processo = spawn(process.execPath, [main, ...argumentos, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const [saida, erros]: [string[], string[]] = [[], []];
  processo.stdout.setEncoding('utf8').on('data', (texto: string) => saida.push(texto));
  processo.stderr.setEncoding('utf8').on('data', (texto: string) => erros.push(texto));
  const fim = once(processo, 'close').then(([codigo, sinal]) => {
    return { codigo, sinal, saida: saida.join(''), erros: erros.join('') };
  });
  return { processo, fim };
}

const DESDE = `${new Date().getFullYear() - 2}-01-01`;

/** Longer consultancies count, one channel is new and two are gone: one of conversations, one of presences. */
function outroRulebook(versao: string): string {
  const yaml = readFileSync(join(PASTA_DE_RULEBOOKS, '2024-1.yaml'), 'utf8')
    .replace('versao: "2024-1"', `versao: ${versao}`)
    .replaceAll('Min: 60', 'Min: 90')
    .replace(/^ {2}agencia: presencial$/m, '  agencia: presencial\n  balcao: presencial')
    .replace(/^ {2}escola: presencial\n/m, '')
    .replace(/^ {2}videoconferencia: a-distancia\n/m, '');
  const arquivo = join(line.home, `${versao}.yaml`);
  writeFileSync(arquivo, yaml);
  return arquivo;
}

/** As it is now, once the line has nothing left to read. */
function situacao() {
  return conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    const { diferencas } = await audita(conexoes);
    const { indicadores, metricas } = await conexoes.leitor.contadores();
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
  const decididas = new Map<string, string>();
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
          decididas.set(evento, `${oQue} ${motivo}`);
        }
      },
    });
  }
  return [...decididas].flatMap(([evento, decisao]) => {
    const [daUltima = [], ...deAntes] = bi.get(evento) ?? [];
    const dito = new Set(daUltima);
    const mais = [daUltima, ...deAntes].some((ditos) => ditos.length > (vezes.get(evento) ?? 0));
    if (dito.size === 1 && dito.has(decisao) && !mais) return [];
    return [`${evento}: ${decisao}; BI: ${JSON.stringify([daUltima, ...deAntes])}`];
  });
}

test('another rulebook applied to history while events arrive, and the first one again', async () => {
  const gerados = geraEventos({ semente: 3, eventos: EVENTOS, execucao: 'r', agora: Date.now() });
  const registros = await recordsOf(
    line,
    [...gerados].map((e) => e.evento),
  );
  const parte = Math.floor(registros.length / 3);
  await line.producer.send(registros.slice(0, parte));
  const trafego = async (de: number, ate: number): Promise<void> => {
    for (let em = de; em < ate; em += CHUNK) {
      await line.producer.send(registros.slice(em, Math.min(em + CHUNK, ate)));
      await consulta('/v1/indicadores');
    }
  };
  const arquivo = outroRulebook('noventa');
  const ida = atendido({}, 'reprocess', '--from', DESDE, '--rulebook', arquivo, '--apply', '--por', 'ana');
  await trafego(parte, 2 * parte);
  const { codigo, saida, erros } = await ida.fim;
  expect({ codigo, erros: codigo === 0 ? '' : erros }).toEqual({ codigo: 0, erros: '' });
  const aplicada: Aplicacao = JSON.parse(saida);
  expect(aplicada).toMatchObject({
    apuracao: 1,
    versao: 'noventa',
    por: 'ana',
    troca: { trocada: true, viva: 'r1.1' },
  });
  expect(aplicada.registros).toBeGreaterThan(parte * 0.9);
  const noventa = await situacao();
  expect(noventa.diferencas).toEqual([]);
  expect(await conectado(divergenciasDoBi)).toEqual([]);
  expect(noventa.esperam.join()).not.toContain('balcao');

  const refeita = await atendido({}, 'rebuild').fim;
  expect(JSON.parse(refeita.saida)).toMatchObject({ trocada: true, viva: 'r2.1', guardada: 'r1.1', diferencas: [] });
}, 240_000);
