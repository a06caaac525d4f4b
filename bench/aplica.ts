import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { dobraTrecho, porTitular } from '#domain/dobra-trecho.ts';
import { homeOf } from '#platform/config.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { openLog } from '../infra/local/log-file.ts';
import { pathsOf } from '../infra/local/paths.ts';
import { DEFAULT_PORTS, freePorts } from '../infra/local/ports.ts';
import { redisServer } from '../infra/local/redis-server.ts';
import { Supervised } from '../infra/local/supervised.ts';
import { comRedis } from './linhas/redis.ts';
import { entradasDe, lotesDaCarga, rulebooks, trechosDe } from './lotes.ts';
import { Fases, rodadas } from './sem-servidores.ts';

/** What the aggregator asks of Redis, with a Redis of its own and no other server: what each of the two spends. */

async function comRedisProprio(trabalho: (redis: Redis) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'atendido-aplica-'));
  const paths = { ...pathsOf(home), servers: pathsOf(homeOf()).servers };
  const [porta = 0] = await freePorts(1);
  const spec = await redisServer(paths, { ...DEFAULT_PORTS, redis: porta });
  mkdirSync(paths.logs);
  const log = paths.logOf(spec.nome);
  const servidor = new Supervised(spec, log, openLog(log, spec.nome), () => undefined);
  try {
    await servidor.start();
    await comRedis(spec.endereco ?? '', trabalho);
  } finally {
    await servidor.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** CPU of the Redis process so far, in microseconds. */
async function cpuDoRedis(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const segundos = /^used_cpu_(?:sys|user):([\d.]+)/gm;
  return [...info.matchAll(segundos)].reduce((soma, [, s]) => soma + Number(s) * 1e6, 0);
}

const FASES = ['le', 'dobra', 'gravacao', 'aplica'] as const;

/** All lots folded into an empty Redis. */
async function rodada(redis: Redis, porParticao: readonly Buffer[][]): Promise<string> {
  await redis.flushall();
  const escritor = new EscritorDeEstado(redis, 'b');
  const antes = await cpuDoRedis(redis);
  const fases = new Fases(FASES);
  let entradas = 0;
  for (const [particao, lotes] of porParticao.entries()) {
    let de = 0;
    for (const lidos of trechosDe(lotes)) {
      const trecho = porTitular(lidos);
      fases.fim('dobra');
      const { estados } = await escritor.le(particao, [...trecho.keys()]);
      fases.fim('le');
      const { indicadores, metricas } = dobraTrecho(trecho, estados, rulebooks);
      fases.fim('dobra');
      const para = de + lidos.length;
      const gravacao = escritor.gravacao(particao, { de, para, estados: estados.termina(), indicadores, metricas });
      fases.fim('gravacao');
      await escritor.aplica(gravacao);
      fases.fim('aplica');
      de = para;
      entradas += entradasDe(lidos);
    }
  }
  const texto = fases.texto(entradas);
  const doRedis = ((await cpuDoRedis(redis)) - antes) / entradas;
  return `${entradas} lançamentos  Redis µs ${doRedis.toFixed(2)}   ${texto}`;
}

const dados = lotesDaCarga();
await comRedisProprio(async (redis) => {
  for (let n = 0; n < rodadas; n += 1) process.stdout.write(`${await rodada(redis, dados)}\n`);
});
