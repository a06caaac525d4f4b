import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { COLUNAS_DAS_INTERACOES } from './colunas-das-interacoes.ts';
import { cabecalho, leituraDoCsv, linha } from './csv.ts';
import { abreConversor } from './duckdb.ts';
import { consulta, decidida, pastaDeTeste } from './pasta-fixture.ts';

const DIFICEIS = [
  '',
  ' ',
  'a,b',
  '"',
  '""',
  'a"b',
  '\n',
  '\r\n',
  'x\ny',
  'NULL',
  'null',
  "d'água",
  'ação—☕',
  '\t',
  '\u0000',
];

it('writes what DuckDB reads back as it was, and parquet the same', async () => {
  const pasta = pastaDeTeste();
  const lidos = DIFICEIS.map((protocolo, n) => {
    const tempo = { time: Date.parse('2026-01-01T02:59:59.999Z') + n, valor: n === 0 ? null : n / 3 };
    return decidida({ id: `e${n}`, protocolo, momento: n % 2 === 0 ? protocolo : null, ...tempo });
  });
  const [csv, parquet] = [join(pasta, 'a.csv'), join(pasta, 'a.parquet')];
  const texto = lidos.map((lido) => linha(COLUNAS_DAS_INTERACOES, lido)).join('');
  writeFileSync(csv, cabecalho(COLUNAS_DAS_INTERACOES) + texto);
  const conversor = await abreConversor(pasta);
  await conversor.converte(csv, parquet, COLUNAS_DAS_INTERACOES);
  conversor.fecha();
  const doCsv = await consulta([`FROM ${leituraDoCsv(csv, COLUNAS_DAS_INTERACOES)} ORDER BY posicao`]);
  expect(doCsv.map((l) => l.protocolo)).toEqual(DIFICEIS);
  expect(doCsv.map((l) => l.momento)).toEqual(DIFICEIS.map((um, n) => (n % 2 === 0 ? um : null)));
  expect(doCsv.map((l) => l.valor)).toEqual(DIFICEIS.map((_, n) => (n === 0 ? null : n / 3)));
  expect(doCsv.slice(0, 2).map((l) => [l.ocorrida_em, l.dia])).toEqual([
    ['2026-01-01 02:59:59.999+00', '2025-12-31'],
    ['2026-01-01 03:00:00+00', '2026-01-01'],
  ]);
  expect(await consulta([`FROM read_parquet('${parquet}') ORDER BY posicao`])).toEqual(doCsv);
  const tipos = await consulta([`DESCRIBE FROM read_parquet('${parquet}')`]);
  const nomes = tipos.map((l) =>
    `${l.column_name} ${l.column_type}`.replace('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ'),
  );
  expect(nomes).toEqual(COLUNAS_DAS_INTERACOES.map(({ nome, tipo }) => `${nome} ${tipo}`));
});
