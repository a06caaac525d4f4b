import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Interacao } from '../../domain/interacao.ts';
import { CHAVE_OPERACAO, CPF, chama, chaveDe, evento, type IngestNoAr, ingestNoAr } from './http-fixture.ts';

let ingest: IngestNoAr;
let chave: string;
const FONTE = 'lms-de-teste';

beforeAll(async () => {
  ingest = await ingestNoAr();
  chave = await chaveDe(ingest.url, FONTE);
});
afterAll(() => ingest.fecha());

const envia = (corpo: string | object, tipo: string, com: string | null = chave, mais: Record<string, string> = {}) =>
  chama(`${ingest.url}/v1/eventos`, 'POST', com, corpo, { 'content-type': tipo, ...mais });

async function guardados(): Promise<Map<string, Interacao>> {
  const porId = new Map<string, Interacao>();
  for (const topico of ['interacoes', 'presencas'] as const) {
    await ingest.kafka.readToEnd(topico, {
      onBatch: async ({ records }) => {
        for (const r of records) {
          const i = await ingest.codecs.interacoes.decode(r.value).catch(() => null);
          if (i?.source === FONTE) porId.set(i.id, i);
        }
      },
    });
  }
  return porId;
}

describe('POST /v1/eventos', () => {
  test('structured mode: kept in Kafka before the 202, by pseudonym', async () => {
    const e = evento(FONTE);
    const { status, corpo } = await envia(e, 'application/cloudevents+json; charset=utf-8');
    expect({ status, corpo }).toEqual({ status: 202, corpo: { id: e.id, estado: 'aceito' } });
    const guardado = (await guardados()).get(e.id);
    expect(guardado?.cliente?.pf).toMatch(/^pf:[\w-]{22}$/);
    expect(guardado?.time).toBe(Date.parse(e.time));
  });

  test('binary mode: attributes in ce- headers, percent-encoded', async () => {
    const e = evento(FONTE);
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': encodeURIComponent('ação 1'),
      'ce-source': FONTE,
      'ce-type': e.type,
      'ce-time': e.time,
    };
    const { status, corpo } = await envia(e.data, 'application/json', chave, headers);
    expect({ status, corpo }).toEqual({ status: 202, corpo: { id: 'ação 1', estado: 'aceito' } });
    expect((await guardados()).get('ação 1')?.momento).toBe('inicio');
  });

  test('batch: one result per item, in order; 202, 207 or 400', async () => {
    const bom = evento(FONTE);
    const ruim = evento(FONTE, {}, { unidade: 'XX' });
    const lote = 'application/cloudevents-batch+json';
    expect((await envia([bom], lote)).status).toBe(202);
    expect((await envia([ruim], lote)).status).toBe(400);
    const outro = evento(FONTE, {}, { cliente: { pf: { cpf: '11111111111' } } });
    const { status, corpo } = await envia([bom, ruim, outro, 7], lote);
    expect(status).toBe(207);
    expect(corpo).toMatchObject([
      { id: bom.id, estado: 'aceito' },
      { id: ruim.id, estado: 'recusado', motivo: 'ESQUEMA_INVALIDO', detalhe: expect.stringContaining('unidade') },
      { id: outro.id, estado: 'recusado', motivo: 'CPF_INVALIDO', detalhe: expect.stringContaining('cliente.pf.cpf') },
      { id: null, estado: 'recusado', motivo: 'ESQUEMA_INVALIDO' },
    ]);
  });

  test('NDJSON: a broken line is refused alone', async () => {
    const [a, b] = [evento(FONTE), evento(FONTE)];
    const linhas = `${JSON.stringify(a)}\n{"quebrada\n\n${JSON.stringify(b)}\n`;
    const { status, corpo } = await envia(linhas, 'application/x-ndjson');
    expect(status).toBe(207);
    expect(corpo).toMatchObject([{ id: a.id }, { id: null, motivo: 'JSON_INVALIDO' }, { id: b.id, estado: 'aceito' }]);
  });

  test('check-ins travel by offer, in presencas', async () => {
    const e = evento(
      FONTE,
      { type: 'br.com.sebrae.interacao.check-in' },
      { tipoSolucao: 'palestra', momento: undefined, disponibilizacaoId: 'P-1' },
    );
    expect((await envia(e, 'application/json')).status).toBe(202);
    let chaveNoTopico: string | undefined;
    await ingest.kafka.readToEnd('presencas', {
      onBatch: async ({ records }) => {
        for (const r of records) {
          const i = await ingest.codecs.interacoes.decode(r.value).catch(() => null);
          if (i?.id === e.id) chaveNoTopico = r.key?.toString();
        }
      },
    });
    expect(chaveNoTopico).toBe('P-1');
  });

  test.each([
    ['a field the contract lacks', evento(FONTE, {}, { apelido: 'x' }), 400, 'ESQUEMA_INVALIDO', 'data.apelido'],
    ['a wrong type', evento(FONTE, {}, { duracaoMin: 'uma hora' }), 400, 'ESQUEMA_INVALIDO', 'data.duracaoMin'],
    ['no offset in time', evento(FONTE, { time: '2026-03-02T10:15:00' }), 400, 'ESQUEMA_INVALIDO', 'time'],
    ['a wrong CPF', evento(FONTE, {}, { cliente: { pf: { cpf: '52998224724' } } }), 400, 'CPF_INVALIDO', 'pf.cpf'],
    [
      'a wrong CNPJ',
      evento(FONTE, {}, { cliente: { pf: { cpf: CPF }, pj: { cnpj: '11222333000180' } } }),
      400,
      'CNPJ_INVALIDO',
      'pj.cnpj',
    ],
    ["someone else's source", evento('outra-fonte'), 403, 'FONTE_NAO_AUTORIZADA', 'source'],
    ['the reserved source', evento('atendido-consolidador'), 403, 'FONTE_NAO_AUTORIZADA', 'source'],
    [
      'a contract of garantia-fampe, which no * covers',
      evento(
        FONTE,
        { type: 'br.com.sebrae.interacao.contratacao' },
        { tipoSolucao: 'garantia-fampe', contratoId: 'C1', instituicaoFinanceira: 'B1', momento: undefined },
      ),
      403,
      'INTERACAO_NAO_AUTORIZADA',
      'garantia-fampe',
    ],
    [
      'more than a record holds',
      evento(FONTE, {}, { participantes: muitos() }),
      413,
      'REGISTRO_GRANDE_DEMAIS',
      '900000',
    ],
  ])('refuses %s, naming it', async (_nome, corpo, status, codigo, citado) => {
    const resposta = await envia(corpo, 'application/cloudevents+json');
    expect(resposta.status).toBe(status);
    expect(resposta.tipo).toContain('application/problem+json');
    expect(resposta.corpo).toMatchObject({ status, codigo, detail: expect.stringContaining(citado) });
    expect(JSON.stringify(resposta.corpo)).not.toMatch(/5299822472|\b11111111111/);
    expect((await guardados()).has(corpo.id)).toBe(false);
  });

  test.each([
    ['broken JSON', '{"specversion":', 'application/json', 400, 'JSON_INVALIDO'],
    ['no body', '', 'application/json', 400, 'JSON_INVALIDO'],
    ['an unknown content type', '<a/>', 'text/xml', 415, 'TIPO_DE_CONTEUDO_INVALIDO'],
    ['a body over the limit', ' '.repeat(2_097_153), 'application/json', 413, 'CORPO_GRANDE_DEMAIS'],
    ['nesting without end', '['.repeat(500_000) + ']'.repeat(500_000), 'application/json', 400, 'ESQUEMA_INVALIDO'],
    ['a nested field without end', aninhado(), 'application/json', 400, 'ESQUEMA_INVALIDO'],
    ['a batch that is no list', '{}', 'application/cloudevents-batch+json', 400, 'ESQUEMA_INVALIDO'],
    ['too many items', `[${'0,'.repeat(10_000)}0]`, 'application/cloudevents-batch+json', 413, 'LOTE_GRANDE_DEMAIS'],
  ])('refuses %s', async (_nome, corpo, tipo, status, codigo) => {
    const resposta = await envia(corpo, tipo);
    expect(resposta).toMatchObject({ status, corpo: { codigo } });
  });

  test('what would poison a prototype does nothing', async () => {
    const e = JSON.stringify(evento(FONTE)).replace('"momento"', '"__proto__":{"poluido":true},"momento"');
    await envia(e, 'application/json');
    expect(({} as Record<string, unknown>).poluido).toBeUndefined();
  });
});

