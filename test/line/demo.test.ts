import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { ResultadoDaDemo } from '../../services/cli/demo/executa.ts';
import { dispose, temporaryHome } from '../integration/stack.ts';
import { demo, vivos } from './demo-fixture.ts';

let home = '';
afterEach(() => dispose(home), 120_000);

test('the demo shows numbers that the audit confirms, twice over the same data, and leaves nothing running', async () => {
  home = await temporaryHome();
  const roda = async (...argumentos: string[]): Promise<ResultadoDaDemo> => {
    const { processo, saida, erros } = demo(home, '--events', '2000', '--json', ...argumentos);
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
  expect(vivos(home)).toContain('classifier');

  const segunda = await roda('--seed', '7', '--once');
  expect(segunda.auditoria.diferencas).toEqual([]);
  expect(segunda.auditoria.registros).toBeGreaterThan(primeira.auditoria.registros * 1.9);
  // The same clients once more: more deliveries of theirs, no more of them.
  expect(segunda.resultados.porIndicador['clientes-atendidos']?.['2025']?.clientes).toBe(atendidos?.clientes);
  expect(vivos(home)).toEqual([]);
}, 300_000);
