import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_PORTS, type Ports, savePorts } from './ports.ts';
import { somePorts } from './ports-fixture.ts';

let folder: string;
const processes: ChildProcess[] = [];
const busy: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atendido-portas-'));
});
afterEach(() => {
  for (const one of processes.splice(0)) one.kill('SIGKILL');
  for (const server of busy.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

const module = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
const NOBODY = 65_534;

/** A process of its own that runs a script when told to, says what `result` is, and stays. */
function holder(script: string, uid?: number) {
  const whole = `process.stdin.once('data', async () => { ${script}; console.log(JSON.stringify(result)); });
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', whole], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  processes.push(child);
  const said = once(createInterface({ input: child.stdout }), 'line').then(([line]) => JSON.parse(line as string));
  return {
    run: () => {
      child.stdin.write('\n');
      return said;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const choosing = (file: string) =>
  holder(`const { choosePorts } = await import(${module('ports.ts')});
    const result = await choosePorts(${JSON.stringify(join(folder, file))})`);

/** Chooses, and ends. */
async function chosenOnce(file: string): Promise<Ports> {
  const one = choosing(file);
  const ports = await one.run();
  await one.kill();
  return ports;
}

const numbersOf = (all: readonly Ports[]): number[] => all.flatMap((ports) => Object.values(ports));
const repeated = (ports: readonly number[]): number[] => ports.filter((port, n) => ports.indexOf(port) !== n);

describe('the ports of a stack', () => {
  it('stay the same from one start to the next, save one that someone took', async () => {
    savePorts(join(folder, 'portas.json'), somePorts());
    const first = await chosenOnce('portas.json');
    expect(await chosenOnce('portas.json')).toEqual(first);
    const server = createServer();
    busy.push(server);
    await new Promise<void>((resolve) => server.listen(first.redis, '127.0.0.1', resolve));
    const second = await chosenOnce('portas.json');
    expect(second).toEqual({ ...first, redis: expect.any(Number) });
    expect(second.redis).not.toBe(first.redis);
    expect(JSON.parse(readFileSync(join(folder, 'portas.json'), 'utf8'))).toEqual(second);
  });

  it('are never given twice', async () => {
    savePorts(join(folder, 'portas.json'), { ...DEFAULT_PORTS, api: 28_500, ingest: 28_500 });
    expect(repeated(numbersOf([await chosenOnce('portas.json')]))).toEqual([]);
  });
});

// Elsewhere the system has nothing that does it.
describe.runIf(process.platform === 'linux')('processes that choose ports at the same instant', () => {
  it('are given none of each other’s, though nobody listens yet', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, (_, n) => choosing(`${n}.json`).run()));
    expect(repeated(numbersOf(all))).toEqual([]);
  });

  it('nor those without a name, which are no client’s either', async () => {
    const script = `const { freePorts } = await import(${module('ports.ts')}); const result = await freePorts(500)`;
    const all: number[][] = await Promise.all(Array.from({ length: 4 }, () => holder(script).run()));
    const ports = all.flat();
    expect(ports).toHaveLength(2_000);
    expect(repeated(ports)).toEqual([]);
    // Linux gives clients those from 32768 on; Redis Cluster takes ten thousand more too.
    expect(Math.max(...ports) + 10_000).toBeLessThan(32_768);
  });

  it('are given those of one that was killed', async () => {
    savePorts(join(folder, '0.json'), somePorts());
    const first = choosing('0.json');
    const its = await first.run();
    savePorts(join(folder, '1.json'), its);
    savePorts(join(folder, '2.json'), its);
    expect(repeated(numbersOf([its, await chosenOnce('1.json')]))).toEqual([]);
    await first.kill();
    expect(await chosenOnce('2.json')).toEqual(its);
  });

  const mayBeNobody = () => spawnSync(process.execPath, ['-e', ''], { uid: NOBODY, gid: NOBODY }).status === 0;
  it.runIf(mayBeNobody())('whoever the user is', async () => {
    // No port, so that no other run of this claims it. And a clone may lie where another user cannot read it.
    chmodSync(folder, 0o755);
    const copy = join(folder, 'claims.ts');
    copyFileSync(join(import.meta.dirname, 'claims.ts'), copy);
    chmodSync(copy, 0o644);
    const script = `const { claim } = await import(${JSON.stringify(copy)}); const result = await claim(${100_000 + process.pid})`;
    const nobody = holder(script, NOBODY);
    expect(await nobody.run()).toBe(true);
    expect(await holder(script).run()).toBe(false);
    await nobody.kill();
    expect(await holder(script).run()).toBe(true);
    expect(await holder(script, NOBODY).run()).toBe(false);
  });
});
