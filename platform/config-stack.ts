import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError, type Config, type Env, homeOf, readConfig } from './config.ts';
import { isAlive, type ProcessIdentity } from './config-pid.ts';

const identity = z.object({ pid: z.number(), inicio: z.string() });

const processState = z.object({
  nome: z.string(),
  tipo: z.enum(['servidor', 'preparacao', 'servico']),
  estado: z.enum(['aguardando', 'iniciando', 'no-ar', 'caiu', 'reiniciando', 'parado', 'externo', 'concluido']),
  /** Null while it does not run. */
  processo: identity.nullable(),
  porta: z.number().nullable(),
  endereco: z.string().nullable(),
  reinicios: z.number(),
  /** Ends since it was last ready. */
  falhasSeguidas: z.number(),
  ultimaSaida: z.object({ quando: z.string(), codigo: z.number().nullable(), sinal: z.string().nullable() }).nullable(),
  causa: z.string().nullable(),
  log: z.string().nullable(),
});

const stackState = z.object({
  supervisor: identity,
  /** Whether the services were asked for, or the servers only. */
  servicos: z.boolean(),
  /** The environment that services of this stack run with (without the client id key). */
  ambiente: z.object({ KAFKA_BROKERS: z.string(), SCHEMA_REGISTRY_URL: z.string(), REDIS_URL: z.string() }),
  processos: z.array(processState),
});

/** One process of the local stack, as `estado.json` has it. */
export type ProcessState = z.infer<typeof processState>;
/** What the supervisor publishes in `$ATENDIDO_HOME/estado.json`. */
export type StackState = z.infer<typeof stackState>;

const fileOf = (home: string): string => join(home, 'estado.json');

/** The last published state, whether or not its supervisor still runs; null where there is none to read. */
export function readStackState(home: string): StackState | null {
  try {
    return stackState.parse(JSON.parse(readFileSync(fileOf(home), 'utf8')));
  } catch {
    // Absent, or of an older version: both mean that no stack can be told from it.
    return null;
  }
}

const pidsOnly = z.object({ processos: z.array(z.object({ processo: identity.nullish() })) });

/** The processes that the last published state names and that still run, even where an older version wrote it. */
export function leftRunning(home: string): ProcessIdentity[] {
  try {
    const { processos } = pidsOnly.parse(JSON.parse(readFileSync(fileOf(home), 'utf8')));
    return processos.flatMap(({ processo }) => (processo && isAlive(processo) ? [processo] : []));
  } catch {
    // No state: nothing of ours is known to run.
    return [];
  }
}

/** Replaces the state in one step, so that a reader never meets half of it. */
export function writeStackState(home: string, state: StackState): void {
  const draft = `${fileOf(home)}.novo`;
  writeFileSync(draft, `${JSON.stringify(state, null, 1)}\n`);
  renameSync(draft, fileOf(home));
}

/** The state of the stack that runs now, or null. */
export function runningStack(home: string): StackState | null {
  const state = readStackState(home);
  return state && isAlive(state.supervisor) ? state : null;
}

/**
 * Configuration for a command: each server's address from its variable, else from the local stack that runs.
 * @throws CodedError PILHA_PARADA where neither gives one; CONFIGURACAO_INVALIDA.
 */
export function connectLocal(env: Env = process.env): Config {
  const complete = env.KAFKA_BROKERS && env.SCHEMA_REGISTRY_URL && env.REDIS_URL;
  const stack = complete ? null : runningStack(homeOf(env));
  if (!complete && !stack) {
    throw new CodedError(
      'PILHA_PARADA',
      'a pilha local não está no ar: rode `atendido up` (ou defina KAFKA_BROKERS, SCHEMA_REGISTRY_URL e REDIS_URL)',
    );
  }
  const given = Object.entries(env).filter(([, value]) => value);
  return readConfig({ ...stack?.ambiente, ...Object.fromEntries(given) });
}
