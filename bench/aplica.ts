import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as espera } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { dobraTrecho, porTitular } from '#domain/dobra-trecho.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { typeOf } from '#platform/codec-types.ts';
import { homeOf } from '#platform/config.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { connectRedis } from '#platform/redis.ts';
import { pathsOf } from '../infra/local/paths.ts';
import { DEFAULT_PORTS, freePorts } from '../infra/local/ports.ts';
import { redisServer } from '../infra/local/redis-server.ts';
import { LOTES_POR_TRECHO, lotesDaCarga, rulebooks } from './lotes.ts';
import { Fases, rodadas } from './sem-servidores.ts';

/** What the aggregator asks of Redis, with a Redis of its own and no other server: what each of the two spends. */

async function comRedisProprio(trabalho: (redis: Redis) => Promise<void>): Promise<void> {
  const dados = mkdtempSync(join(tmpdir(), 'atendido-aplica-'));
  const [porta = 0] = await freePorts(1);
  const servidor = await redisServer({ ...pathsOf(homeOf()), data: dados }, { ...DEFAULT_PORTS, redis: porta });
  mkdirSync(join(dados, 'redis'));
  const processo = spawn(servidor.command, servidor.args, { stdio: 'ignore' });
  const redis = connectRedis(servidor.endereco ?? '', 'bench') as Redis;
  redis.on('error', () => undefined);
  try {
    while (redis.status !== 'ready') await espera(10);
    await trabalho(redis);
  } finally {
    redis.disconnect();
    processo.kill();
    await once(processo, 'exit');
    rmSync(dados, { recursive: true, force: true });
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
  const tipo = typeOf('LoteDeLancamentos');
  await redis.flushall();
  const escritor = new EscritorDeEstado(redis, 'b');
  const antes = await cpuDoRedis(redis);
  const fases = new Fases(FASES);
  let entradas = 0;
  for (const [particao, bytes] of porParticao.entries()) {
    for (let de = 0; de < bytes.length; de += LOTES_POR_TRECHO) {
      const lidos = bytes.slice(de, de + LOTES_POR_TRECHO).map((b) => tipo.fromBuffer(b).lancamentos as Lancamento[]);
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
      entradas += lidos.reduce((soma, lote) => soma + lote.length, 0);
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
