import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anosDe, entregas } from '#domain/cliente.ts';
import { lePortfolio, type PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { isAlive } from '#platform/config-pid.ts';
import { readStackState } from '#platform/config-stack.ts';
import { donoDaChave } from '#platform/estado/chaves.ts';
import { codificaEstado, decodificaEstado } from '#platform/estado/codificacao.ts';
import { esperaALinha } from '#platform/linha.ts';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { portfolioDaDemo } from '../../services/cli/demo/catalogo.ts';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { asJson, atendido } from './command.ts';
import { acceptedSoFar, correct, MAP, miscounted, sum, writeFile } from './imported.ts';
import { balanceOf } from './ledger.ts';
import { type Line, recordsOf, sendPortfolio, startLine } from './line.ts';

const SERVICES = ['classifier', 'consolidator', 'aggregator'] as const;
const EVENTS = 20_000;
/** One load as it is, then one for each service killed under it. */
const SEEDS = [1, ...SERVICES.map((_, n) => 2 + n)];
const CHUNK = 500;

let line: Line;
beforeAll(async () => {
  line = await startLine();
  await sendPortfolio(line, portfolio());
}, 120_000);
afterAll(() => line?.stop());

function portfolio(): PortfolioEmMemoria {
  const given = JSON.parse(readFileSync(new URL('../cases/portfolio.json', import.meta.url), 'utf8'));
  const demos = SEEDS.map((semente) => portfolioDaDemo({ semente, eventos: EVENTS }));
  const lido = lePortfolio({
    solucoes: [...given.solucoes, ...demos.flatMap((demo) => demo.solucoes)],
    disponibilizacoes: [...given.disponibilizacoes, ...demos.flatMap((demo) => demo.disponibilizacoes)],
  });
  if (!lido.ok) throw new Error(JSON.stringify(lido.erros));
  return lido.valor;
}

/** Waits for the line, audits it, and reads the classified topics as BI would. */
async function verdict() {
  return conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    const { diferencas, registros, clientes } = await audita(conexoes);
    return { diferencas, registros, clientes, balance: await balanceOf(line.kafka, line.registry) };
  });
}

function pidOf(service: string): { pid: number; inicio: string } | null {
  const found = readStackState(line.home)?.processos.find((p) => p.nome === service);
  return found?.estado === 'no-ar' ? found.processo : null;
}

