import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { RetryableError } from '#platform/errors.ts';
import { type CloudEvent, cloudEventDe } from './evento.ts';
import { type Aviso, comReserva } from './reserva.ts';
import { Segmentos } from './segmentos.ts';
import type { Transporte } from './transporte.ts';

const SEGREDO = 'um segredo de ao menos dezesseis';
const evento = (id: string): CloudEvent =>
  cloudEventDe('s', {
    tipo: 'login',
    time: '2026-03-02T10:15:00-03:00',
    id,
    data: { unidade: 'SP', cliente: { pf: { cpf: '52998224725' } } },
  });
const arquivos = (pasta: string): string[] =>
  readdirSync(pasta)
    .filter((n) => n.endsWith('.reserva'))
    .map((n) => join(pasta, n));

let pasta: string;
beforeEach(() => {
  pasta = mkdtempSync(join(tmpdir(), 'reserva-'));
});
afterEach(() => rmSync(pasta, { recursive: true, force: true }));

/** A way in that is open or not, and remembers what came through. */
class Entrada implements Transporte {
  aberta = false;
  readonly vistos: string[] = [];

  async envia(eventos: readonly CloudEvent[]) {
    if (!this.aberta) throw new RetryableError('fora');
    this.vistos.push(...eventos.map((e) => e.id));
    return eventos.map(({ id }) => ({ id, estado: 'aceito' as const }));
  }

  async fecha(): Promise<void> {}
}

/** The transport, what it told, and a promise of the next time nothing is left on disk. */
async function abre(entrada: Entrada, maximoBytes = 1_000_000) {
  const avisos: Aviso[] = [];
  let vazia = (): void => {};
  const esvaziou = new Promise<void>((resolve) => {
    vazia = resolve;
  });
  const avisa = (aviso: Aviso): void => {
    avisos.push(aviso);
    if (aviso.tipo === 'entregues' && aviso.bytes === 0) vazia();
  };
  const transporte = await comReserva(entrada, { pasta, segredo: SEGREDO, maximoBytes, pausaMs: 1, avisa });
  return { transporte, avisos, esvaziou };
}

