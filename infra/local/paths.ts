import { join } from 'node:path';
import { PROJECT_ROOT } from '#platform/config.ts';

/** Where the local stack keeps things, under the data folder `home`. */
export const pathsOf = (home: string) => ({
  home,
  /** Downloaded server programs: no data, may be shared by several data folders through a link. */
  servers: join(home, 'servidores'),
  logs: join(home, 'logs'),
  data: join(home, 'dados'),
  ports: join(home, 'portas.json'),
  state: join(home, 'estado.json'),
  lock: join(home, 'supervisor.pid'),
  logOf: (name: string) => join(home, 'logs', `${name}.log`),
});

export type Paths = ReturnType<typeof pathsOf>;

export const POM = join(PROJECT_ROOT, 'infra/local/pom.xml');
export const SUPERVISOR = join(PROJECT_ROOT, 'infra/local/supervisor.ts');

/** Node's warnings that tell a person nothing: type stripping, and a timer that kafkajs sets in the past. */
export const QUIET = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];

/**
 * How the Node of a service keeps its heap, of which V8 left to itself takes twice as much for hardly less CPU: new objects in
 * 16 MB, and what outlived them collected once it has doubled (docs/performance.md). V8's guess of what will live long is
 * off: with it one start of three or so collected three times the garbage for as long as it ran; without it none did. The image
 * says the same (infra/container/entrada.sh).
 */
export const SERVICE_NODE = [
  ...QUIET,
  '--max-semi-space-size=16',
  '--heap-growing-percent=100',
  '--no-allocation-site-pretenuring',
];

/**
 * How the C library under it keeps memory; read when a process starts, so not to be set from within. One arena: each thread
 * of V8 would have its own. And buffers of 256 kB and more are given back as soon as they are free: left to itself the library raises
 * that bound to the largest one freed, of megabytes here. The image says the same.
 */
export const SERVICE_MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '262144' };