async function until<T>(what: () => T | null, name: string): Promise<T> {
  const limit = Date.now() + 60_000;
  for (;;) {
    const found = what();
    if (found !== null) return found;
    if (Date.now() > limit) throw new Error(`${name} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function* load(seed: number): AsyncGenerator<number> {
  const events = [...geraEventos({ semente: seed, eventos: EVENTS, execucao: `s${seed}`, agora: Date.now() })];
  const records = await recordsOf(
    line,
    events.map((e) => e.evento),
  );
  for (let at = 0; at < records.length; at += CHUNK) {
    await line.producer.send(records.slice(at, at + CHUNK));
    yield at / records.length;
  }
}

describe('the whole line on real servers', () => {
  it('counts what the recount counts, whatever is on the topics', { timeout: 120_000 }, async () => {
    const garbage = [Buffer.from('lixo'), null, Buffer.from([0, 0, 0, 99, 99, 1, 2]), Buffer.alloc(900_000, 7)];
    await line.producer.send(garbage.map((value) => ({ topic: 'interacoes', key: 'x', value })));
    await line.producer.send(garbage.map((value) => ({ topic: 'presencas', key: 'x', value })));
    for await (const _ of load(1));
    const { diferencas, registros, clientes, balance } = await verdict();
    expect(diferencas).toEqual([]);
    expect(balance).toMatchObject({ lost: [], duplicated: [] });
    expect(registros).toBeGreaterThan(EVENTS * 0.9);
    expect(clientes).toBeGreaterThan(EVENTS / 10);
  });

  it.each(SERVICES)('a kill -9 of the %s under load changes nothing', async (service) => {
    const killed = await until(() => pidOf(service), service);
    let done = false;
    for await (const progress of load(2 + SERVICES.indexOf(service))) {
      if (done || progress < 0.3) continue;
      done = true;
      process.kill(killed.pid, 'SIGKILL');
    }
    expect(isAlive(killed)).toBe(false);
    await until(() => pidOf(service), service);
    const { diferencas, balance } = await verdict();
    expect(diferencas).toEqual([]);
    expect(balance).toMatchObject({ lost: [], duplicated: [] });
  });

  it('an import killed and resumed, its report corrected and imported: every line counts, once', async () => {
    const [file, map] = [join(line.home, 'planilha.csv'), join(line.home, 'mapa.yaml')];
    const { accepted, refused } = writeFile(file);
    writeFileSync(map, MAP);
    const args = ['--source', 'planilha', '--mapa', map];
    const first = atendido(['import', file, ...args, '--registra', 'Planilha']);
    await until(() => (acceptedSoFar(line.home) > 0 || first.processo.exitCode !== null ? true : null), 'lines');
    first.processo.kill('SIGKILL');
    expect(await first.fim).toMatchObject({ sinal: 'SIGKILL' });
    expect(acceptedSoFar(line.home)).toBeLessThan(accepted);
    const { codigo, resultado } = await asJson('import', file, ...args);
    expect([codigo, resultado.aceitas, resultado.recusadas]).toEqual([1, accepted, refused]);
    const report: string = resultado.relatorio.caminho;
    expect(correct(report)).toBe(sum(refused));
    const corrected = await asJson('import', report, ...args);
    expect([corrected.codigo, corrected.resultado.aceitas]).toEqual([0, sum(refused)]);
    const { diferencas, balance } = await verdict();
    expect(diferencas).toEqual([]);
    expect(balance).toMatchObject({ lost: [], duplicated: [] });
    expect(await conectado(miscounted)).toEqual([]);
  });

  it('a Redis emptied while nothing arrives is filled again', async () => {
    const redis = connectRedis(line.config.redis, 'test');
    await redis.flushall();
    redis.disconnect();
    const { diferencas, balance } = await verdict();
    expect(diferencas).toEqual([]);
    expect(balance).toMatchObject({ lost: [], duplicated: [] });
  });

  it('an audit names a client lost, a delivery counted twice and a counter that moved', async () => {
    await conectado(async (conexoes) => {
      const redis = connectRedis(line.config.redis, 'test');
      try {
        const [lost, twice] = await twoClients(redis);
        await redis.del(lost.key);
        await redis.set(twice.key, countedTwice(twice.value));
        const [indicator, metric] = [await oneField(redis, 'at:{*}:ind:*'), await oneField(redis, 'at:{*}:met:*')];
        for (const { key, field } of [indicator, metric]) await redis.hincrby(key, field, 1);
        const { diferencas } = await audita(conexoes);
        const named = (onde: string) => diferencas.filter((d) => d.onde === onde);
        expect(named('cliente').map((d) => d.chave)).toEqual([lost.id, twice.id].sort());
        const years = (id: string) => named('cliente').find((d) => d.chave === id);
        expect(years(lost.id)).toMatchObject({ redis: null, recontagem: anosDe(decodificaEstado(lost.value)) });
        expect(years(twice.id)?.redis).not.toEqual(years(twice.id)?.recontagem);
        expect(years(twice.id)?.recontagem).toEqual(anosDe(decodificaEstado(twice.value)));
        for (const onde of ['indicador', 'metrica']) {
          const [one, ...others] = named(onde);
          expect(others).toEqual([]);
          expect(one?.redis).toBe(Number(one?.recontagem) + 1);
        }
        expect(diferencas).toHaveLength(4);
      } finally {
        redis.disconnect();
      }
    });
  });
});

interface Kept {
  key: string;
  id: string;
  value: Buffer;
}

/** Two clients with a delivery, as Redis keeps them. */
async function twoClients(redis: RedisConnection): Promise<[Kept, Kept]> {
  const found: Kept[] = [];
  for (const key of await redis.keys('at:{*}:c:p*')) {
    const value = await redis.getBuffer(key);
    const { titular: id } = donoDaChave(key);
    if (value !== null && entregas(decodificaEstado(value)).length > 0) found.push({ key, id, value });
    if (found.length < 2) continue;
    return [found[0] as Kept, found[1] as Kept];
  }
  throw new Error('no two clients with a delivery');
}

/** The state as it would be had the first delivery been taken for two. */
function countedTwice(value: Buffer): Buffer {
  const estado = decodificaEstado(value);
  const [first] = entregas(estado);
  if (first !== undefined) estado.portadores.push({ ...first, id: `${first.id}-b`, chave: `${first.chave}-b` });
  return codificaEstado(estado);
}

async function oneField(redis: RedisConnection, pattern: string): Promise<{ key: string; field: string }> {
  const [key = ''] = await redis.keys(pattern);
  const [field = ''] = await redis.hkeys(key);
  return { key, field };
}
