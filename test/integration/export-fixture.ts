import { readdirSync } from 'node:fs';
import { inject } from 'vitest';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { codecFor } from '#platform/codec.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { connectRegistry } from '#platform/registry.ts';
import { exportaParaBi, type Pedido } from '../../services/cli/exportacao-bi/exportacao.ts';
import { DECISAO } from '../../services/cli/exportacao-bi/pasta-fixture.ts';
import { sql } from './exported.ts';
import { kafka, unique } from './kafka-fixture.ts';

const registry = connectRegistry(inject('registryUrl'));
export const DESDE = Date.parse('2026-01-01T03:00:00Z');

/** What a record of a source is made of: its number says what is odd about it. */
function interacao(source: string, n: number): Interacao {
  const pf = `pf:${String(n % 900).padStart(22, 'x')}`;
  // What breaks a CSV that is written carelessly.
  const protocolo = ['a,b', 'diz "sim"', 'duas\nlinhas', '', ' ', 'é—ç', '\r\n', "d'água"][n % 8] ?? null;
  const base = { ...INTERACAO_VAZIA, source, id: `e${n}`, tipoInteracao: 'atendimento', unidade: 'SP' };
  const comum = { time: DESDE + n * 60_000, canal: 'telefone', tipoSolucao: 'orientacao-tecnica' };
  const valor = n % 3 === 0 ? null : n / 7;
  return { ...base, ...comum, protocolo, valor, cliente: { pf, pj: null, naoIdentificado: null } };
}

/** Classified records of a source, `de` to `ate`, each third of them not counting; over all partitions. */
export async function classificadas(source: string, de: number, ate: number): Promise<OutputRecord[]> {
  const codec = await codecFor(registry, 'interacoes-contabilizadas');
  return Array.from({ length: ate - de }, (_, k) => {
    const n = de + k;
    const [i, contabiliza] = [interacao(source, n), n % 3 !== 0];
    const topic = contabiliza ? 'interacoes-contabilizadas' : 'interacoes-nao-contabilizadas';
    const creditos = contabiliza ? [i.cliente?.pf ?? ''] : [];
    const decisao = { ...DECISAO, contabiliza, creditos, chave: contabiliza ? `k${n}` : null };
    return { topic, key: i.cliente?.pf ?? null, value: codec.encode({ interacao: i, decisao }) };
  });
}

/** Writes as the classifier does: in transactions. */
export async function grava(registros: readonly OutputRecord[]): Promise<void> {
  const escritor = await kafka.exclusive(unique('escritor'));
  for (let n = 0; n < registros.length; n += 700) await escritor.send(registros.slice(n, n + 700));
  await escritor.close();
}

/** Exports in this process. */
export async function exporta(pedido: Partial<Pedido> & { pasta: string }) {
  const admin = await kafka.admin();
  const inteiro: Pedido = { de: DESDE, ate: null, formato: 'parquet', porArquivo: 250_000, ...pedido };
  try {
    return await exportaParaBi({ kafka, admin, registry }, inteiro, () => undefined);
  } finally {
    await admin.close();
  }
}

/** Every place of a committed record of a source in the classified topics, `topic/partition/offset`, by what BI reads. */
export async function lugaresNoKafka(source: string): Promise<string[]> {
  const codec = await codecFor(registry, 'interacoes-contabilizadas');
  const lugares: string[] = [];
  for (const topic of ['interacoes-contabilizadas', 'interacoes-nao-contabilizadas'] as const) {
    await kafka.readToEnd(topic, {
      onBatch: async ({ partition, records }) => {
        for (const { offset, value } of records) {
          if ((await codec.decode(value)).interacao.source === source) lugares.push(`${topic}/${partition}/${offset}`);
        }
      },
    });
  }
  return lugares.sort();
}

/** The same places, as the exported folder has them: one that is there twice is twice here. */
export async function lugaresNaPasta(dir: string, source: string): Promise<string[]> {
  const lugar = "topico || '/' || particao || '/' || posicao";
  const linhas = await sql(dir, `SELECT ${lugar} FROM classificadas WHERE source = '${source}'`);
  return linhas.map(([um]) => String(um)).sort();
}

/** The files of records in a folder, whatever its manifest says. */
export const arquivosEm = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((nome) => /\d{15}-\d{15}\.(csv|parquet)$/.test(nome))
    .sort();
