import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import type { Interacao } from '#domain/interacao.ts';
import { INTERACAO_VAZIA } from '#domain/interacao.ts';
import { REDECIDIDA } from '#platform/apuracoes.ts';
import type { ApuracaoGravada, DecisaoClassificada, InteracaoClassificada, Quarentena } from '#platform/codec-types.ts';
import { NO_HEADERS } from '#platform/kafka/port.ts';
import type { Coluna, Lido } from './colunas.ts';
import { COLUNAS_DAS_INTERACOES } from './colunas-das-interacoes.ts';
import { cabecalho, linha } from './csv.ts';
import { COLUNAS_DAS_APURACOES, TABELAS } from './tabelas.ts';
import { visoesDe } from './visoes.ts';

export function pastaDeTeste(): string {
  const nova = mkdtempSync(join(tmpdir(), 'atendido-bi-'));
  onTestFinished(() => rmSync(nova, { recursive: true, force: true }));
  return nova;
}

/** The rows of a query, in a database of its own. */
export async function consulta(sql: readonly string[]): Promise<Record<string, unknown>[]> {
  const duckdb = await DuckDBInstance.create(':memory:');
  const conexao = await duckdb.connect();
  try {
    for (const um of sql.slice(0, -1)) await conexao.run(um);
    return (await conexao.runAndReadAll(sql.at(-1) ?? '')).getRowObjectsJson();
  } finally {
    conexao.closeSync();
    duckdb.closeSync();
  }
}

let posicao = 0;

function lido<T>(topico: string, valor: T, redecidida: boolean): Lido<T> {
  posicao += 1;
  const headers = redecidida ? { [REDECIDIDA]: Buffer.from('1') } : NO_HEADERS;
  return {
    topico,
    particao: 0,
    registro: { offset: posicao, timestamp: posicao, key: null, value: null, headers },
    valor,
  };
}

/** One that counts; a test says what is different about its own. */
export const DECISAO: DecisaoClassificada = {
  contabiliza: true,
  metrica: 'atendimento',
  motivo: 'INTERACAO_DE_ATENDIMENTO',
  regra: '2.1',
  rulebook: '2024-1',
  modalidade: 'a-distancia',
  estrutura: 'individual',
  propostaValor: 'conhecimento',
  apuracao: 0,
  creditos: [],
  chave: null,
};

/** One decision of an interaction, later than those made before. */
export function decidida(
  interacao: Partial<Interacao> & { id: string },
  decisao: Partial<DecisaoClassificada> = {},
  redecidida = false,
): Lido<InteracaoClassificada> {
  const i = {
    ...INTERACAO_VAZIA,
    source: 'crm',
    time: Date.parse('2026-03-02T13:00:00Z'),
    unidade: 'SP',
    ...interacao,
  };
  const d = { ...DECISAO, ...decisao };
  const topico = d.contabiliza ? 'interacoes-contabilizadas' : 'interacoes-nao-contabilizadas';
  return lido(topico, { interacao: i, decisao: d }, redecidida);
}

/** A record set aside. */
export function postaDeLado(id: string, apuracao: number, redecidida: boolean): Lido<Quarentena> {
  const onde = { topico: 'interacoes', particao: 0, posicao: 0, recebidaEm: 0, estagio: 'classifier' };
  const porque = { motivo: 'CANAL_DESCONHECIDO', detalhe: '', rulebook: '2024-1', tentativa: 1 };
  const bytes = { chave: null, valor: null, cabecalhos: {} };
  return lido('interacoes-em-quarentena', { ...bytes, ...onde, ...porque, source: 'crm', id, apuracao }, redecidida);
}

export function apuracao(numero: number, estado: ApuracaoGravada['estado']): Lido<ApuracaoGravada> {
  const quem = { base: numero - 1, por: 'ana', em: 0, desde: 0, versao: `r${numero}`, rulebook: '' };
  return lido('apuracoes', { numero, estado, ...quem, interacoes: [], presencas: [] }, false);
}

const emCsv = <T>(colunas: readonly Coluna<T>[], lidos: readonly Lido<T>[]): string =>
  cabecalho(colunas) + lidos.map((um) => linha(colunas, um)).join('');

/** What SQL answers over an exported folder that holds this. */
export async function pergunta(
  sql: string,
  decididas: readonly Lido<InteracaoClassificada>[],
  resto: { quarentena?: Lido<Quarentena>[]; apuracoes?: Lido<ApuracaoGravada>[] } = {},
): Promise<Record<string, unknown>[]> {
  const pasta = pastaDeTeste();
  const arquivos = ['interacoes-contabilizadas', 'interacoes-nao-contabilizadas', 'interacoes-em-quarentena'] as const;
  for (const topico of arquivos) {
    mkdirSync(join(pasta, topico));
    const texto =
      topico === 'interacoes-em-quarentena'
        ? emCsv(TABELAS[2].colunas, resto.quarentena ?? [])
        : emCsv(
            COLUNAS_DAS_INTERACOES,
            decididas.filter((d) => d.topico === topico),
          );
    writeFileSync(join(pasta, topico, '0000-0-1.csv'), texto);
  }
  writeFileSync(join(pasta, 'apuracoes.csv'), emCsv(COLUNAS_DAS_APURACOES, resto.apuracoes ?? []));
  const lugar = { particao: 0, de: 0, ate: 1, registros: 1 };
  const manifesto = { formato: 'csv' as const, arquivos: arquivos.map((t) => ({ arquivo: '', topico: t, ...lugar })) };
  return consulta([`SET file_search_path = '${pasta}'`, visoesDe(manifesto), sql]);
}