function muitos(): object[] {
  const cliente = { naoIdentificado: { perfil: 'p'.repeat(512) } };
  return Array.from({ length: 1_800 }, () => ({ cliente, presencas: 1 }));
}

function aninhado(): string {
  const fundo = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  return JSON.stringify(evento(FONTE)).replace('"momento"', `"fundo":${fundo},"momento"`);
}

describe('keys', () => {
  test('nothing but health answers without one, or with a wrong or revoked one', async () => {
    expect(await envia(evento(FONTE), 'application/json', null)).toMatchObject({
      status: 401,
      corpo: { codigo: 'CREDENCIAL_AUSENTE' },
    });
    expect((await envia(evento(FONTE), 'application/json', 'errada')).corpo).toMatchObject({
      codigo: 'CREDENCIAL_INVALIDA',
    });
    const outra = await chaveDe(ingest.url, 'fonte-passageira');
    const e = evento('fonte-passageira');
    expect((await envia(e, 'application/json', outra)).status).toBe(202);
    const revogada = await chama(`${ingest.url}/v1/credenciais/fonte-passageira`, 'DELETE', CHAVE_OPERACAO);
    expect(revogada.status).toBe(204);
    expect((await envia(e, 'application/json', outra)).status).toBe(401);
    expect((await chama(`${ingest.url}/saude/vivo`, 'GET', null)).status).toBe(200);
  });

  test('the secret is answered once and kept as a hash', async () => {
    const nova = await chaveDe(ingest.url, 'fonte-secreta');
    let tudo = '';
    await ingest.kafka.readToEnd('credenciais', {
      onBatch: ({ records }) => {
        tudo += records.map((r) => String(r.value)).join('\n');
      },
    });
    expect(tudo).toContain('fonte-secreta');
    expect(tudo).not.toContain(nova);
    expect(ingest.logado()).not.toContain(nova);
  });

  test('each role opens what is its own', async () => {
    const pedido = async (papel: string) =>
      (
        (await chama(`${ingest.url}/v1/credenciais/so-${papel}`, 'PUT', CHAVE_OPERACAO, { papeis: [papel] })).corpo as {
          chave: string;
        }
      ).chave;
    const solucao = { id: 'S-1', tipoSolucao: 'palestra', nome: 'Palestra' };
    const chamadas: [string, string, object][] = [
      ['POST', '/v1/eventos', evento(FONTE)],
      ['PUT', '/v1/portfolio/solucoes/S-1', solucao],
      ['PUT', '/v1/fontes/x', { nome: 'X' }],
    ];
    const quadro: Record<string, number[]> = {};
    const chaves = {
      produtor: chave,
      bi: await pedido('bi'),
      consulta: await pedido('consulta'),
      operacao: CHAVE_OPERACAO,
    };
    for (const [papel, segredo] of Object.entries(chaves)) {
      quadro[papel] = [];
      for (const [metodo, caminho, corpo] of chamadas) {
        quadro[papel].push((await chama(`${ingest.url}${caminho}`, metodo, segredo, corpo)).status);
      }
    }
    expect(quadro).toEqual({
      produtor: [202, 200, 403],
      bi: [403, 403, 403],
      consulta: [403, 403, 403],
      operacao: [403, 200, 200],
    });
  });

  test('a key may less than its source, never more', async () => {
    await chaveDe(ingest.url, 'fampe-na', ['contratacao:garantia-fampe', 'login']);
    const pede = (interacoes: string[]) =>
      chama(`${ingest.url}/v1/credenciais/fampe-2`, 'PUT', CHAVE_OPERACAO, {
        source: 'fampe-na',
        papeis: ['produtor'],
        interacoes,
      });
    expect((await pede(['login'])).status).toBe(200);
    expect((await pede(['login', 'cadastro'])).corpo).toMatchObject({
      codigo: 'INTERACAO_NAO_AUTORIZADA',
      detail: expect.stringContaining('cadastro'),
    });
    expect((await pede(['*'])).status).toBe(403);
  });

  test('a producer needs a registered source', async () => {
    const pede = (corpo: object) => chama(`${ingest.url}/v1/credenciais/y`, 'PUT', CHAVE_OPERACAO, corpo);
    expect((await pede({ papeis: ['produtor'] })).corpo).toMatchObject({ codigo: 'ESQUEMA_INVALIDO' });
    expect((await pede({ papeis: ['produtor'], source: 'nunca-vista' })).corpo).toMatchObject({
      codigo: 'FONTE_DESCONHECIDA',
    });
  });
});

