import { afterAll, beforeAll, expect, test } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { leAtos } from '#platform/atos.ts';
import { esperaALinha } from '#platform/linha.ts';
import { chama, consulta, type Situacao } from '../../services/cli/api.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { until } from '../integration/until.ts';
import { asJson, atendido } from '../line/command.ts';
import { cadastra, envia, CPF as MARIA } from '../line/events.ts';
import { CNPJ, historiaDe, JOANA, onde } from '../line/forgetting.ts';
import { type Line, startLine } from '../line/line.ts';
import { statusDivergentes } from '../line/status.ts';

const { portfolio, antes, depois, denovo } = historiaDe(MARIA);

let line: Line;
beforeAll(async () => {
  line = await startLine();
  await cadastra(line, portfolio);
}, 120_000);
afterAll(() => line?.stop());

const idOf = (cpf: string): string => pseudonimizador(line.config.clientIdKey)(cpf);

/** What the line has come to, once it has nothing left to read; and where Redis names the one forgotten. */
function situation() {
  return conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    const { diferencas } = await audita(conexoes);
    const { indicadores } = await conexoes.leitor.contadores();
    const totals = Object.fromEntries([...indicadores].filter(([nome]) => nome.includes('|*|total|')).sort());
    const status = await statusDivergentes(conexoes);
    return { diferencas, totals, status, named: await onde(conexoes.redis, idOf(MARIA)) };
  });
}

const client = (document: string) =>
  consulta<Situacao>(`/v1/clientes/${document}`).then(
    ({ id, anos }) => ({ id, atendimentos: Object.values(anos).reduce((n, a) => n + a.atendimentos, 0) }),
    (error) => error.code,
  );

test('a person is forgotten: totals stay, nothing names them, and nothing brings them back', async () => {
  await envia(line, ...antes);
  const before = await situation();
  expect(before.diferencas).toEqual([]);
  expect(before.named.length).toBeGreaterThan(3);
  expect(await client(MARIA)).toMatchObject({ id: idOf(MARIA), atendimentos: 4 });
  const company = await client(CNPJ);
  const other = await client(JOANA);

  expect(await asJson('forget', MARIA, '--por', 'ana')).toMatchObject({ codigo: 0, resultado: { esquecimento: 1 } });
  expect(await situation()).toEqual({ diferencas: [], totals: before.totals, status: [], named: [] });
  expect(await client(MARIA)).toBe('CLIENTE_NAO_ENCONTRADO');
  expect([await client(CNPJ), await client(JOANA)]).toEqual([company, other]);

  await envia(line, ...depois);
  const late = await situation();
  expect(late.diferencas).toEqual([]);
  expect(late.named).toEqual([]);
  expect(await client(MARIA)).toBe('CLIENTE_NAO_ENCONTRADO');
  expect(await client(CNPJ)).toEqual(company);

  await envia(line, ...denovo());
  expect(await situation()).toMatchObject({ diferencas: [], named: [] });
  const anew = await client(MARIA);
  expect(anew).toMatchObject({ atendimentos: 1 });
  expect(anew.id).not.toBe(idOf(MARIA));

  const { resultado: mine } = await asJson('export', MARIA);
  expect(mine).toMatchObject({ cliente: anew.id, esquecimentos: [{ numero: 1 }], presencas: [] });
  expect(mine.registros.map((r: { topico: string }) => r.topico)).toEqual([
    'interacoes',
    'interacoes',
    'interacoes-contabilizadas',
    'interacoes-nao-contabilizadas',
    'lancamentos',
    'lancamentos',
    'clientes-atendidos',
  ]);
  expect(JSON.stringify(mine)).not.toContain(idOf(MARIA));

  expect(await asJson('rebuild')).toMatchObject({ codigo: 0, resultado: { diferencas: [] } });
  expect(await situation()).toMatchObject({ diferencas: [], named: [] });
  await atendido(['rebuild', 'discard-old']).fim;

  // Asked of the api, the line ends it by itself.
  const asked = await chama({ metodo: 'POST', caminho: '/v1/esquecimentos', corpo: { cpf: MARIA } });
  expect(asked).toMatchObject({ esquecimento: 2, estado: 'em-vigor' });
  const ended = async () => (await consulta<{ estado: string }>('/v1/esquecimentos/2')).estado === 'encerrado';
  await until(ended, 'the order to be ended', 60_000);
  expect(await situation()).toMatchObject({ diferencas: [], named: [] });
  expect(await client(MARIA)).toBe('CLIENTE_NAO_ENCONTRADO');
  expect(await asJson('forget', MARIA)).toMatchObject({ codigo: 0, resultado: { esquecimento: null } });
  const { atos } = await leAtos(line.kafka, { ato: 'cliente-esquecido' });
  expect(atos.map(({ quem, alvo }) => [quem, alvo])).toMatchObject([
    ['ana', 'esquecimento 1'],
    [expect.any(String), 'esquecimento 2'],
  ]);
  for (const id of [MARIA, idOf(MARIA), anew.id]) expect(JSON.stringify(atos)).not.toContain(id);
});

test('a company is not forgotten, nor is who was never seen', async () => {
  expect(await atendido(['forget', CNPJ]).fim).toMatchObject({
    codigo: 2,
    erros: expect.stringContaining('CNPJ_NAO_SE_ESQUECE'),
  });
  expect(await asJson('forget', '39053344705')).toEqual({ codigo: 0, resultado: { esquecimento: null, desde: null } });
});
