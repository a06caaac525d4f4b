import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homeOf, resolveClientIdKey } from '#platform/config.ts';
import { leftRunning, type ProcessState, type StackState, writeStackState } from '#platform/config-stack.ts';
import { kafkaServer } from './kafka-server.ts';
import { takeLock } from './lock.ts';
import { openLog } from './log-file.ts';
import { pathsOf } from './paths.ts';
import { choosePorts } from './ports.ts';
import type { ProcessSpec } from './process-spec.ts';
import { redisServer } from './redis-server.ts';
import { registryServer } from './registry-server.ts';
import { preparationSpec, serviceSpecs } from './services.ts';
import { stopProcess } from './stop.ts';
import { Supervised } from './supervised.ts';

/** The process behind `atendido up`: `node infra/local/supervisor.ts [--only-servers]`, with ATENDIDO_HOME set. */
const paths = pathsOf(homeOf());
mkdirSync(paths.logs, { recursive: true });
mkdirSync(paths.data, { recursive: true });
const log = openLog(paths.logOf('supervisor'), 'supervisor');

const me = takeLock(paths.lock);
if (!me) {
  log.event('outro supervisor já cuida desta pasta');
  process.exit(0);
}
const state: StackState = {
  supervisor: me,
  servicos: !process.argv.includes('--only-servers'),
  ambiente: { KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '', REDIS_URL: '' },
  processos: [],
};
const supervised: Supervised[] = [];
/** A full disk is no reason to stop serving; a data folder that was removed under us is one to stop everything. */
function publish(): void {
  try {
    writeStackState(paths.home, state);
  } catch {
    if (!existsSync(paths.home)) void stopAll();
  }
}
let stopping = false;
/** Whatever a killed supervisor left is made for being killed too; who waits is someone who wants the stack back. */
const ORPHAN_STOP_MS = 3_000;

function add(spec: ProcessSpec): Supervised {
  const file = paths.logOf(spec.nome);
  const one = new Supervised(spec, file, openLog(file, spec.nome), publish);
  supervised.push(one);
  state.processos.push(one.state);
  return one;
}

function addExternal(nome: string, endereco: string): void {
  const none = {
    processo: null,
    porta: null,
    reinicios: 0,
    falhasSeguidas: 0,
    ultimaSaida: null,
    causa: null,
    log: null,
  };
  const external: ProcessState = { nome, tipo: 'servidor', estado: 'externo', endereco, ...none };
  state.processos.push(external);
}

/** A server whose variable is set is elsewhere; the others are ours. */
async function addServer(nome: string, given: string | undefined, spec: () => ProcessSpec | Promise<ProcessSpec>) {
  if (given) {
    addExternal(nome, given);
    return given;
  }
  const own = await spec();
  add(own);
  return own.endereco ?? '';
}

async function stopAll(): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.event('parando');
  for (const tipo of ['servico', 'preparacao', 'servidor'] as const) {
    await Promise.all(supervised.filter((one) => one.spec.tipo === tipo).map((one) => one.stop()));
  }
  rmSync(paths.lock, { force: true });
  process.exit(0);
}

async function main(): Promise<void> {
  process.on('SIGTERM', stopAll);
  process.on('SIGINT', stopAll);
  await Promise.all(leftRunning(paths.home).map((one) => stopProcess(one, ORPHAN_STOP_MS)));
  const ports = await choosePorts(paths.ports);
  const { ambiente } = state;
  ambiente.KAFKA_BROKERS = await addServer('kafka', process.env.KAFKA_BROKERS, () => kafkaServer(paths, ports));
  const registry = () => registryServer(paths, ports);
  ambiente.SCHEMA_REGISTRY_URL = await addServer('registro', process.env.SCHEMA_REGISTRY_URL, registry);
  ambiente.REDIS_URL = await addServer('redis', process.env.REDIS_URL, () => redisServer(paths, ports));
  const env = { ...ambiente, ATENDIDO_HOME: paths.home, CLIENT_ID_KEY: resolveClientIdKey() };
  const preparation = preparationSpec(env);
  const job = preparation && add(preparation);
  const addServices = () => {
    const known = new Set(supervised.map((one) => one.spec.nome));
    return serviceSpecs(ports, env)
      .filter((spec) => !known.has(spec.nome))
      .map(add);
  };
  const first = state.servicos ? addServices() : [];
  publish();

  const servers = supervised.filter((one) => one.spec.tipo === 'servidor');
  const prepared = Promise.all(servers.map((one) => one.start())).then(() => job?.start());
  const startWhenPrepared = async (services: readonly Supervised[]) => {
    await prepared;
    if (!stopping) await Promise.all(services.map((one) => one.start()));
  };
  const retryNow = () => {
    for (const one of supervised) one.retryNow();
  };
  // `up --only-servers` on a stack that runs.
  process.on('SIGHUP', retryNow);
  // `up` on a stack that runs: with the servers only, or without a service that is new.
  process.on('SIGUSR2', () => {
    retryNow();
    state.servicos = true;
    const added = addServices();
    publish();
    void startWhenPrepared(added);
  });
  await startWhenPrepared(first);
}

process.on('uncaughtException', (error) => {
  log.event('erro no supervisor', { erro: error.stack ?? String(error) });
  process.exitCode = 1;
  void stopAll().finally(() => process.exit(1));
});
await main();
