import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '#platform/config.ts';

const VERSION = '4.32.5';
/** Of answers: that they are what the document says. What a 5xx means is looked at in the record of calls. */
const CHECKS =
  'status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance';

/** Resolves with the exit code; what it prints goes to stderr. */
function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 2, 2] });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** The program, in a venv that is made once. @throws Error it cannot be installed */
export async function installed(cache: string): Promise<string> {
  const venv = join(cache, `schemathesis-${VERSION}`);
  const program = join(venv, 'bin', 'schemathesis');
  if (existsSync(program)) return program;
  const made = (await run('python3', ['-m', 'venv', venv])) === 0;
  if (made && (await run(join(venv, 'bin/pip'), ['install', '-q', `schemathesis==${VERSION}`])) === 0) return program;
  rmSync(venv, { recursive: true, force: true });
  throw new Error(`schemathesis ${VERSION} could not be installed: python3 with venv, and pip, are needed`);
}

export interface Attack {
  program: string;
  /** Where the api answers. */
  url: string;
  key: string;
  source: string;
  /** The file that every call is recorded in. */
  calls: string;
  seed: number;
  examples: number;
  /** Its own names, with commas between. */
  phases: string;
  /** null: all of them. */
  path: string | null;
}

/** One run of schemathesis over the document that the api serves. Returns whether every answer was as it says. */
export async function attack(how: Attack): Promise<boolean> {
  const { program, url, key, source, calls, seed, examples, phases, path } = how;
  const only = path === null ? [] : ['--include-path', path];
  const args = ['run', `${url}/openapi.json`, '--url', url, '-H', `Authorization: Bearer ${key}`, '--checks', CHECKS];
  const size = ['--phases', phases, '-n', String(examples), '--seed', String(seed)];
  const rest = ['--generation-database', 'none', '--continue-on-failure', '--suppress-health-check', 'all'];
  // It leaves a folder of its own where it runs.
  const options = {
    cwd: dirname(calls),
    env: {
      ...process.env,
      PYTHONPATH: join(PROJECT_ROOT, 'test/fuzz'),
      PYTHONDONTWRITEBYTECODE: '1',
      SCHEMATHESIS_HOOKS: 'hooks',
      ATENDIDO_FUZZ_SOURCE: source,
      ATENDIDO_FUZZ_CALLS: calls,
    },
  };
  return (await run(program, [...args, ...only, ...size, ...rest, '--warnings', 'off'], options)) === 0;
}
