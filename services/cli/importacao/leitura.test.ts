import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { nomeDoRelatorio } from './estado.ts';
import { prepara } from './importa.ts';
import type { Item } from './leitura.ts';
import { Relatorio } from './relatorio.ts';

const pasta = mkdtempSync(join(tmpdir(), 'atendido-leitura-'));
vi.stubEnv('ATENDIDO_HOME', pasta);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(pasta, { recursive: true, force: true });
});

let arquivos = 0;
function grava(nome: string, conteudo: string | Buffer): string {
  arquivos += 1;
  const caminho = join(pasta, `${arquivos}-${nome}`);
  writeFileSync(caminho, conteudo);
  return caminho;
}
const MAPA = 'campos: {id: N, tipo: {constante: login}, time: Data, unidade: UF, protocolo: Nota}\n';

async function abre(arquivo: string, topo: string | null = '') {
  const mapa = topo === null ? undefined : grava('mapa.yaml', `${topo}\n${MAPA}`);
  const pedido = { arquivo, source: 'crm', mapa, recomeca: false };
  const { leitura } = await prepara(pedido);
  const itens = async (desde = leitura.inicio): Promise<Item[]> => {
    const todos: Item[] = [];
    for await (const alguns of leitura.itens(desde)) todos.push(...alguns);
    return todos;
  };
  return { leitura, itens };
}

/** Of each line: its event's id and note, or the code it is refused with. */
const resumo = (itens: readonly Item[]) =>
  itens.map(({ linha, lido }) =>
    'evento' in lido ? [linha, lido.evento.id, lido.evento.data.protocolo] : [linha, lido.erros[0].codigo],
  );

async function relata(arquivo: string, topo?: string | null): Promise<string> {
  const { leitura, itens } = await abre(arquivo, topo);
  const caminho = nomeDoRelatorio(arquivo, leitura.relatorio.extensao);
  const relatorio = new Relatorio(caminho, leitura.relatorio, 0);
  const todos = await itens();
  await relatorio.escreve(todos.flatMap((i) => ('erros' in i.lido ? [{ ...i, erros: i.lido.erros }] : [])));
  await relatorio.fecha();
  return caminho;
}

const LINHAS = ['N;Data;UF;Nota', '1;02/03/2026;SP;São João', '2;31/02/2026;SP;açaí', ';;;', '3;02/03/2026;SP;"a;b"'];
const LIDAS = [
  [2, '1', 'São João'],
  [3, 'DATA_INVALIDA'],
  [5, '3', 'a;b'],
];

