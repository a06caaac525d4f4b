import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '#platform/config.ts';
import { javaCommand } from './download.ts';
import type { Paths } from './paths.ts';
import type { Ports } from './ports.ts';
import { MARK_HEADER, probeHttp } from './probes.ts';
import type { ProcessSpec } from './process-spec.ts';

function jarIn(folder: string): string {
  const jar = readdirSync(folder).find((name) => name.endsWith('-runner.jar'));
  if (!jar) throw new CodedError('SERVIDOR_INCOMPLETO', `falta o programa do registro de esquemas em ${folder}`);
  return join(folder, jar);
}

/** Apicurio Registry with its Confluent-compatible API, keeping schemas and their ids in an H2 file. */
export function registryServer(paths: Paths, ports: Ports): ProcessSpec {
  const folder = join(paths.data, 'registro');
  const url = `http://127.0.0.1:${ports.registro}/apis/ccompat/v7`;
  // WRITE_DELAY=0: an id that was given out must outlive a kill -9, or old records could no longer be read.
  const database = `jdbc:h2:file:${join(folder, 'esquemas')};WRITE_DELAY=0`;
  const mark = randomUUID();
  const options = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': ports.registro,
    'quarkus.datasource.jdbc.url': database,
    [`quarkus.http.header."${MARK_HEADER}".value`]: mark,
    'quarkus.log.level': 'WARN',
    'quarkus.banner.enabled': false,
    'java.util.logging.manager': 'org.jboss.logmanager.LogManager',
  };
  return {
    nome: 'registro',
    tipo: 'servidor',
    porta: ports.registro,
    endereco: url,
    command: javaCommand(),
    args: [
      ...['-Xms64m', '-Xmx512m', '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      '-XX:+ExitOnOutOfMemoryError',
      ...Object.entries(options).map(([name, value]) => `-D${name}=${value}`),
      ...['-jar', jarIn(join(paths.servers, 'registry'))],
    ],
    env: {},
    cwd: folder,
    before: async () => {
      mkdirSync(folder, { recursive: true });
    },
    probe: () => probeHttp(`${url}/subjects`, { mark }),
    readyWithinMs: 90_000,
  };
}