describe('the reserve on disk', () => {
  test('keeps what the way in does not take, tells so, and delivers it in order', async () => {
    const entrada = new Entrada();
    const { transporte, avisos, esvaziou } = await abre(entrada);
    expect(await transporte.envia([evento('a'), evento('b')])).toEqual([
      { id: 'a', estado: 'guardado' },
      { id: 'b', estado: 'guardado' },
    ]);
    await transporte.envia([evento('c')]);
    expect(avisos).toContainEqual(expect.objectContaining({ tipo: 'guardados', quantos: 2 }));
    entrada.aberta = true;
    await esvaziou;
    expect(entrada.vistos).toEqual(['a', 'b', 'c']);
    expect(await transporte.envia([evento('d')])).toEqual([{ id: 'd', estado: 'aceito' }]);
    await transporte.fecha();
  });

  test('events kept while others are delivered are neither lost nor overtaken', async () => {
    const entrada = new Entrada();
    const { transporte } = await abre(entrada);
    const ids = Array.from({ length: 300 }, (_, n) => String(n));
    for (const id of ids) {
      entrada.aberta = Number(id) % 7 > 1;
      await transporte.envia([evento(id)]);
    }
    entrada.aberta = true;
    await vi.waitFor(() => expect(arquivos(pasta)).toEqual([]), { interval: 5, timeout: 10_000 });
    expect([...new Set(entrada.vistos)]).toEqual(ids);
    await transporte.fecha();
  });

  test('no CPF in clear, and nobody else reads the files', async () => {
    const { transporte } = await abre(new Entrada());
    await transporte.envia([evento('a')]);
    const [arquivo = ''] = arquivos(pasta);
    expect(readFileSync(arquivo, 'latin1')).not.toContain('52998224725');
    expect(Buffer.from(readFileSync(arquivo, 'latin1'), 'base64').toString('latin1')).not.toContain('52998224725');
    expect(statSync(arquivo).mode & 0o777).toBe(0o600);
    await transporte.fecha();
  });

  test('full, it refuses the rest and keeps what it has', async () => {
    const entrada = new Entrada();
    const { transporte, avisos, esvaziou } = await abre(entrada, 800);
    const resultados = await transporte.envia(['a', 'b', 'c', 'd'].map(evento));
    const guardados = resultados.filter((r) => r.estado === 'guardado').map((r) => r.id);
    expect(guardados.length).toBeGreaterThan(0);
    expect(resultados.at(-1)).toMatchObject({ estado: 'recusado', motivo: 'RESERVA_CHEIA' });
    expect(avisos).toContainEqual(expect.objectContaining({ tipo: 'cheia', recusados: 4 - guardados.length }));
    entrada.aberta = true;
    await esvaziou;
    expect(entrada.vistos).toEqual(guardados);
    await transporte.fecha();
  });

  test('what was acknowledged before a kill -9 is there after it', async () => {
    const programa = `
      import { Segmentos } from './producer/segmentos.ts';
      const segmentos = await Segmentos.abre(${JSON.stringify(pasta)}, ${JSON.stringify(SEGREDO)});
      for (let n = 0; ; n += 1) {
        await segmentos.guarda([{ id: String(n) }], 1e9);
        console.log(n);
      }`;
    const filho = spawn(process.execPath, ['--input-type=module', '-e', programa], { cwd: PROJECT_ROOT });
    const fim = once(filho, 'exit');
    let ultimo = -1;
    for await (const linha of createInterface({ input: filho.stdout })) {
      ultimo = Number(linha);
      if (ultimo === 20) filho.kill('SIGKILL');
    }
    expect(await fim).toEqual([null, 'SIGKILL']);
    const segmentos = await Segmentos.abre(pasta, SEGREDO);
    const ids = (await segmentos.primeiro())?.eventos.map((e) => Number(e.id)) ?? [];
    expect(ultimo).toBeGreaterThanOrEqual(20);
    expect(ids.slice(0, ultimo + 1)).toEqual(Array.from({ length: ultimo + 1 }, (_, n) => n));
  });

  test('another secret, and another living process, are refused', async () => {
    const { transporte } = await abre(new Entrada());
    await transporte.envia([evento('a')]);
    await transporte.fecha();
    await expect(Segmentos.abre(pasta, 'outro segredo, também comprido')).rejects.toMatchObject({
      code: 'RESERVA_ILEGIVEL',
    });
    writeFileSync(join(pasta, 'dono'), String(process.ppid));
    await expect(Segmentos.abre(pasta, SEGREDO)).rejects.toMatchObject({ code: 'RESERVA_EM_USO' });
  });

  test('whatever the order of appends, crashes, torn tails and deliveries, nothing kept is lost or overtaken', async () => {
    const passo = fc.oneof(
      fc.record({ faz: fc.constant('guarda' as const), quantos: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ faz: fc.constant('cai' as const), rasgo: fc.integer({ min: 0, max: 60 }) }),
      fc.record({ faz: fc.constant('entrega' as const), apaga: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(passo, { maxLength: 25 }), async (passos) => {
        rmSync(pasta, { recursive: true, force: true });
        let segmentos = await Segmentos.abre(pasta, SEGREDO);
        const guardados: string[] = [];
        const entregues = new Set<string>();
        const entrega = async (apaga: boolean): Promise<boolean> => {
          const primeiro = await segmentos.primeiro();
          for (const { id } of primeiro?.eventos ?? []) entregues.add(id);
          // Not deleted: the process died between the delivery and its deletion.
          if (primeiro !== null && apaga) await segmentos.descarta(primeiro.nome);
          return primeiro !== null;
        };
        for (const p of passos) {
          if (p.faz === 'guarda') {
            const ids = Array.from({ length: p.quantos }, (_, n) => String(guardados.length + n));
            expect(await segmentos.guarda(ids.map(evento), 1e9)).toBe(ids.length);
            guardados.push(...ids);
          } else if (p.faz === 'entrega') await entrega(p.apaga);
          else {
            await segmentos.guarda([evento('rasgado')], 1e9);
            await segmentos.fecha();
            // The unacknowledged last record, cut short.
            const ultimo = arquivos(pasta).sort().at(-1) ?? '';
            truncateSync(ultimo, statSync(ultimo).size - 1 - p.rasgo);
            segmentos = await Segmentos.abre(pasta, SEGREDO);
          }
        }
        while (await entrega(true));
        expect([...entregues]).toEqual(guardados);
        await segmentos.fecha();
      }),
      { numRuns: 25 },
    );
  });
});
