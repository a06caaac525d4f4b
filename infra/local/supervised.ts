import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { identify } from '#platform/config-pid.ts';
import type { ProcessState } from '#platform/config-stack.ts';
import type { LogFile } from './log-file.ts';
import type { ProcessSpec } from './process-spec.ts';
import { stopProcess } from './stop.ts';

const PROBE_EVERY_MS = 100;
const BACKOFF_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];

const TELLING = /^(Exception in |Caused by: )?[\w.]*(Error|Exception)\b|^[A-Z]+_[A-Z_]+: |^\S+Error\b/;

interface Exit {
  codigo: number | null;
  sinal: NodeJS.Signals | null;
  /** Set where it could not be run at all. */
  erro?: string;
}

function describe({ codigo, sinal, erro }: Exit, lastWords: string): string {
  const how = erro ?? (sinal ? `morto pelo sinal ${sinal}` : `terminou com código ${codigo}`);
  return lastWords ? `${how}: ${lastWords}` : how;
}

/** One process kept running: started, watched until ready, started again with back-off when it ends. */
export class Supervised {
  readonly spec: ProcessSpec;
  readonly state: ProcessState;
  readonly #log: LogFile;
  readonly #publish: () => void;
  readonly #stopping = new AbortController();
  #pause = new AbortController();
  #loop: Promise<void> | null = null;
  #lastWords = '';
  #ready = Promise.withResolvers<void>();

  constructor(spec: ProcessSpec, logFile: string, log: LogFile, publish: () => void) {
    this.spec = spec;
    this.#log = log;
    this.#publish = publish;
    this.state = {
      nome: spec.nome,
      tipo: spec.tipo,
      estado: 'aguardando',
      processo: null,
      porta: spec.porta,
      endereco: spec.endereco,
      reinicios: 0,
      falhasSeguidas: 0,
      ultimaSaida: null,
      causa: null,
      log: logFile,
    };
  }

  /** Starts it for good. Resolves when it was ready once (a preparation: when it ended well), or was stopped before. */
  start(): Promise<void> {
    this.#loop ??= this.#run();
    return this.#ready.promise;
  }

  /** Ends a back-off pause, where it is in one: someone is waiting and may have mended the cause. */
  retryNow(): void {
    this.#pause.abort();
  }

  /** SIGTERM, SIGKILL after 10 s; no start follows. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.retryNow();
    if (this.state.processo) await stopProcess(this.state.processo);
    await this.#loop;
    this.#change({ estado: 'parado', processo: null });
    this.#ready.resolve();
  }

  #change(fields: Partial<ProcessState>): void {
    Object.assign(this.state, fields);
    this.#publish();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const exit = await this.#once();
      if (this.#stopping.signal.aborted) return;
      if (this.spec.tipo === 'preparacao' && exit.codigo === 0) {
        this.#change({ estado: 'concluido', processo: null, causa: null, falhasSeguidas: 0 });
        this.#ready.resolve();
        return;
      }
      await this.#recordAndPause(exit);
    }
  }

  async #recordAndPause(exit: Exit): Promise<void> {
    const causa = describe(exit, this.#lastWords);
    this.#log.event('o processo terminou sem que se pedisse', { causa });
    const ultimaSaida = { quando: new Date().toISOString(), codigo: exit.codigo, sinal: exit.sinal };
    const falhasSeguidas = this.state.falhasSeguidas + 1;
    this.#change({ estado: 'caiu', processo: null, causa, ultimaSaida, falhasSeguidas });
    const pause = BACKOFF_MS[Math.min(falhasSeguidas - 1, BACKOFF_MS.length - 1)];
    this.#pause = new AbortController();
    await wait(pause, undefined, { signal: this.#pause.signal }).catch(() => undefined);
    if (!this.#stopping.signal.aborted) this.#change({ estado: 'reiniciando', reinicios: this.state.reinicios + 1 });
  }

  /** From one start to its end. */
  async #once(): Promise<Exit> {
    this.#lastWords = '';
    if (this.state.estado === 'aguardando') this.#change({ estado: 'iniciando' });
    try {
      await this.spec.before?.();
    } catch (error) {
      return { codigo: null, sinal: null, erro: `não pôde ser preparado: ${(error as Error).message}` };
    }
    if (this.#stopping.signal.aborted) return { codigo: null, sinal: null };
    const child = spawn(this.spec.command, this.spec.args, {
      cwd: this.spec.cwd,
      env: { ...process.env, ...this.spec.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = this.#exitOf(child);
    this.#capture(child);
    this.#change({ processo: child.pid === undefined ? null : identify(child.pid) });
    let ended = false;
    const exit = exited.finally(() => {
      ended = true;
    });
    await this.#untilReady(child, () => ended);
    return exit;
  }

  #exitOf(child: ChildProcess): Promise<Exit> {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    child.once('error', (error) =>
      resolve({ codigo: null, sinal: null, erro: `não pôde ser executado: ${error.message}` }),
    );
    // 'close', not 'exit': the last lines it wrote say why.
    child.once('close', (codigo, sinal) => resolve({ codigo, sinal }));
    return promise;
  }

  #capture(child: ChildProcess): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const source = child[stream];
      if (!source) continue;
      createInterface({ input: source }).on('line', (line) => {
        this.#log.line(line, stream);
        if (stream === 'stderr') this.#hear(line);
      });
    }
  }

  /** Of what it says on stderr, a line that names an error is worth more than the stack and the version after it. */
  #hear(line: string): void {
    const text = line.trim().slice(0, 300);
    if (text && (TELLING.test(text) || !TELLING.test(this.#lastWords))) this.#lastWords = text;
  }

  async #untilReady(child: ChildProcess, ended: () => boolean): Promise<void> {
    const { readyWithinMs } = this.spec;
    const limit = readyWithinMs === null ? Number.POSITIVE_INFINITY : Date.now() + readyWithinMs;
    while (!ended() && !this.#stopping.signal.aborted) {
      const why = await this.spec.probe(child.pid);
      if (ended()) return;
      if (why === null) {
        this.#change({ estado: 'no-ar', causa: null, falhasSeguidas: 0 });
        this.#ready.resolve();
        return;
      }
      if (why !== this.state.causa && this.state.falhasSeguidas === 0) this.#change({ causa: why });
      if (Date.now() > limit) {
        this.#lastWords = `não ficou pronto em ${(readyWithinMs ?? 0) / 1000} s (${why})`;
        child.kill('SIGKILL');
        return;
      }
      await wait(PROBE_EVERY_MS);
    }
  }
}
