import { randomInt } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { CodedError } from '#platform/config.ts';
import { claim, disclaim } from './claims.ts';

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
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port)) && !(await someoneAnswers(port));
}

/** Ours from here on, and with nobody listening there. */
async function take(port: number): Promise<boolean> {
  if (!(await claim(port))) return false;
  if (await isFree(port)) return true;
  await disclaim(port);
  return false;
}

/**
 * Where those without a name are looked for. Below what systems give to whoever connects somewhere, which would take one
 * between its being chosen and its server's start; so are the same and ten thousand, where a node of Redis Cluster speaks to
 * the others.
 */
const UNNAMED = { first: 20_000, count: 2_700 };

/**
 * As many ports as asked for, free now, and this process' as long as it runs.
 * @throws CodedError PORTA_INDISPONIVEL
 */
export async function freePorts(count: number): Promise<number[]> {
  const start = randomInt(UNNAMED.count);
  const ports: number[] = [];
  for (let n = 0; n < UNNAMED.count && ports.length < count; n += 1) {
    const port = UNNAMED.first + ((start + n) % UNNAMED.count);
    if (await take(port)) ports.push(port);
  }
  if (ports.length === count) return ports;
  throw new CodedError('PORTA_INDISPONIVEL', `não há ${count} portas livres a partir de ${UNNAMED.first}`);
}

function saved(file: string): Partial<Ports> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Ports>;
  } catch {
    return {};
  }
}

async function freeFrom(first: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = first + attempt * STEP;
    if (port < 65_536 && (await take(port))) return port;
  }
  throw new CodedError('PORTA_INDISPONIVEL', `nenhuma porta livre a partir de ${first}`);
}

/**
 * A port for each name: that of the last time, else the default, else the next free one in steps of ten; kept in `file`.
 * They are this process' as long as it runs: nobody else who chooses is given one of them.
 * @throws CodedError PORTA_INDISPONIVEL
 */
export async function choosePorts(file: string): Promise<Ports> {
  const before = saved(file);
  const ports: Ports = { ...DEFAULT_PORTS };
  for (const name of Object.keys(DEFAULT_PORTS) as PortName[]) {
    ports[name] = await freeFrom(before[name] ?? DEFAULT_PORTS[name]);
  }
  savePorts(file, ports);
  return ports;
}

export function savePorts(file: string, ports: Ports): void {
  writeFileSync(`${file}.novo`, `${JSON.stringify(ports, null, 1)}\n`);
  renameSync(`${file}.novo`, file);
}
