import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#platform/config.ts';
import { SERVICE_MALLOC, SERVICE_NODE } from './paths.ts';
import type { PortName, Ports } from './ports.ts';
import { probeHttp } from './probes.ts';
import type { ProcessSpec } from './process-spec.ts';

/** The services, in the order of the line: a name is a folder of services/ and a port. */
const SERVICES = ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'] as const satisfies PortName[];

const mainOf = (name: string): string => join(PROJECT_ROOT, 'services', name, 'main.ts');

/** Node keeps what it compiled: a third of a service's start is saved from the second time on. */
const compileCache = (home = '') => ({ NODE_COMPILE_CACHE: join(home, 'cache') });

function nodeProcess(nome: string, file: string, env: Readonly<Record<string, string>>) {
  // The same Node that runs this.
  const args = [...SERVICE_NODE, file];
  return {
    nome,
    command: process.execPath,
    args,
    env: { ...env, ...SERVICE_MALLOC, ...compileCache(env.ATENDIDO_HOME) },
    cwd: PROJECT_ROOT,
  };
}

/** Those whose main.ts exists. */
export const presentServices = () => SERVICES.filter((name) => existsSync(mainOf(name)));

export function serviceSpecs(ports: Ports, env: Readonly<Record<string, string>>): ProcessSpec[] {
  // Of use to the api alone, which stands in front of ingest.
  const ingest = { INGEST_URL: `http://127.0.0.1:${ports.ingest}` };
  // One process of each, and the supervisor never starts a second before the first has ended.
  // The local stack is asked over HTTP, on this machine, whatever else is served from it.
  const inClear = { ATENDIDO_TLS_CERT: '', ATENDIDO_TLS_CHAVE: '' };
  // Whom the panel asks how they are.
  const enderecos = presentServices().map((name) => `${name}=http://127.0.0.1:${ports[name]}`);
  const panel = { ATENDIDO_SERVICOS: enderecos.join(',') };
  const services = { ...env, ...ingest, ...panel, ...inClear, ATENDIDO_INSTANCIA: 'local' };
  return presentServices().map((name) => {
    const port = ports[name];
    const endereco = `http://127.0.0.1:${port}`;
    return {
      ...nodeProcess(name, mainOf(name), { ...services, PORT: String(port) }),
      tipo: 'servico',
      porta: port,
      endereco,
      probe: (pid) => probeHttp(`${endereco}/saude/pronto`, { pid }),
      // It may be waiting for a server, which is no reason to kill it.
      readyWithinMs: null,
    };
  });
}

/** The job that creates topics and registers schemas; absent while platform/prepare.ts is. */
export function preparationSpec(env: Readonly<Record<string, string>>): ProcessSpec | null {
  if (!existsSync(join(PROJECT_ROOT, 'platform/prepare.ts'))) return null;
  return {
    ...nodeProcess('preparacao', join(PROJECT_ROOT, 'infra/local/prepare-job.ts'), env),
    tipo: 'preparacao',
    porta: null,
    endereco: null,
    // It is ready when it has ended.
    probe: async () => 'ainda não terminou',
    readyWithinMs: 120_000,
  };
}
