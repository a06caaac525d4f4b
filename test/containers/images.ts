import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '#platform/config.ts';

const run = promisify(execFile);
const MAX_OUTPUT = 50_000_000;

/** Runs a program in the project's folder. @throws with what it wrote on stderr */
export async function sh(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const options = { cwd: PROJECT_ROOT, env: { ...process.env, ...env }, maxBuffer: MAX_OUTPUT };
  return (await run(command, [...args], options)).stdout;
}

/** `docker compose`, or the older program of its own name. */
async function composeCommand(): Promise<[string, ...string[]]> {
  const modern = await sh('docker', ['compose', 'version']).catch(() => null);
  return modern === null ? ['docker-compose'] : ['docker', 'compose'];
}

/** Runs compose under a project of the test's own: neither containers nor volumes of a line in use are touched. */
export async function compose(images: Record<string, string>, ...args: string[]): Promise<string> {
  const [command, ...first] = await composeCommand();
  return sh(command, [...first, ...args], {
    ...images,
    COMPOSE_PROJECT_NAME: 'atendido-teste',
    COMPOSE_PROFILES: 'tudo',
  });
}

/**
 * The images to test with, by their variables: those the environment names, else the stand-ins, built where they are not.
 * @throws Error Docker is not there
 */
export async function images(): Promise<Record<string, string>> {
  await sh('docker', ['info']).catch(() => {
    throw new Error('Docker does not answer: apt-get install docker.io docker-compose debootstrap, and start dockerd');
  });
  if (process.env.KAFKA_IMAGE) return {};
  await sh('infra/images/build.sh', []);
  const file = readFileSync(join(PROJECT_ROOT, '.atendido/imagens.env'), 'utf8');
  return Object.fromEntries(
    file
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string]),
  );
}
