import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const BIN = new URL('../../bin/atendido', import.meta.url).pathname;
const PORTFOLIO = new URL('./portfolio.json', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'atendido-comandos-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Saida {
  codigo: number;
  saida: string;
  erros: string;
}

function atendido(args: string[], entrada = ''): Promise<Saida> {
  const env = { PATH: process.env.PATH ?? '', ATENDIDO_HOME: home, CLIENT_ID_KEY: 'chave' };
  return new Promise((resolve) => {
    const processo = execFile(BIN, args, { env }, (erro, saida, erros) => {
      resolve({ codigo: typeof erro?.code === 'number' ? erro.code : 0, saida, erros });
    });
    processo.stdin?.end(entrada);
  });
}

const LOGIN = {
  specversion: '1.0',
  id: 'l1',
  source: 'portal',
  type: 'br.com.sebrae.interacao.login',
  time: '2026-03-02T10:15:00-03:00',
  data: { unidade: 'SP', cliente: { pf: { cpf: '529.982.247-25' } } },
};

describe.concurrent('os comandos sem servidores', () => {
  it('classify decide da entrada padrão, uma linha por evento, na ordem', async () => {
    const eventos = [LOGIN, { ...LOGIN, id: 'l2', time: 'ontem' }, '', { ...LOGIN, id: 'l3' }];
    const entrada = eventos.map((e) => (e === '' ? '' : JSON.stringify(e))).join('\n');
    const { codigo, saida } = await atendido(['classify', '--json'], entrada);
    const linhas = saida
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(codigo).toBe(0);
    expect(linhas.map((l) => [l.id, l.resultado, l.motivo, l.regra])).toEqual([
      ['l1', 'nao-contabiliza', 'CADASTRO_OU_LOGIN', '2.1'],
      ['l2', 'quarentena', 'ESQUEMA_INVALIDO', null],
      ['l3', 'nao-contabiliza', 'CADASTRO_OU_LOGIN', '2.1'],
    ]);
  });

  it.each(['classify', 'recount'])('%s sai com 2 e o número da linha que não é JSON', async (comando) => {
    const { codigo, erros } = await atendido([comando], `${JSON.stringify(LOGIN)}\n{quebrada\n`);
    expect(codigo).toBe(2);
    expect(erros).toMatch(/^JSON_INVALIDO: linha 2: /);
  });

  it.each(['a52998224725', '{"cpf":52998224725x}', '52998224725,'])(
    'o que não é JSON não é repetido, que pode ser um CPF: %s',
    async (linha) => {
      const { codigo, erros } = await atendido(['classify'], `${linha}\n`);
      expect([codigo, erros.includes('52998224725')]).toEqual([2, false]);
    },
  );

  it('explain responde a uma pessoa, com a cláusula e o desfecho, e sem o CPF', async () => {
    const { codigo, saida } = await atendido(['explain', '--portfolio', PORTFOLIO], JSON.stringify(LOGIN));
    expect(codigo).toBe(0);
    expect(saida).toContain('NÃO CONTA como atendimento: CADASTRO_OU_LOGIN');
    expect(saida).toContain('cláusula 2.1, rulebook 2024-1');
    expect(saida).not.toContain('52998224725');
  });

  it('id dá o pseudônimo de um CPF e o próprio CNPJ', async () => {
    expect((await atendido(['id', '529.982.247-25'])).saida).toMatch(/^pf:[A-Za-z0-9_-]{22}\n$/);
    expect((await atendido(['id', '12.abc.345/01de-35'])).saida).toBe('pj:12ABC34501DE35\n');
    expect((await atendido(['id', '12.abc.345/01de-35', '--json'])).saida).toBe('{"id":"pj:12ABC34501DE35"}\n');
  });

  it('down diz também em JSON que nada estava no ar', async () => {
    const { codigo, saida } = await atendido(['down', '--json']);
    expect([codigo, JSON.parse(saida)]).toEqual([0, { parado: false, dadosApagados: false }]);
  });

  it('id não repete um documento errado, que pode ser um CPF com um dígito trocado', async () => {
    const { codigo, erros } = await atendido(['id', '52998224724']);
    expect([codigo, erros.includes('52998224724')]).toEqual([2, false]);
    expect(erros).toMatch(/^DOCUMENTO_INVALIDO: /);
  });

  it('um portfólio errado nomeia cada campo', async () => {
    const arquivo = join(home, 'portfolio.json');
    writeFileSync(arquivo, JSON.stringify({ solucoes: [{ id: 'A', tipoSolucao: 'curso', frequenciaMinima: 2 }] }));
    const { codigo, erros } = await atendido(['classify', '--portfolio', arquivo]);
    expect(codigo).toBe(2);
    expect(erros).toContain('solucoes.0.nome');
    expect(erros).toContain('solucoes.0.frequenciaMinima');
  });

  it.each([
    ['um comando que não há', ['contar'], 'USO_INVALIDO'],
    ['uma opção que não há', ['classify', '--portifolio', 'x'], 'USO_INVALIDO'],
    ['um arquivo que não há', ['classify', '/nao/ha.ndjson'], 'ARQUIVO_ILEGIVEL'],
    ['uma pasta', ['classify', '/'], 'ARQUIVO_ILEGIVEL'],
  ])('%s sai com 2', async (_, args, dito) => {
    const { codigo, erros } = await atendido(args);
    expect(codigo).toBe(2);
    expect(erros).toMatch(new RegExp(`^${dito}: `));
  });

  it.each(['audit', 'lag', 'client', 'report'])('%s sem servidores diz como subi-los', async (comando) => {
    const { codigo, erros } = await atendido(comando === 'client' ? [comando, '52998224725'] : [comando]);
    expect(codigo).toBe(1);
    expect(erros).toMatch(/PILHA_PARADA: .*atendido up/);
  });
});
