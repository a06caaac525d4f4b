import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { homeOf } from '#platform/config.ts';
import { ensureServers } from '../../infra/local/download.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import { DEFAULT_PORTS, type PortName, type Ports, savePorts } from '../../infra/local/ports.ts';
import { startStack, stopStack } from '../../infra/local/stack.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port`, with commas. */
    kafkaBrokers: string;
    /** Base of the Confluent-compatible API. */
    registryUrl: string;
    redisUrl: string;
    /** The data folder of the servers under test. */
    atendidoHome: string;
  }
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

/**
 * A new data folder for one stack: ports of its own, and the server programs that were downloaded before, so that tests
 * neither download twice nor meet a stack that is in use.
 */
export async function temporaryHome(): Promise<string> {
  const shared = pathsOf(homeOf()).servers;
  await ensureServers(shared, () => process.stderr.write('downloading the servers (first time only)…\n'));
  const home = mkdtempSync(join(tmpdir(), 'atendido-test-'));
  mkdirSync(home, { recursive: true });
  if (!existsSync(pathsOf(home).servers)) symlinkSync(shared, pathsOf(home).servers);
  const names = Object.keys(DEFAULT_PORTS) as PortName[];
  const free = await freePorts(names.length);
  const ports: Ports = { ...DEFAULT_PORTS };
  for (const [index, name] of names.entries()) ports[name] = free[index] ?? DEFAULT_PORTS[name];
  savePorts(pathsOf(home).ports, ports);
  return home;
}

/** Stops the stack of a temporary folder and removes the folder (the link to the programs, not the programs). */
export async function dispose(home: string): Promise<void> {
  await stopStack(home);
  rmSync(home, { recursive: true, force: true });
}

/** vitest's globalSetup of the integration tests: real servers, prepared, before the first; stopped after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await temporaryHome();
  try {
    const { ambiente } = await startStack({ home, onlyServers: true });
    project.provide('kafkaBrokers', ambiente.KAFKA_BROKERS);
    project.provide('registryUrl', ambiente.SCHEMA_REGISTRY_URL);
    project.provide('redisUrl', ambiente.REDIS_URL);
    project.provide('atendidoHome', home);
  } catch (error) {
    await dispose(home);
    throw error;
  }
  return () => dispose(home);
}
