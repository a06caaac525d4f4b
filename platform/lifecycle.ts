import { register } from 'prom-client';
import { type Config, readConfig, type Unneeded } from './config.ts';
import { createLogger, type Logger } from './logging.ts';
import { measureProcess } from './metrics/processo.ts';
import { takeSecretsFromFiles } from './segredos.ts';
import { startTracing } from './tracing/tracing.ts';

const STOP_LIMIT_MS = 10_000;

/** What a service is given to start with. */
export interface ServiceContext {
  config: Config;
  log: Logger;
  /** Names something to stop at the end; stopped in reverse order of registration, each after the one before ended. */
  onStop(name: string, stop: () => Promise<void> | void): void;
  /** A bug, or something that only a new process mends: logs it and ends with exit code 1. To hand on as `onFatal`. */
  fatal(error: unknown): void;
}

interface Stoppable {
  name: string;
  stop: () => Promise<void> | void;
}

async function stopAll(stoppables: Stoppable[], log: Logger): Promise<boolean> {
  let clean = true;
  for (let last = stoppables.pop(); last; last = stoppables.pop()) {
    try {
      await last.stop();
    } catch (err) {
      // The others are still to be stopped.
      clean = false;
      log.error({ err, parte: last.name }, 'uma parte não parou direito');
    }
  }
  return clean;
}

function exitOnBugs(fatal: (error: unknown) => void): void {
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
}

function configOrExit(unneeded: readonly Unneeded[]): Config {
  try {
    takeSecretsFromFiles(process.env, unneeded);
    return readConfig(process.env, unneeded);
  } catch (error) {
    const { code = 'ERRO_INTERNO', message } = error as { code?: string; message: string };
    process.stderr.write(`${code}: ${message}\n`);
    process.exit(1);
  }
}

/**
 * The frame of every service's main.ts: configuration, log, start; SIGTERM or SIGINT stops what was registered, last
 * first, and exits 0 (1 where something did not stop within 10 s or failed to). A start that throws exits 1.
 * @param unneeded what this service does without: infra/k8s does not give it
 */
export async function runService(
  name: string,
  start: (context: ServiceContext) => Promise<void>,
  unneeded: readonly Unneeded[] = [],
): Promise<void> {
  const config = configOrExit(unneeded);
  const log = createLogger(name, config.logLevel);
  const stoppables: Stoppable[] = [];
  const fatal = (error: unknown): void => {
    log.fatal({ err: error }, 'erro fatal: o processo termina');
    process.exit(1);
  };
  exitOnBugs(fatal);
  measureProcess(name, register);
  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ sinal: signal }, 'parando');
    setTimeout(() => {
      log.error('não parou a tempo');
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    const clean = await stopAll(stoppables, log);
    log.info('parado');
    process.exit(clean ? 0 : 1);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Stopped last: what is under way until then belongs to traces.
  stoppables.push({ name: 'rastros', stop: await startTracing(name) });
  await start({ config, log, fatal, onStop: (part, run) => stoppables.push({ name: part, stop: run }) }).catch(fatal);
  log.info('no ar');
}
