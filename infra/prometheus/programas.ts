import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Prometheus and its checker, of the same package. */
export type Programa = 'prometheus' | 'promtool';

function noPath(programa: Programa): string | null {
  const pastas = (process.env.PATH ?? '').split(delimiter);
  return pastas.map((pasta) => join(pasta, programa)).find((caminho) => existsSync(caminho)) ?? null;
}

const instalado = (programa: Programa): string | null => {
  // Two test files may ask at once: apt waits for the other's lock.
  const opcoes = ['-o', 'DPkg::Lock::Timeout=300', '-y', '--no-install-recommends'];
  spawnSync('apt-get', ['update'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', ...opcoes, 'prometheus'], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return noPath(programa);
};

/**
 * Where a program of Prometheus is: on PATH; else, for root on Debian or Ubuntu, from their package (once: it stays).
 * @throws Error naming the ways out
 */
export function caminhoDe(programa: Programa): string {
  const achado = noPath(programa) ?? (process.getuid?.() === 0 ? instalado(programa) : null);
  if (achado !== null) return achado;
  throw new Error(
    `${programa} não está no PATH: instale o Prometheus (Debian/Ubuntu: sudo apt-get install prometheus; ` +
      'outros: https://prometheus.io/download, e ponha a pasta no PATH)',
  );
}

/** Runs promtool. @returns exit code and everything it wrote */
export function promtool(args: readonly string[], input?: string): { codigo: number; saida: string } {
  const feito = spawnSync(caminhoDe('promtool'), args, { encoding: 'utf8', input });
  return { codigo: feito.status ?? -1, saida: `${feito.stdout}${feito.stderr}` };
}
