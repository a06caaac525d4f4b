import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { CodedError } from '#platform/config.ts';
import { identify, isAlive } from '#platform/config-pid.ts';
import {
  leftRunning,
  type ProcessState,
  readStackState,
  runningStack,
  type StackState,
  writeStackState,
} from '#platform/config-stack.ts';
import { ensureServers } from './download.ts';
import { lockHolder } from './lock.ts';
import { pathsOf, QUIET, SUPERVISOR } from './paths.ts';
import { presentServices } from './services.ts';
import { signal, stopProcess, waitUntilGone } from './stop.ts';

const POLL_MS = 100;
const FALLS_TO_GIVE_UP = 3;
/** Longer than what the supervisor takes for three stages of 10 s each. */
const SUPERVISOR_STOP_MS = 35_000;

export interface StartOptions {
  /** Absolute data folder. */
  home: string;
  onlyServers: boolean;
  /** Told of every state that a process enters. */
  onChange?: (one: ProcessState) => void;
  onDownload?: () => void;
  timeoutMs?: number;
  env?: Readonly<Record<string, string | undefined>>;
}

export const isUp = (one: ProcessState): boolean => ['no-ar', 'externo', 'concluido'].includes(one.estado);

function tail(file: string): string {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  return lines.slice(-5).join('\n');
}

/** What runs here sees CPFs: none of it, nor what it starts, leaves its memory on the disk when it falls. */
const WITHOUT_CORE_DUMPS = ['-c', 'ulimit -c 0; exec "$@"', 'sh'];

/** Returns what to ask before concluding that the supervisor died. */
function spawnSupervisor(options: StartOptions): () => boolean {
  const paths = pathsOf(options.home);
  mkdirSync(paths.logs, { recursive: true });
  const output = openSync(paths.logOf('supervisor'), 'a');
  const args = [...QUIET, SUPERVISOR, ...(options.onlyServers ? ['--only-servers'] : [])];
  const child = spawn('/bin/sh', [...WITHOUT_CORE_DUMPS, process.execPath, ...args], {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...options.env, ATENDIDO_HOME: options.home },
  });
  closeSync(output);
  child.unref();
  const started = child.pid === undefined ? null : identify(child.pid);
  // Of two `up` at once, one finds the other's supervisor in charge.
  return () => (started !== null && isAlive(started)) || lockHolder(paths.lock) !== null;
}

const isComplete = (state: StackState, expected: readonly string[]): boolean =>
  state.processos.every(isUp) && expected.every((name) => state.processos.some((one) => one.nome === name));

/** The third fall of one process since `restartsBefore` was taken. */
function failureIn(state: StackState, restartsBefore: ReadonlyMap<string, number>): string | null {
  const failed = state.processos.find((one) => {
    const falls = one.reinicios - (restartsBefore.get(one.nome) ?? 0) + 1;
    return one.estado === 'caiu' && falls >= FALLS_TO_GIVE_UP;
  });
  return failed ? `${failed.nome} não subiu (${failed.causa}); veja ${failed.log}` : null;
}

async function waitUntilUp(
  options: StartOptions,
  supervisorRuns: () => boolean,
  before: StackState | null,
): Promise<StackState> {
  const restartsBefore = new Map(before?.processos.map((one) => [one.nome, one.reinicios]));
  const limit = Date.now() + (options.timeoutMs ?? 120_000);
  const expected = options.onlyServers ? [] : presentServices();
  const seen = new Map<string, string>();
  for (;;) {
    const alive = supervisorRuns();
    const state = runningStack(options.home);
    for (const one of state?.processos ?? []) {
      if (seen.get(one.nome) === one.estado) continue;
      seen.set(one.nome, one.estado);
      options.onChange?.(one);
    }
    if (state && isComplete(state, expected)) return state;
    const failure = state && failureIn(state, restartsBefore);
    if (failure) throw new CodedError('PROCESSO_NAO_SUBIU', failure);
    if (!state && !alive) {
      const log = pathsOf(options.home).logOf('supervisor');
      throw new CodedError('SUPERVISOR_CAIU', `o supervisor terminou antes da hora; veja ${log}:\n${tail(log)}`);
    }
    if (Date.now() > limit) {
      const late = state?.processos.filter((one) => !isUp(one)) ?? [];
      const names = late.map((one) => `${one.nome} (${one.causa ?? one.estado}; ${one.log})`).join(', ');
      throw new CodedError('TEMPO_ESGOTADO', `a pilha não ficou pronta a tempo: ${names || 'supervisor'}`);
    }
    await wait(POLL_MS);
  }
}

/** @throws CodedError PILHA_DIFERENTE where the environment names another server than the stack that runs uses. */
function requireSameServers(running: StackState, env: Readonly<Record<string, string | undefined>>): void {
  for (const [name, used] of Object.entries(running.ambiente)) {
    if (!env[name] || env[name] === used) continue;
    throw new CodedError('PILHA_DIFERENTE', `a pilha no ar usa outro ${name} (${used}): rode \`atendido down\` antes`);
  }
}

const needsServers = (env: Readonly<Record<string, string | undefined>>): boolean =>
  !(env.KAFKA_BROKERS && env.SCHEMA_REGISTRY_URL && env.REDIS_URL);

/**
 * Brings the local stack up, or what of it is missing, and waits until all of it is ready. Calling it again changes nothing.
 * @throws CodedError PROCESSO_NAO_SUBIU, TEMPO_ESGOTADO, PILHA_DIFERENTE, SUPERVISOR_CAIU, and those of ensureServers.
 */
export async function startStack(options: StartOptions): Promise<StackState> {
  const paths = pathsOf(options.home);
  const env = { ...process.env, ...options.env };
  mkdirSync(options.home, { recursive: true });
  const running = runningStack(options.home);
  if (running) {
    requireSameServers(running, env);
    signal(running.supervisor, options.onlyServers ? 'SIGHUP' : 'SIGUSR2');
    return waitUntilUp(options, () => isAlive(running.supervisor), running);
  }
  if (needsServers(env)) {
    await ensureServers(paths.servers, options.onDownload ?? (() => undefined));
  }
  return waitUntilUp(options, spawnSupervisor(options), null);
}

/** Stops everything that this data folder's stack left running, with or without its supervisor. False: nothing ran. */
export async function stopStack(home: string): Promise<boolean> {
  const supervisor = lockHolder(pathsOf(home).lock);
  if (supervisor) {
    signal(supervisor, 'SIGTERM');
    if (!(await waitUntilGone(supervisor, SUPERVISOR_STOP_MS))) await stopProcess(supervisor, 0);
  }
  const orphans = leftRunning(home);
  await Promise.all(orphans.map((one) => stopProcess(one)));
  const left = readStackState(home);
  if (left) {
    for (const one of left.processos) if (one.processo) Object.assign(one, { estado: 'parado', processo: null });
    writeStackState(home, left);
  }
  return supervisor !== null || orphans.length > 0;
}

/** Removes what the servers keep, logs and ports; the downloaded programs and the client id key stay. */
export function removeData(home: string): void {
  const paths = pathsOf(home);
  for (const one of [paths.data, paths.logs, paths.ports, paths.state, paths.lock])
    rmSync(one, { recursive: true, force: true });
}
