import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SchemaName, schemaOf } from '#platform/codec-types.ts';
import { PROJECT_ROOT } from '#platform/config.ts';
import { TOPIC_NAMES, TOPICS } from '#platform/topics.ts';
import type { Coluna } from './colunas.ts';
import { COLUNAS_DAS_INTERACOES } from './colunas-das-interacoes.ts';
import { COLUNAS_DAS_APURACOES, TABELAS } from './tabelas.ts';
import { TABELA_DO_TOPICO, visoesDe } from './visoes.ts';

const pagina = readFileSync(join(PROJECT_ROOT, 'docs/bi.md'), 'utf8');

type Esquema = string | Esquema[] | ({ type: Esquema; name?: string; logicalType?: string } & Record<string, unknown>);
type Campo = [caminho: string, tipo: string];

/** The leaves of an Avro schema by their paths; `?`: may be missing. */
function camposDe(esquema: Esquema, caminho = '', pode = '', nomes = new Map<string, Esquema>()): Campo[] {
  if (Array.isArray(esquema)) {
    const outros = esquema.filter((e) => e !== 'null');
    return camposDe(outros[0] ?? '', caminho, outros.length < esquema.length ? '?' : pode, nomes);
  }
  if (typeof esquema === 'string') {
    const nomeado = nomes.get(esquema);
    return nomeado === undefined ? [[caminho, esquema + pode]] : camposDe(nomeado, caminho, pode, nomes);
  }
  if (esquema.logicalType !== undefined) return [[caminho, esquema.logicalType + pode]];
  if (esquema.type === 'map') return [[caminho, `map<${esquema.values}>${pode}`]];
  if (esquema.type === 'array') {
    const itens = esquema.items as Esquema;
    const simples = typeof itens === 'string' && !nomes.has(itens);
    return simples ? [[caminho, `array<${itens}>${pode}`]] : camposDe(itens, `${caminho}[]`, pode, nomes);
  }
  if (esquema.type !== 'record') return camposDe(esquema.type, caminho, pode, nomes);
  nomes.set(esquema.name ?? '', esquema);
  const campos = esquema.fields as { name: string; type: Esquema }[];
  return campos.flatMap((c) => camposDe(c.type, caminho === '' ? c.name : `${caminho}.${c.name}`, pode, nomes));
}

/** The rows of the table under a heading, without their last cell, which is words. */
function tabelaDe(titulo: string): string[][] {
  const [, secao = ''] = pagina.split(`\n### ${titulo}\n`);
  const linhas = (secao.split(/\n##/)[0] ?? '').split('\n').filter((l) => /^\| (`|–)/.test(l));
  return linhas.map((l) =>
    l
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((c) => c.trim()),
  );
}

const semAspas = (texto: string): string => texto.replaceAll('`', '');

const TODAS: Record<string, readonly Pick<Coluna<never>, 'nome' | 'tipo' | 'campo'>[]> = {
  Interacao: COLUNAS_DAS_INTERACOES.filter((c) => c.campo?.startsWith('interacao.')),
  Decisao: COLUNAS_DAS_INTERACOES.filter((c) => c.campo === null || c.campo.startsWith('decisao.')),
  Quarentena: TABELAS[2].colunas,
  ClienteAtendido: TABELAS[3].colunas,
  Apuracao: COLUNAS_DAS_APURACOES,
};
const SECOES = [
  ...['Interacao', 'Decisao', 'ClienteAtendido', 'Quarentena', 'Apuracao', 'Solucao', 'Disponibilizacao'],
  ...['LoteDeLancamentos', 'ResolucaoDeQuarentena'],
];

function esperados(secao: string): Campo[] {
  if (secao !== 'Decisao') return camposDe(schemaOf(secao as SchemaName) as Esquema);
  const todos = camposDe(schemaOf('InteracaoClassificada') as Esquema);
  return todos.filter(([c]) => c.startsWith('decisao.')).map(([c, tipo]) => [c.slice('decisao.'.length), tipo]);
}

describe('docs/bi.md', () => {
  it.each(SECOES)('has every field of %s with its type, and no other', (secao) => {
    const campos = tabelaDe(secao).filter(([campo]) => campo !== '–');
    expect(campos.map(([campo = '', tipo]) => [semAspas(campo), tipo])).toEqual(esperados(secao));
  });

  it.each(SECOES)('has every column that %s is exported to, with its type, and no other', (secao) => {
    const ditas = tabelaDe(secao).flatMap(([, , colunas = '']) => (colunas === '–' ? [] : colunas.split(', ')));
    const ha = (TODAS[secao] ?? []).map(({ nome, tipo }) => `${nome} ${tipo}`);
    expect(ditas.map(semAspas).sort()).toEqual(ha.sort());
  });

  it('says what every field is', () => {
    for (const secao of SECOES) for (const linha of tabelaDe(secao)) expect(linha[3], linha[0]).toMatch(/\p{L}{3}/u);
  });

  it('has every topic with its schema, and no other', () => {
    const linhas = [...pagina.matchAll(/^\| `([a-z-]+)` \| [^|]*(?:\\\|[^|]*)? \| ([A-Z]\w+) \|/gm)];
    expect(linhas.map(([, topico, esquema]) => [topico, esquema])).toEqual(
      TOPIC_NAMES.map((topico) => [topico, TOPICS[topico].schema]),
    );
  });

  it('names every table there is', () => {
    const sql = visoesDe({ formato: 'parquet', arquivos: [] });
    const feitas = [...sql.matchAll(/CREATE OR REPLACE VIEW (\w+)/g)].map(([, nome = '']) => nome);
    const internas = new Set(['vigentes', 'postas_de_lado', 'estornos']);
    for (const nome of feitas.filter((n) => !internas.has(n))) expect(pagina).toContain(`\`${nome}\``);
    for (const nome of Object.values(TABELA_DO_TOPICO)) expect(feitas).toContain(nome);
  });
});
