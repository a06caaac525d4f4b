import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { homeOf, PROJECT_ROOT } from '#platform/config.ts';
import { ensureServers } from '../../infra/local/download.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import { freePorts, savePorts } from '../../infra/local/ports.ts';
import { somePorts } from '../../infra/local/ports-fixture.ts';
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
  savePorts(pathsOf(home).ports, somePorts());
  return home;
}

/** Stops the stack of a temporary folder and removes the folder (the link to the programs, not the programs). */
export async function dispose(home: string): Promise<void> {
  await stopStack(home);
  rmSync(home, { recursive: true, force: true });
}

type Addresses = Record<'KAFKA_BROKERS' | 'SCHEMA_REGISTRY_URL' | 'REDIS_URL', string>;
interface Servers {
  addresses: Addresses;
  stop: () => Promise<void>;
}

/** Topics and schemas on servers that are not the local stack's, by the job that containers run too. */
async function prepareElsewhere(home: string, { addresses, stop }: Servers): Promise<Servers> {
  const env = { ...process.env, ...addresses, ATENDIDO_HOME: home };
  try {
    await promisify(execFile)(process.execPath, [join(PROJECT_ROOT, 'infra/local/prepare-job.ts')], { env });
  } catch (error) {
    await stop();
    throw error;
  }
  return { addresses, stop };
}

async function containers(home: string): Promise<Servers> {
  const { images } = await import('../containers/images.ts');
  const { startContainers } = await import('../../infra/containers/servers.ts');
  Object.assign(process.env, await images());
  const [port = 0] = await freePorts(1);
  const { env: addresses, stop } = await startContainers(port);
  return prepareElsewhere(home, { addresses, stop });
}

async function external(home: string): Promise<Servers> {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, REDIS_URL } = process.env;
  if (!KAFKA_BROKERS || !SCHEMA_REGISTRY_URL || !REDIS_URL) {
    throw new Error('TEST_INFRA=external needs KAFKA_BROKERS, SCHEMA_REGISTRY_URL and REDIS_URL');
  }
  const addresses = { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, REDIS_URL };
  return prepareElsewhere(home, { addresses, stop: async () => undefined });
}

async function local(home: string): Promise<Servers> {
  // Tests write and wipe: servers that merely happen to be named in a shell are not theirs to take.
  const env = { KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '', REDIS_URL: '' };
  const { ambiente } = await startStack({ home, onlyServers: true, env });
  return { addresses: ambiente, stop: async () => undefined };
}

const WAYS: Record<string, (home: string) => Promise<Servers>> = { local, containers, external };

/**
 * vitest's globalSetup of the integration tests: real servers, prepared, before the first; stopped after the last.
 * Which, TEST_INFRA says: `local` (the default), `containers` (images by variables, see docs/containers.md) or `external`
 * (KAFKA_BROKERS, SCHEMA_REGISTRY_URL, REDIS_URL).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const way = process.env.TEST_INFRA || 'local';
  const start = WAYS[way];
  if (start === undefined) throw new Error(`TEST_INFRA=${way}: use ${Object.keys(WAYS).join(', ')}`);
  const home = await temporaryHome();
  try {
    const { addresses, stop } = await start(home);
    project.provide('kafkaBrokers', addresses.KAFKA_BROKERS);
    project.provide('registryUrl', addresses.SCHEMA_REGISTRY_URL);
    project.provide('redisUrl', addresses.REDIS_URL);
    project.provide('atendidoHome', home);
    return async () => {
      await dispose(home);
      await stop();
    };
  } catch (error) {
    await dispose(home);
    throw error;
  }
}
