import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify, isAlive } from '#platform/config-pid.ts';
import { lockHolder, takeLock } from './lock.ts';
import { openLog } from './log-file.ts';
import type { ProcessSpec } from './process-spec.ts';
import { bundledName, isRecentEnough } from './redis-server.ts';
import { stopProcess } from './stop.ts';
import { Supervised } from './supervised.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atendido-local-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the supervisor’s pid file', () => {
  it('is taken once, and taken over from the dead', () => {
    const file = join(folder, 'supervisor.pid');
    writeFileSync(file, JSON.stringify({ pid: process.pid, inicio: 'de outro' }));
    expect(lockHolder(file)).toBeNull();
    const me = takeLock(file);
    expect(me).toEqual(identify(process.pid));
    expect(takeLock(file)).toBeNull();
  });

  it('may hold anything at all when a machine went down', () => {
    const file = join(folder, 'supervisor.pid');
    writeFileSync(file, '{"pid":');
    expect(takeLock(file)).not.toBeNull();
  });
});

describe('redis', () => {
  it('is PATH’s from 6.2 on', () => {
    const texts = ['Redis server v=6.2.0 sha=0', 'Redis server v=7.0.15 sha=0', 'Redis server v=6.0.16 sha=0', 'nada'];
    expect(texts.map(isRecentEnough)).toEqual([true, true, false, false]);
  });

  it('is otherwise the one for this platform', () => {
    const names = [
      'redis-server-6.2.6-v5-linux-amd64',
      'redis-server-6.2.7-linux-arm64',
      'redis-server-6.2.6-v5-darwin-arm64',
    ];
    expect(bundledName(names, 'linux', 'x64')).toBe(names[0]);
    expect(bundledName(names, 'darwin', 'arm64')).toBe(names[2]);
    expect(bundledName(names, 'win32', 'x64')).toBeUndefined();
  });
});

describe('a supervised process', () => {
  const states: string[] = [];
  let one: Supervised;

  function supervise(script: string, more: Partial<ProcessSpec> = {}): Supervised {
    const file = join(folder, 'x.log');
    const spec: ProcessSpec = {
      nome: 'x',
      tipo: 'servico',
      porta: null,
      endereco: null,
      command: process.execPath,
      args: ['-e', script],
      env: {},
      cwd: folder,
      probe: async () => null,
      readyWithinMs: null,
      ...more,
    };
    states.length = 0;
    one = new Supervised(spec, file, openLog(file, 'x'), () => states.push(one.state.estado));
    return one;
  }
  afterEach(() => one.stop());

  const STAYS = 'setInterval(() => {}, 1000)';

  it('comes back after it was killed, with the cause kept', async () => {
    await supervise(STAYS).start();
    const first = one.state.processo;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await expect.poll(() => one.state.reinicios === 1 && one.state.estado, { timeout: 5_000 }).toBe('no-ar');
    expect(one.state.processo).not.toEqual(first);
    expect(one.state.ultimaSaida).toMatchObject({ codigo: null, sinal: 'SIGKILL' });
  });

  it('says what it died of in its own words, and stays down once stopped', async () => {
    void supervise('throw new TypeError("faltou algo")', { probe: async () => 'não' }).start();
    await expect.poll(() => one.state.causa, { timeout: 5_000 }).toBe('terminou com código 1: TypeError: faltou algo');
    await one.stop();
    expect(one.state).toMatchObject({ estado: 'parado', processo: null });
  });

  it('is told from its failures where it cannot be run at all', async () => {
    void supervise('', { command: join(folder, 'nada') }).start();
    await expect.poll(() => one.state.causa, { timeout: 5_000 }).toContain('não pôde ser executado');
  });

  it('ends well when a preparation does', async () => {
    await supervise('', { tipo: 'preparacao', probe: async () => 'não' }).start();
    expect(one.state).toMatchObject({ estado: 'concluido', reinicios: 0 });
  });

  it('is killed where it does not heed a SIGTERM', async () => {
    const script = `process.on('SIGTERM', () => {}); console.log('pronto'); ${STAYS}`;
    const log = () => readFileSync(join(folder, 'x.log'), 'utf8');
    await supervise(script).start();
    await expect.poll(log, { timeout: 5_000 }).toContain('pronto');
    const target = one.state.processo;
    if (!target) throw new Error('it does not run');
    await stopProcess(target, 200);
    expect(isAlive(target)).toBe(false);
  });
});
