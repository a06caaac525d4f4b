import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { codecFor } from '#platform/codec.ts';
import { type InputRecord, NO_HEADERS, type ReadOptions } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import { exportaParaBi, type Servidores } from './exportacao.ts';
import type { Manifesto } from './manifesto.ts';
import { consulta, decidida, pastaDeTeste } from './pasta-fixture.ts';

const DESDE = Date.parse('2026-01-01T03:00:00Z');
const DIA = 86_400_000;
const registry: Registry = { register: async () => 1, idOf: async () => 1, writer: async () => null };

/** A disk that fails at its n-th step, before it or once it is done. */
const disco = vi.hoisted(() => ({ passos: 0, falhaEm: Number.POSITIVE_INFINITY, depois: false }));
vi.mock('./gravacao.ts', async (original) => {
  const de = await original<typeof import('./gravacao.ts')>();
  const comFalha = <A extends unknown[]>(passo: (...args: A) => Promise<void>) => {
    return async (...args: A): Promise<void> => {
      const falha = disco.passos++ === disco.falhaEm;
      if (falha && !disco.depois) throw new Error('morto');
      await passo(...args);
      if (falha) throw new Error('morto');
    };
  };
  return { ...de, poe: comFalha(de.poe), gravaInteiro: comFalha(de.gravaInteiro) };
});
afterEach(() => Object.assign(disco, { passos: 0, falhaEm: Number.POSITIVE_INFINITY }));

type Log = Record<string, InputRecord[][]>;

/** Topics in memory; offsets have gaps, as transactions leave them, and one more at the end. */
function servidoresDe(log: Log): Servidores {
  const particoes = (topico: string) => log[topico] ?? [[], []];
  return {
    registry,
    admin: {
      offsets: async (topico) =>
        particoes(topico).map((registros, partition) => {
          return { partition, low: 0, high: registros.length === 0 ? 0 : (registros.at(-1)?.offset ?? 0) + 2 };
        }),
    },
    kafka: {
      async readToEnd(topic: string, { partitions, from, to, onBatch }: ReadOptions) {
        for (const [partition, todos] of particoes(topic).entries()) {
          if (partitions?.includes(partition) === false) continue;
          const [de, ate] = [from?.get(partition) ?? 0, to?.get(partition) ?? Number.POSITIVE_INFINITY];
          const records = todos.filter(({ offset }) => offset >= de && offset < ate);
          for (let n = 0; n < records.length; n += 7) {
            await onBatch({ topic, partition, records: records.slice(n, n + 7) });
          }
        }
      },
    },
  };
}

async function registros(
  de: number,
  ate: number,
  topico: 'interacoes-contabilizadas' | 'interacoes-nao-contabilizadas',
) {
  const codec = await codecFor(registry, topico);
  return Array.from({ length: ate - de }, (_, k): InputRecord => {
    const n = de + k;
    const { valor } = decidida(
      { id: `e${n}`, time: DESDE + n * DIA },
      { contabiliza: topico === 'interacoes-contabilizadas' },
    );
    return { offset: n * 2, timestamp: n, key: null, value: codec.encode(valor), headers: NO_HEADERS };
  });
}

const logDe = async (contam: number, naoContam: number): Promise<Log> => ({
  'interacoes-contabilizadas': [await registros(0, contam, 'interacoes-contabilizadas'), []],
  'interacoes-nao-contabilizadas': [[], await registros(0, naoContam, 'interacoes-nao-contabilizadas')],
});

const exporta = (log: Log, pasta: string, ate: number | null = null) =>
  exportaParaBi(servidoresDe(log), { pasta, formato: 'csv', porArquivo: 10, de: DESDE, ate }, () => undefined);

/** The offsets of both topics in a folder, each as often as it is there. */
async function naPasta(pasta: string): Promise<unknown[]> {
  const sql = readFileSync(join(pasta, 'visoes.sql'), 'utf8');
  const posicoes = 'SELECT topico, posicao::INT AS posicao FROM classificadas ORDER BY ALL';
  return consulta([`SET file_search_path = '${pasta}'`, sql, posicoes]);
}

const esperadas = (log: Log) =>
  Object.entries(log).flatMap(([topico, particoes]) =>
    particoes.flat().map(({ offset: posicao }) => ({ topico, posicao })),
  );

it.each([false, true])(
  'stopped at any step on the disk (done: %s) and repeated, it has each record once',
  async (depois) => {
    const log = await logDe(34, 25);
    await exporta(log, pastaDeTeste());
    const passos = disco.passos;
    expect(passos).toBeGreaterThan(15);
    for (let falhaEm = 0; falhaEm < passos; falhaEm += 1) {
      const pasta = pastaDeTeste();
      Object.assign(disco, { passos: 0, falhaEm, depois });
      await expect(exporta(log, pasta)).rejects.toThrow('morto');
      await exporta(log, pasta);
      if (falhaEm % 4 === 0) expect(await naPasta(pasta), `stopped at ${falhaEm}`).toEqual(esperadas(log));
      const { arquivos } = JSON.parse(readFileSync(join(pasta, 'manifesto.json'), 'utf8')) as Manifesto;
      expect(arquivos.reduce((n, a) => n + a.registros, 0)).toBe(59);
    }
  },
);

it('reads on from where it ended, up to the end, and over what is not of the period', async () => {
  const pasta = pastaDeTeste();
  const ate = DESDE + 30 * DIA;
  await exporta(await logDe(20, 0), pasta, ate);
  const { antes, pasta: depois } = await exporta(await logDe(50, 12), pasta, ate);
  expect(antes['interacoes-contabilizadas']).toEqual({ registros: 20, arquivos: 2, ilegiveis: 0 });
  expect(depois['interacoes-contabilizadas']).toEqual({ registros: 30, arquivos: 3, ilegiveis: 0 });
  const { posicoes } = JSON.parse(readFileSync(join(pasta, 'manifesto.json'), 'utf8')) as Manifesto;
  expect(posicoes['interacoes-contabilizadas']).toMatchObject({ 0: { posicao: 100 }, 1: { posicao: 0 } });
  await expect(exporta(await logDe(10, 12), pasta, ate)).rejects.toMatchObject({ code: 'EXPORTACAO_DESCONTINUA' });
});

it('keeps the estornos that come after the period, and counts what cannot be read', async () => {
  const pasta = pastaDeTeste();
  const codec = await codecFor(registry, 'interacoes-nao-contabilizadas');
  const parte = { tipoInteracao: 'estorno', estornada: { source: 'crm', id: 'e1' }, time: DESDE + 90 * DIA };
  const { valor } = decidida({ id: 'x', ...parte }, { contabiliza: false, motivo: 'ESTORNO' });
  const base = { timestamp: 0, key: null, headers: NO_HEADERS };
  const log = {
    'interacoes-nao-contabilizadas': [
      [
        { ...base, offset: 0, value: codec.encode(valor) },
        { ...base, offset: 1, value: Buffer.from('lixo') },
        { ...base, offset: 2, value: null },
      ],
    ],
  };
  const { pasta: total } = await exporta(log, pasta, DESDE + 30 * DIA);
  expect(total['interacoes-nao-contabilizadas']).toEqual({ registros: 1, arquivos: 1, ilegiveis: 2 });
});
