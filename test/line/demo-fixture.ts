import { type ChildProcess, spawn } from 'node:child_process';
import { isAlive } from '#platform/config-pid.ts';
import { readStackState } from '#platform/config-stack.ts';

/** The demo as a newcomer runs it: its own servers in a folder of its own. */
export function demo(
  home: string,
  ...argumentos: string[]
): { processo: ChildProcess; saida: () => string; erros: () => string } {
  const { KAFKA_BROKERS: _k, SCHEMA_REGISTRY_URL: _s, REDIS_URL: _r, ...env } = process.env;
  const processo = spawn('bin/atendido', ['demo', ...argumentos], {
    env: { ...env, ATENDIDO_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const saida: string[] = [];
  const erros: string[] = [];
  processo.stdout.setEncoding('utf8').on('data', (texto: string) => saida.push(texto));
  processo.stderr.setEncoding('utf8').on('data', (texto: string) => erros.push(texto));
  return { processo, saida: () => saida.join(''), erros: () => erros.join('') };
}

/** What of a folder's stack is running, by name. */
export function vivos(home: string): string[] {
  const estado = readStackState(home);
  if (estado === null) return [];
  const processos = estado.processos.filter((p) => p.processo !== null && isAlive(p.processo)).map((p) => p.nome);
  return isAlive(estado.supervisor) ? ['supervisor', ...processos] : processos;
}
