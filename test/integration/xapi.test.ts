import xapi, { type Statement as StatementXapi } from '@xapi/xapi';
import TinCan, { type Statement } from 'tincanjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Interacao } from '../../domain/interacao.ts';
import { CMI5, MOODLE } from '../../services/ingest/xapi/statements-fixture.ts';
import { CHAVE_OPERACAO, chama, chaveDe, type IngestNoAr, ingestNoAr } from './http-fixture.ts';
import { unique } from './until.ts';

// CommonJS, said to be a module with a default.
const XAPI = xapi.default;

const FONTE = unique('lms-xapi');
let ingest: IngestNoAr;
let chave: string;

beforeAll(async () => {
  ingest = await ingestNoAr();
  chave = await chaveDe(ingest.url, FONTE);
  const fonte = { nome: 'LMS', interacoes: ['momento-digital', 'abandono'], unidade: 'SP' };
  const { corpo } = await chama(`${ingest.url}/v1/fontes/${FONTE}`, 'PUT', CHAVE_OPERACAO, fonte);
  expect(corpo).toMatchObject(fonte);
});
afterAll(() => ingest.fecha());

/** What Kafka holds of the source, every copy. */
async function guardados(): Promise<Interacao[]> {
  const todos: Interacao[] = [];
  await ingest.kafka.readToEnd('interacoes', {
    onBatch: async ({ records }) => {
      for (const r of records) {
        const i = await ingest.codecs.interacoes.decode(r.value).catch(() => null);
        if (i?.source === FONTE) todos.push(i);
      }
    },
  });
  return todos;
}

const comId = async (id: string | null | undefined) => (await guardados()).filter((i) => i.id === id);

/** The fixtures are what systems send, right or wrong. */
const dito = (statement: object) => statement as StatementXapi;

/** A statement that no other test sends, without an id that says so. */
let segundos = 0;
function semIgual<T extends object>(statement: T): T & { timestamp: string } {
  segundos += 1;
  return { ...statement, timestamp: new Date(Date.UTC(2026, 2, 2, 12, 0, segundos)).toISOString() };
}

describe.each(['axios', 'fetch'] as const)('@xapi/xapi, over %s', (adapter) => {
  const cliente = () =>
    new XAPI({ endpoint: `${ingest.url}/xapi/`, auth: XAPI.toBasicAuth('lms', chave), version: '1.0.3', adapter });

  test('about', async () => {
    const { data, headers } = await cliente().getAbout();
    expect(data.version).toEqual(['1.0.3']);
    expect(headers['x-experience-api-version']).toBe('1.0.3');
  });

  test('a session of cmi5 content, statement by statement', async () => {
    const passos = [CMI5.inicio, CMI5.progresso(25), CMI5.progresso(60), CMI5.conclusao, CMI5.abandono];
    const ids: string[] = [];
    for (const passo of passos) {
      const { data } = await cliente().sendStatement({ statement: dito({ ...passo, id: crypto.randomUUID() }) });
      ids.push(...data);
    }
    const porId = new Map((await guardados()).map((i) => [i.id, i]));
    expect(ids.map((id) => porId.get(id)?.momento ?? porId.get(id)?.tipoInteracao)).toEqual([
      'inicio',
      '25',
      '50',
      '100',
      'abandono',
    ]);
  });

  test("a Moodle's completions, without ids: sent again they are the same", async () => {
    const conclusoes = [semIgual(MOODLE.conclusao), semIgual(MOODLE.conclusao)].map(dito);
    const envia = () => cliente().sendStatements({ statements: conclusoes });
    const { data: ids } = await envia();
    expect(new Set(ids).size).toBe(2);
    expect((await envia()).data).toEqual(ids);
    const copias = await comId(ids[1]);
    expect(copias).toHaveLength(2);
    expect(copias[0]).toMatchObject({ momento: '100', unidade: 'SP', cliente: { pf: expect.stringMatching(/^pf:/) } });
    expect(copias[1]).toEqual(copias[0]);
  });

  test('a list with a group and a numeric user: refused whole, each with its reason', async () => {
    const bom = { ...CMI5.inicio, id: crypto.randomUUID() };
    const lista = [bom, { ...CMI5.grupo, id: crypto.randomUUID() }, MOODLE.usuarioNumerico].map(dito);
    const erro: unknown = await cliente()
      .sendStatements({ statements: lista })
      .catch((e: unknown) => e);
    const corpo = JSON.stringify((erro as { response?: { data: unknown } }).response?.data ?? (erro as Error).message);
    expect(corpo).toMatch(/OUTRO_STATEMENT_RECUSADO.*ATOR_SEM_CPF.*grupo.*ATOR_SEM_CPF.*sebrae\.com\.br\/cpf/);
    expect(await comId(bom.id)).toEqual([]);
  });
});

