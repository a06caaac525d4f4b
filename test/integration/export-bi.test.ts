import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { RecordTooLargeError } from '../../platform/kafka/errors.ts';
import { pastaDeTeste } from '../../services/cli/exportacao-bi/pasta-fixture.ts';
import { atendido } from './comando.ts';
import { arquivosEm, classificadas, exporta, grava, lugaresNaPasta, lugaresNoKafka } from './export-fixture.ts';
import { sql } from './exported.ts';
import { FIXTURES, newTopic, unique, until } from './kafka-fixture.ts';

const env = {
  ...process.env,
  KAFKA_BROKERS: inject('kafkaBrokers'),
  SCHEMA_REGISTRY_URL: inject('registryUrl'),
  REDIS_URL: inject('redisUrl'),
};
const comando = (dir: string, ...opcoes: string[]) =>
  atendido(['export', '--from', '2026-01-01', '--out', dir, '--json', ...opcoes], env);

/** Kills an export once it has put as many files in their place. */
async function mataDepoisDe(dir: string, arquivos: number, ...opcoes: string[]): Promise<void> {
  const { processo, fim } = comando(dir, ...opcoes);
  const acabou = fim.then(({ codigo, erros }) => {
    if (codigo !== null) throw new Error(`ended by itself with ${codigo}: ${erros}`);
  });
  await Promise.race([until(() => existsSync(dir) && arquivosEm(dir).length >= arquivos, 'files'), acabou]);
  processo.kill('SIGKILL');
  await fim;
}

it('killed twice in the middle and repeated, it has each record once', async () => {
  const [dir, source] = [join(pastaDeTeste(), 'bi'), unique('fonte')];
  await grava(await classificadas(source, 0, 2_000));
  const opcoes = ['--linhas', '150'];
  await mataDepoisDe(dir, 3, ...opcoes);
  const deixados = arquivosEm(dir).length;
  await mataDepoisDe(dir, deixados + 4, ...opcoes);
  const { codigo, saida, erros } = await comando(dir, ...opcoes).fim;
  expect(codigo, erros).toBe(0);
  const { antes, total } = JSON.parse(saida);
  // It went on, and did not begin anew.
  expect(antes['interacoes-contabilizadas'].arquivos).toBeGreaterThan(3);
  expect(total['interacoes-contabilizadas'].arquivos).toBe(
    arquivosEm(dir).filter((nome) => nome.startsWith('interacoes-contabilizadas/')).length,
  );
  const lugares = await lugaresNaPasta(dir, source);
  expect(lugares).toHaveLength(2_000);
  expect(lugares).toEqual(await lugaresNoKafka(source));
});

it('adds what came since and nothing else, the same in parquet and in CSV', async () => {
  const [parquet, csv, source] = [pastaDeTeste(), pastaDeTeste(), unique('fonte')];
  await grava(await classificadas(source, 0, 500));
  for (const [dir, formato] of [
    [parquet, 'parquet'],
    [csv, 'csv'],
  ] as const)
    await exporta({ pasta: dir, formato });
  const jaHavia = arquivosEm(parquet);
  await grava(await classificadas(source, 500, 730));
  for (const [dir, formato] of [
    [parquet, 'parquet'],
    [csv, 'csv'],
  ] as const) {
    const { pasta: total, antes } = await exporta({ pasta: dir, formato });
    const novos = (topico: keyof typeof total) => total[topico].registros - antes[topico].registros;
    expect(novos('interacoes-contabilizadas') + novos('interacoes-nao-contabilizadas')).toBe(230);
    expect(await lugaresNaPasta(dir, source)).toEqual(await lugaresNoKafka(source));
  }
  expect(arquivosEm(parquet)).toEqual(expect.arrayContaining(jaHavia));
  const tudo = `SELECT * FROM classificadas WHERE source = '${source}' ORDER BY topico, particao, posicao`;
  const linhas = await sql(parquet, tudo);
  expect(linhas).toHaveLength(730);
  expect(await sql(csv, tudo)).toEqual(linhas);
  const antes = arquivosEm(csv);
  await exporta({ pasta: csv, formato: 'csv' });
  expect(arquivosEm(csv)).toEqual(antes);
});

it('leaves out what was not committed, and what is out of the period', async () => {
  const [dir, source, desfeita] = [pastaDeTeste(), unique('fonte'), unique('desfeita')];
  const { transact } = FIXTURES[0]?.[1] ?? { transact: grava };
  const pequeno = await newTopic(1, { 'max.message.bytes': '2000' });
  const recusado = { topic: pequeno, key: null, value: randomBytes(5_000) };
  await expect(transact([...(await classificadas(desfeita, 0, 60)), recusado])).rejects.toThrow(RecordTooLargeError);
  await grava(await classificadas(source, 0, 120));
  const ate = Date.parse('2026-01-01T04:00:00Z');
  await exporta({ pasta: dir, ate });
  const contagem = await sql(
    dir,
    `SELECT source, count(*)::INT FROM classificadas
    WHERE source IN ('${source}', '${desfeita}') GROUP BY source`,
  );
  expect(contagem).toEqual([[source, 60]]);
});

it('refuses a folder that is in use, of other options, or of another Kafka', async () => {
  const dir = pastaDeTeste();
  await grava(await classificadas(unique('fonte'), 0, 20));
  await exporta({ pasta: dir });
  await expect(exporta({ pasta: dir, formato: 'csv' })).rejects.toThrow(/--format \(parquet, e não csv\)/);
  const aoMesmoTempo = await Promise.allSettled([exporta({ pasta: dir }), exporta({ pasta: dir })]);
  expect(aoMesmoTempo.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const arquivo = join(dir, 'manifesto.json');
  const manifesto = JSON.parse(readFileSync(arquivo, 'utf8'));
  manifesto.posicoes['clientes-atendidos'][0].posicao = 9_999_999;
  writeFileSync(arquivo, JSON.stringify(manifesto));
  await expect(exporta({ pasta: dir })).rejects.toMatchObject({ code: 'EXPORTACAO_DESCONTINUA' });
});