describe('PUT /v1/portfolio', () => {
  const poe = (tipo: string, id: string, corpo: object) =>
    chama(`${ingest.url}/v1/portfolio/${tipo}/${encodeURIComponent(id)}`, 'PUT', CHAVE_OPERACAO, corpo);

  test('the record is kept, by id', async () => {
    const id = `S/${Date.now()}`;
    expect((await poe('solucoes', id, { id, tipoSolucao: 'curso', nome: 'Curso', frequenciaMinima: 0.7 })).status).toBe(
      200,
    );
    let lida: unknown;
    await ingest.kafka.readToEnd('solucoes', {
      onBatch: async ({ records }) => {
        for (const r of records) if (r.key?.toString() === id) lida = await ingest.codecs.solucoes.decode(r.value);
      },
    });
    expect(lida).toMatchObject({ id, frequenciaMinima: 0.7, momentos: null });
    expect((await poe('disponibilizacoes', 'O-1', { id: 'O-1', solucaoId: id, etapas: 4 })).status).toBe(200);
  });

  test('the id of the body is that of the address; faults name their fields', async () => {
    const outra = { id: 'B', tipoSolucao: 'curso', nome: 'x' };
    expect((await poe('solucoes', 'A', outra)).corpo).toMatchObject({ codigo: 'ID_DIVERGENTE' });
    const errada = { id: 'A', tipoSolucao: 'curso', frequenciaMinima: 7, cor: 'azul' };
    expect((await poe('solucoes', 'A', errada)).corpo).toMatchObject({
      codigo: 'ESQUEMA_INVALIDO',
      erros: expect.arrayContaining([
        expect.objectContaining({ campo: 'nome' }),
        expect.objectContaining({ campo: 'frequenciaMinima' }),
        expect.objectContaining({ campo: 'cor' }),
      ]),
    });
  });
});

test('no document in any log line', () => {
  expect(ingest.logado()).not.toMatch(/5299822472|529\.982|11222333000181/);
});