describe('a CSV', () => {
  it.each([
    ['in UTF-8', LINHAS.join('\n'), ''],
    ['with a byte order mark and Windows ends of line', `\ufeff${LINHAS.join('\r\n')}\r\n`, ''],
    ['with commas', LINHAS.join('\n').replaceAll(';', ',').replace('"a,b"', 'a;b'), ''],
    ['with tabs', LINHAS.join('\n').replaceAll(';', '\t').replace('"a\tb"', 'a;b'), ''],
    ['in Latin-1', Buffer.from(LINHAS.join('\n'), 'latin1'), 'codificacao: latin1'],
    ['compressed', gzipSync(LINHAS.join('\n')), ''],
  ])('is read %s', async (_nome, conteudo, topo) => {
    const { itens } = await abre(grava('a.csv', conteudo), topo);
    expect(resumo(await itens())).toEqual(LIDAS);
  });

  it.each([
    ['plain', (t: string) => Buffer.from(t)],
    ['compressed', (t: string) => gzipSync(t)],
  ])('goes on from wherever a record ends, %s', async (_nome, escreve) => {
    const linhas = Array.from({ length: 50 }, (_, n) => `${n};02/03/2026;SP;"nota\n${n}; é"`);
    const { itens } = await abre(grava('a.csv', escreve([LINHAS[0], ...linhas].join('\r\n'))));
    const todos = await itens();
    for (const [n, { fim }] of todos.entries()) {
      if (n % 7 === 0) expect(resumo(await itens(fim))).toEqual(resumo(todos.slice(n + 1)));
    }
  });

  it('is read after the line with which Excel tells its separator', async () => {
    const { itens } = await abre(
      grava('a.csv', `sep=|\n${LINHAS.join('\n').replaceAll(';', '|').replace('a|b', 'a;b')}`),
    );
    expect(resumo(await itens())).toEqual(LIDAS.map(([n, ...resto]) => [Number(n) + 1, ...resto]));
  });

  it('is read without a header where the map names its columns', async () => {
    const { itens } = await abre(
      grava('a.csv', LINHAS.slice(1).join('\n')),
      'colunas: [N, Data, UF, Nota]\nseparador: ";"',
    );
    expect(resumo(await itens())).toEqual(LIDAS.map(([n, ...resto]) => [Number(n) - 1, ...resto]));
  });

  it('makes ids of all that a line says, whatever its columns are called', async () => {
    const linhas = [
      'N;Data;UF;Nota;Obs;Obs;',
      ';02/03/2026;SP;a;x;y;',
      ';02/03/2026;SP;a;x;z;',
      ';02/03/2026;SP;a;x;y;;',
      ';02/03/2026;SP;a;;y;w',
      ';02/03/2026;SP;a;v;;',
      ';02/03/2026;SP;a;;v;',
    ];
    const { itens } = await abre(grava('a.csv', linhas.join('\n')));
    const ids = (await itens()).map(({ lido }) => ('evento' in lido ? lido.evento.id : null));
    expect(ids.every((id) => id?.startsWith('imp-'))).toBe(true);
    expect([new Set(ids).size, ids[0]]).toEqual([5, ids[2]]);
  });

  it('has lines of as many columns as its header, or is told where not', async () => {
    const { itens } = await abre(
      grava('a.csv', 'N;Data;UF;Nota\n1;02/03/2026;SP\n2;02/03/2026;SP;a;b\n3;02/03/2026;SP;a;;\n'),
    );
    expect(resumo(await itens())).toEqual([
      [2, 'COLUNAS_DIVERGENTES'],
      [3, 'COLUNAS_DIVERGENTES'],
      [4, '3', 'a'],
    ]);
  });

  it.each([
    ['CSV_ILEGIVEL', ''],
    ['CSV_ILEGIVEL', Buffer.from('\ufeffN;Data', 'utf16le')],
    ['CSV_ILEGIVEL', 'N;"Data\n1;2'],
    ['MAPA_INVALIDO', 'N;Data;UF\n'],
  ])('is refused with %s', async (code, conteudo) => {
    await expect(abre(grava('a.csv', conteudo))).rejects.toMatchObject({ code });
  });

  it.each(['', null])(
    'without a header, its first row is not shown as the names of its columns: map %j',
    async (topo) => {
      // Of a CPF without its zeros nothing tells that it is one.
      const arquivo = grava('a.csv', 'Maria da Silva;02/03/2026;SP;3456789\nJoão;02/03/2026;SP;2\n');
      const erro = await abre(arquivo, topo).catch((e: Error) => e);
      expect(erro).toMatchObject({ code: topo === null ? 'MAPA_OBRIGATORIO' : 'MAPA_INVALIDO' });
      expect(String(erro)).toMatch(/a primeira linha parece de dados.*`colunas`/);
      expect(String(erro)).not.toMatch(/Maria|3456789/);
      const comNomes = abre(grava('a.csv', 'Número 1;Data;UF\n'), topo);
      await expect(comNomes).rejects.toThrow(/Número 1/);
    },
  );

  it('tells of a compressed file that is cut', async () => {
    const cortado = gzipSync(LINHAS.join('\n')).subarray(0, -9);
    await expect(abre(grava('a.csv', cortado)).then(({ itens }) => itens())).rejects.toMatchObject({
      code: 'ARQUIVO_ILEGIVEL',
    });
  });
});

