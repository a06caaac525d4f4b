import { afterAll, beforeAll, expect, test } from 'vitest';
import { idDaPj, pseudonimizador } from '#domain/documento.ts';
import { leAtos } from '#platform/atos.ts';
import { esperaALinha } from '#platform/linha.ts';
import { consulta, type Situacao } from '../../services/cli/api.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { asJson, atendido } from './command.ts';
import { cadastra, consultoria, envia } from './events.ts';
import { agora, CNPJ, DEPOIS, HISTORIA, JOANA, MARIA, onde, PORTFOLIO } from './forgetting.ts';
import { type Line, startLine } from './line.ts';
import { FROM_BEFORE_ALL, otherRulebook } from './other-rulebook.ts';

let line: Line;
beforeAll(async () => {
  line = await startLine();
  await cadastra(line, PORTFOLIO);
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
    return { diferencas, totals, named: await onde(conexoes.redis, idOf(MARIA)) };
  });
}

const client = (document: string) =>
  consulta<Situacao>(`/v1/clientes/${document}`).then(
    ({ id, anos }) => ({ id, atendimentos: Object.values(anos).reduce((n, a) => n + a.atendimentos, 0) }),
    (error) => error.code,
  );

test('a person is forgotten: totals stay, nothing names them, and nothing brings them back', async () => {
  await envia(line, ...HISTORIA);
  const before = await situation();
  expect(before.diferencas).toEqual([]);
  expect(before.named.length).toBeGreaterThan(3);
  expect(await client(MARIA)).toMatchObject({ id: idOf(MARIA), atendimentos: 4 });
  const company = await client(CNPJ);
  const other = await client(JOANA);

  expect(await asJson('forget', MARIA, '--por', 'ana')).toMatchObject({ codigo: 0, resultado: { esquecimento: 1 } });
  expect(await situation()).toEqual({ diferencas: [], totals: before.totals, named: [] });
  expect(await client(MARIA)).toBe('CLIENTE_NAO_ENCONTRADO');
  expect([await client(CNPJ), await client(JOANA)]).toEqual([company, other]);

  await envia(line, ...DEPOIS);
  const late = await situation();
  expect(late.diferencas).toEqual([]);
  expect(late.named).toEqual([]);
  expect(await client(MARIA)).toBe('CLIENTE_NAO_ENCONTRADO');
  expect(await client(CNPJ)).toEqual(company);

  const time = agora();
  await envia(line, { ...consultoria('n1', 'CON', { cliente: { pf: { cpf: MARIA } } }), time });
  expect(await situation()).toMatchObject({ diferencas: [], named: [] });
  const anew = await client(MARIA);
  expect(anew).toMatchObject({ atendimentos: 1 });
  expect(anew.id).not.toBe(idOf(MARIA));

  expect(await asJson('rebuild')).toMatchObject({ codigo: 0, resultado: { diferencas: [] } });
  expect(await situation()).toMatchObject({ diferencas: [], named: [] });
  await atendido(['rebuild', 'discard-old']).fim;

  const rulebook = otherRulebook(line.home, 'noventa');
  const apply = ['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebook, '--apply'];
  expect(await asJson(...apply)).toMatchObject({ codigo: 0 });
  expect(await situation()).toMatchObject({ diferencas: [], named: [] });
  expect(await client(MARIA)).toEqual(anew);
  expect(await client(idDaPj(CNPJ))).toMatchObject({ id: idDaPj(CNPJ) });

  expect(await asJson('forget', MARIA)).toMatchObject({ codigo: 0, resultado: { esquecimento: 2 } });
  expect(await situation()).toMatchObject({ diferencas: [], named: [] });
  expect(await client(MARIA)).toBe('CLIENTE_NAO_ENCONTRADO');
  expect(await asJson('forget', MARIA)).toMatchObject({ codigo: 0, resultado: { esquecimento: null } });
  const { atos } = await leAtos(line.kafka, { ato: 'cliente-esquecido' });
  expect(atos.map(({ quem, alvo }) => [quem, alvo])).toMatchObject([
    ['ana', 'esquecimento 1'],
    [expect.any(String), 'esquecimento 2'],
  ]);
});

test('a company is not forgotten, nor is who was never seen', async () => {
  expect(await atendido(['forget', CNPJ]).fim).toMatchObject({
    codigo: 2,
    erros: expect.stringContaining('CNPJ_NAO_SE_ESQUECE'),
  });
  expect(await asJson('forget', '39053344705')).toEqual({ codigo: 0, resultado: { esquecimento: null, desde: null } });
});