describe('tincanjs', () => {
  const lrs = () => new TinCan.LRS({ endpoint: `${ingest.url}/xapi/`, username: 'lms', password: chave });
  const salva = (statement: Statement) =>
    new Promise<{ status: number; texto: string }>((resolve) => {
      lrs().saveStatement(statement, {
        callback: (_err, { status, responseText }) => resolve({ status, texto: responseText }),
      });
    });

  test('about', async () => {
    const versoes = await new Promise((resolve, reject) => {
      lrs().about({
        callback: (err, about) => (err === null ? resolve(about.version) : reject(new Error(String(err)))),
      });
    });
    expect(versoes).toEqual(['1.0.3']);
  });

  test('with an id it PUTs: 204, kept under that id; the same again is 204, another under it 409', async () => {
    const { id: _id, timestamp: _quando, ...semCarimbo } = CMI5.inicio;
    const statement = new TinCan.Statement(semCarimbo);
    expect(await salva(statement)).toEqual({ status: 204, texto: '' });
    expect((await salva(statement)).status).toBe(204);
    const outro = new TinCan.Statement({ ...CMI5.conclusao, id: statement.id });
    expect(await salva(outro)).toMatchObject({ status: 409, texto: expect.stringContaining('STATEMENT_CONFLITANTE') });
    expect(await comId(statement.id)).toMatchObject([{ momento: 'inicio' }, { momento: 'inicio' }]);
  });

  test('without an id it POSTs: 200 and the id it was given', async () => {
    const { status, texto } = await salva(
      new TinCan.Statement(semIgual(MOODLE.conclusaoComVerboAntigo), { doStamp: false }),
    );
    const [id] = JSON.parse(texto) as string[];
    expect([status, await comId(id)]).toMatchObject([200, [{ momento: '100' }]]);
  });

  test('what is no interaction is refused, with the reason', async () => {
    const { status, texto } = await salva(new TinCan.Statement(CMI5.aprovacao));
    expect([status, JSON.parse(texto)]).toMatchObject([400, { codigo: 'VERBO_NAO_MAPEADO' }]);
  });
});

test('what the source may not send is refused here too', async () => {
  const outra = await chaveDe(ingest.url, unique('so-login'), ['login']);
  const headers = { 'x-experience-api-version': '1.0.3' };
  const { status, corpo } = await chama(`${ingest.url}/xapi/statements`, 'POST', outra, CMI5.inicio, headers);
  expect([status, corpo]).toMatchObject([403, { codigo: 'INTERACAO_NAO_AUTORIZADA' }]);
});

test('no CPF in any record, key or log line', async () => {
  let tudo = ingest.logado();
  await ingest.kafka.readToEnd('interacoes', {
    onBatch: ({ records }) => {
      // Other tests put CPFs into the same topic, past the door.
      for (const r of records.filter(({ value }) => value?.includes(FONTE))) {
        tudo += `${r.key?.toString()} ${r.value?.toString()}\n`;
      }
    },
  });
  expect(tudo).toContain(FONTE);
  expect(tudo).not.toMatch(/52998224725|529\.982/);
});