describe('the report of refused lines', () => {
  const RUINS = [
    'N;Data;UF;Nota',
    '1;31/02/2026;SP;"a;b ""c""\nd"',
    '2;02/03/2026;SP;"sem fim',
    '3;02/03/2026;SP',
    '4;x;SP;ção',
  ];

  it.each([
    ['in UTF-8', RUINS.join('\n'), ''],
    ['with a byte order mark', `\ufeff${RUINS.join('\n')}`, ''],
    ['in Latin-1', Buffer.from(RUINS.join('\n'), 'latin1'), 'codificacao: latin1'],
    ['without a header', RUINS.slice(1).join('\n'), 'colunas: [N, Data, UF, Nota]'],
  ])('is read as the file was, %s, and holds the lines as they stood', async (_nome, conteudo, topo) => {
    const arquivo = grava('ruim.csv', conteudo);
    const relatorio = await relata(arquivo, topo);
    expect(statSync(relatorio).mode & 0o777).toBe(0o600);
    const [antes, depois] = await Promise.all([arquivo, relatorio].map(async (a) => (await abre(a, topo)).itens()));
    // A quote without its pair is a character of its cell now.
    const celulas = (antes ?? []).map(({ original }) => original);
    expect((depois ?? []).map(({ original }) => original)).toEqual(celulas);
    expect(resumo(depois ?? []).map(([, codigo]) => codigo)).toEqual([
      'DATA_INVALIDA',
      '2',
      'COLUNAS_DIVERGENTES',
      'DATA_INVALIDA',
    ]);
    const outraVez = await relata(relatorio, topo);
    expect(outraVez).toMatch(/ruim\.recusados-2\.csv$/);
    expect(readFileSync(outraVez, 'latin1').split('\n')[0]).toBe(readFileSync(relatorio, 'latin1').split('\n')[0]);
  });

  it('of NDJSON keeps events as they are, and other lines as texts', async () => {
    const linhas = ['{"id":"1","source":"outra","n":1.50}', 'não é {json', '[1]', '{"id":"4", "type":"x"}'];
    const relatorio = await relata(grava('a.ndjson', linhas.join('\n')), null);
    const escritas = readFileSync(relatorio, 'utf8').trim().split('\n');
    expect(escritas[0]).toMatch(
      /^\{"recusa":\{"codigo":"FONTE_NAO_AUTORIZADA",.*"linha":1\},"id":"1","source":"outra","n":1\.50\}$/,
    );
    expect(escritas.slice(1).map((l) => JSON.parse(l).texto)).toEqual(['não é {json', '[1]']);
    writeFileSync(relatorio, escritas.map((l) => l.replace('outra', 'crm').replace('não é {json', '{}')).join('\n'));
    const { itens } = await abre(relatorio, null);
    const lidos = await itens();
    expect(lidos.map(({ lido }) => ('evento' in lido ? Object.keys(lido.evento) : lido.erros[0].codigo))).toEqual([
      ['id', 'source', 'n'],
      ['source', 'id'],
      'ESQUEMA_INVALIDO',
    ]);
  });

  it('of NDJSON tells a line kept as a text from an event with a `texto`', async () => {
    const linhas = [
      '{"texto":"só isto","source":"outra","id":"1"}',
      '{"texto":"{}"}',
      '{"texto":"a","recusa":"b"}',
      '"x"',
    ];
    const codigos = (itens: readonly Item[]) =>
      itens.map(({ lido }) => ('erros' in lido ? lido.erros[0].codigo : lido));
    const arquivo = grava('t.ndjson', linhas.join('\n'));
    const { leitura, itens } = await abre(arquivo, null);
    const erros = [{ codigo: 'C', campo: null, coluna: null, detalhe: 'd' }] as const;
    const recusadas = (await itens()).map((item) => leitura.relatorio.linha({ ...item, erros }));
    const escritas = Buffer.concat(recusadas).toString();
    const [evento, soTexto, ambos, texto] = escritas
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect([evento.id, evento.texto]).toEqual(['1', 'só isto']);
    expect([soTexto.texto, ambos.texto, texto.texto]).toEqual(['{"texto":"{}"}', 'a', '"x"']);
    const lidas = await (await abre(grava('t.recusados.ndjson', escritas), null)).itens();
    const originais = lidas.map(({ original }) => 'json' in original && original.json.toString());
    expect(originais.slice(1)).toEqual(['{"texto":"{}"}', 'a', '"x"']);
    expect(codigos(lidas)).toEqual([
      'FONTE_NAO_AUTORIZADA',
      { evento: expect.objectContaining({ texto: '{}', source: 'crm' }) },
      'JSON_INVALIDO',
      'ESQUEMA_INVALIDO',
    ]);
  });

  it('is cut to what is known of it, and never takes the name of another', async () => {
    const arquivo = grava('b.csv', RUINS.join('\n'));
    const inteiro = readFileSync(await relata(arquivo));
    const { leitura } = await abre(arquivo);
    expect(nomeDoRelatorio(arquivo, 'csv')).toMatch(/b\.recusados-2\.csv$/);
    const caminho = grava('cortado.csv', Buffer.concat([inteiro, Buffer.from('lixo de quem morreu')]));
    const relatorio = new Relatorio(caminho, leitura.relatorio, inteiro.length);
    await relatorio.escreve([
      { linha: 9, original: { celulas: ['x'] }, erros: [{ codigo: 'C', campo: null, coluna: null, detalhe: 'd' }] },
    ]);
    await relatorio.fecha();
    expect(readFileSync(caminho, 'utf8')).toBe(`${inteiro}C;d;9;x\r\n`);
  });
});
