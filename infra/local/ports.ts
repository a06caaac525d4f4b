import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { CodedError } from '#platform/config.ts';

/** What each port is for, and the number tried first. */
export const DEFAULT_PORTS = {
  kafka: 19_092,
  'kafka-controlador': 19_093,
  registro: 18_081,
  redis: 16_379,
  ingest: 18_080,
  api: 18_090,
  classifier: 18_101,
  consolidator: 18_102,
  aggregator: 18_103,
} as const;

export type PortName = keyof typeof DEFAULT_PORTS;
export type Ports = Record<PortName, number>;

const STEP = 10;
const ATTEMPTS = 200;

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function someoneAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Free for 127.0.0.1. Some systems let it be bound beside someone's 0.0.0.0: hence the second question. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port)) && !(await someoneAnswers(port));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Given before: until somebody listens there the system takes it for free, and one stack was given a port twice. */
const given = new Set<number>();

/** As many ports as asked for, free now, and none of them asked for before in this process. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await freePort();
    if (given.has(port)) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

function saved(file: string): Partial<Ports> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Ports>;
  } catch {
    return {};
  }
}

async function freeFrom(first: number, taken: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = first + attempt * STEP;
    if (port < 65_536 && !taken.has(port) && (await isFree(port))) return port;
  }
  throw new CodedError('PORTA_INDISPONIVEL', `nenhuma porta livre a partir de ${first}`);
}

/** A port for each name: that of the last time, else the default, else the next free one in steps of ten; kept in `file`. */
export async function choosePorts(file: string): Promise<Ports> {
  const before = saved(file);
  const ports: Ports = { ...DEFAULT_PORTS };
  const taken = new Set<number>();
  for (const name of Object.keys(DEFAULT_PORTS) as PortName[]) {
    ports[name] = await freeFrom(before[name] ?? DEFAULT_PORTS[name], taken);
    taken.add(ports[name]);
  }
  savePorts(file, ports);
  return ports;
}

export function savePorts(file: string, ports: Ports): void {
  writeFileSync(`${file}.novo`, `${JSON.stringify(ports, null, 1)}\n`);
  renameSync(`${file}.novo`, file);
}
