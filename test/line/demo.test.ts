import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { isAlive } from '#platform/config-pid.ts';
import { readStackState } from '#platform/config-stack.ts';
import type { ResultadoDaDemo } from '../../services/cli/demo/executa.ts';
import { dispose, temporaryHome } from '../integration/stack.ts';

const DOIS_MINUTOS = 120_000;

let home = '';
afterEach(() => dispose(home), DOIS_MINUTOS);

/** The demo as a newcomer runs it: its own servers in a folder of its own. */
function demo(...argumentos: string[]): { processo: ChildProcess; saida: () => string; erros: () => string } {
  const { KAFKA_BROKERS: _k, SCHEMA_REGISTRY_URL: _s, REDIS_URL: _r, ...env } = process.env;
  const processo = spawn('bin/atendido', ['demo', ...argumentos], {
    env: { ...env, ATENDIDO_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const saida: string[] = [];
  const erros: string[] = [];
  processo.stdout.setEncoding('utf8').on('data', (texto: string) => saida.push(texto));
  processo.stderr.setEncoding('utf8').on('data', (texto: string) => erros.push(texto));
  return { processo, saida: () => saida.join(''), erros: () => erros.join('') };
}

function vivos(): string[] {
  const estado = readStackState(home);
  if (estado === null) return [];
  const processos = estado.processos.filter((p) => p.processo !== null && isAlive(p.processo)).map((p) => p.nome);
  return isAlive(estado.supervisor) ? ['supervisor', ...processos] : processos;
}

test('the demo shows numbers that the audit confirms, twice over the same data, and leaves nothing running', async () => {
  home = await temporaryHome();
  const roda = async (...argumentos: string[]): Promise<ResultadoDaDemo> => {
    const { processo, saida, erros } = demo('--events', '2000', '--json', ...argumentos);
    const [codigo] = await once(processo, 'close');
    expect(codigo, erros()).toBe(0);
    return JSON.parse(saida()) as ResultadoDaDemo;
  };
  const primeira = await roda('--seed', '7');
  const { envio, sondas, semPorta, auditoria, resultados } = primeira;
  const recusados = Object.values(envio.recusados).reduce((a, b) => a + b, 0);
  expect(envio.enviados).toBe(2_000);
  expect(envio.aceitos.http + envio.aceitos.kafka + recusados).toBe(2_000);
  expect(Math.min(envio.aceitos.http, envio.aceitos.kafka)).toBeGreaterThan(500);
  expect(auditoria.registros).toBe(2_000 - recusados + semPorta + sondas);
  expect(auditoria.diferencas).toEqual([]);
  expect(primeira.latencia.emDia).toMatchObject({ amostras: 100, perdidas: 0 });
  const atendidos = resultados.porIndicador['clientes-atendidos']?.['2025'];
  expect(atendidos?.clientes).toBeGreaterThan(100);
  expect(vivos()).toContain('classifier');

  const segunda = await roda('--seed', '7', '--once');
  expect(segunda.auditoria.diferencas).toEqual([]);
  expect(segunda.auditoria.registros).toBeGreaterThan(primeira.auditoria.registros * 1.9);
  // The same clients once more: more deliveries of theirs, no more of them.
  expect(segunda.resultados.porIndicador['clientes-atendidos']?.['2025']?.clientes).toBe(atendidos?.clientes);
  expect(vivos()).toEqual([]);
}, 300_000);

test('--once leaves nothing running when it is interrupted', async () => {
  home = await temporaryHome();
  const { processo, erros } = demo('--events', '50000', '--once');
  await expect.poll(erros, { timeout: DOIS_MINUTOS, interval: 50 }).toContain('Enviando');
  expect(vivos()).toContain('kafka');
  processo.kill('SIGINT');
  const [codigo] = await once(processo, 'close');
  expect(codigo).toBe(130);
  expect(vivos()).toEqual([]);
}, 300_000);

test('--once interrupted while the servers come up leaves none of them', async () => {
  home = await temporaryHome();
  const { processo } = demo('--once');
  await expect.poll(() => vivos().length, { timeout: DOIS_MINUTOS, interval: 20 }).toBeGreaterThan(0);
  processo.kill('SIGTERM');
  const [codigo] = await once(processo, 'close');
  expect(codigo).toBe(130);
  expect(vivos()).toEqual([]);
}, 300_000);
