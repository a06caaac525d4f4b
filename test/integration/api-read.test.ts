import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impressao } from '#domain/cliente.ts';
import { FORMA } from '#platform/estado/chaves.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { respostaDeCliente } from '../../services/api/clientes.ts';
import { respostaDeEntregas } from '../../services/api/entregas.ts';
import { listaDeIndicadores, respostaDeIndicador } from '../../services/api/indicadores.ts';
import { respostaDeMetricas } from '../../services/api/metricas.ts';
import { apaga, apiNoAr, CLIENTE, conta, grava, naoConta, PARTICOES, redis } from './api-read-fixture.ts';
import { atendido } from './comando.ts';
import { CHAVE_OPERACAO, CPF } from './http-fixture.ts';

const GERACAO = `leitura-${process.pid}`;
const AGORA = Date.parse('2026-06-10T12:00:00-03:00');
let api: Awaited<ReturnType<typeof apiNoAr>>;

interface Pagina {
  total: number;
  itens: Record<string, unknown>[];
  proximo: string | null;
}
/** Another client of the shard that holds {@link CLIENTE}. */
function vizinho(): string {
  const deles = Array.from({ length: 50 }, (_, n) => `pf:vizinho${n}`.padEnd(25, '0'));
  const shardDe = (id: string): number => murmur2Partition(id, PARTICOES);
  return deles.find((id) => shardDe(id) === shardDe(CLIENTE)) ?? '';
}

const json = async <T>(caminho: string): Promise<T> => {
  const { status, corpo } = await api.pede(caminho);
  if (status !== 200) throw new Error(`${caminho}: ${status} ${JSON.stringify(corpo)}`);
  return corpo as T;
};

/** All pages from an address on. */
async function percorre(caminho: string): Promise<Pagina[]> {
  const paginas: Pagina[] = [];
  for (let onde: string | null = caminho; onde !== null; onde = paginas.at(-1)?.proximo ?? null) {
    paginas.push(await json<Pagina>(onde));
  }
  return paginas;
}

const primeira = conta('2026-03-02T10:00:00-03:00', 'curso-autoinstrucional');
const repetida = { ...primeira, id: 'repetida', time: primeira.time + 60_000 };
const estornada = conta('2026-04-02T10:00:00-03:00', 'ferramenta');
const estorno = naoConta('2026-04-03T10:00:00-03:00', { motivo: 'ESTORNO', estornada });
const empresa = { cliente: 'pj:11222333000181', unidade: 'MG', canal: '=cmd', modalidade: 'presencial' };

beforeAll(async () => {
  await grava(GERACAO, [
    ...[primeira, repetida, estornada, estorno],
    ...[conta('2026-05-10T23:30:00-03:00', 'palestra'), conta('2025-03-05T10:00:00-03:00', 'palestra')],
    naoConta('2026-05-11T10:00:00-03:00'),
    ...[conta('2026-05-12T10:00:00-03:00', 'palestra', empresa), conta('2026-06-01T10:00:00-03:00', 'feira', empresa)],
  ]);
  api = await apiNoAr({ geracao: GERACAO, agora: () => AGORA });
});
afterAll(async () => {
  await api.fecha();
  await apaga(GERACAO);
});

describe("a client's deliveries", () => {
  test('each with its clause; the repeated and the one taken back say so; the newest first', async () => {
    expect(impressao(primeira)).not.toBe(impressao(repetida));
    const { total, itens, proximo } = await json<Pagina>(`/v1/clientes/${CPF}/entregas`);
    expect([total, proximo]).toEqual([5, null]);
    expect(itens.map((i) => [i.dia, i.tipoSolucao, i.regra, i.propostaValor, i.situacao])).toEqual([
      ['2026-05-10', 'palestra', '1.1', 'evento', 'conta'],
      ['2026-04-02', 'ferramenta', '6.1', 'acesso-servicos', 'estornada'],
      ['2026-03-02', 'curso-autoinstrucional', '3.3', 'capacitacao', 'repetida'],
      ['2026-03-02', 'curso-autoinstrucional', '3.3', 'capacitacao', 'conta'],
      ['2025-03-05', 'palestra', '1.1', 'evento', 'conta'],
    ]);
    expect(itens[0]).toMatchObject({ time: '2026-05-11T02:30:00.000Z', rulebook: '2024-1', nome: 'Palestra' });
    expect(itens[2]).toMatchObject({ evento: 'repetida', source: 's', chave: primeira.credito?.chave });
  });

  test('what counts is what the status counts', async () => {
    const { anos } = await json<{ anos: Record<string, { atendimentos: number }> }>(`/v1/clientes/${CPF}`);
    for (const [ano, { atendimentos }] of Object.entries(anos)) {
      const doAno = await json<Pagina>(`/v1/clientes/${CPF}/entregas?ano=${ano}&situacao=conta`);
      expect(doAno.total, ano).toBe(atendimentos);
    }
  });

  test('page by page the same ones; no address holds the CPF', async () => {
    const todas = await json<Pagina>(`/v1/clientes/${CPF}/entregas`);
    const paginas = await percorre(`/v1/clientes/${CPF}/entregas?limite=2`);
    expect(paginas.map((p) => p.itens.length)).toEqual([2, 2, 1]);
    expect(paginas.flatMap((p) => p.itens)).toEqual(todas.itens);
    expect(paginas[0]?.proximo).toContain(`/v1/clientes/${CLIENTE}/entregas?limite=2&cursor=`);
    expect(JSON.stringify(paginas)).not.toContain(CPF);
  });

  test('as CSV, with the next page in Link', async () => {
    const { tipo, corpo, headers } = await api.pede(`/v1/clientes/${CPF}/entregas?limite=1`, { accept: 'text/csv' });
    expect(tipo).toBe('text/csv; charset=utf-8');
    const [cabeca, linha] = String(corpo).split('\r\n');
    expect(cabeca).toMatch(/time;dia;tipoSolucao;nome;propostaValor;regra;/);
    expect(linha).toMatch(/^2026-05-11T02:30:00.000Z;2026-05-10;palestra;Palestra;evento;1.1;/);
    expect(headers.get('link')).toMatch(/^<\/v1\/clientes\/pf:.*cursor=.*>; rel="next"$/);
    expect(headers.get('cache-control')).toBe('private, no-store');
  });

  test('who is not there', async () => {
    const { status, corpo } = await api.pede('/v1/clientes/12345678909/entregas');
    expect([status, corpo]).toMatchObject([404, { codigo: 'CLIENTE_NAO_ENCONTRADO' }]);
  });
});

describe('an indicator', () => {
  const caminho = '/v1/indicadores/clientes-atendidos?periodo=2026';

  test.each([
    ['', 2, 4],
    ['&unidade=MG', 1, 2],
    ['&tipoSolucao=palestra', 2, 2],
    ['&unidade=MG&tipoSolucao=palestra', 1, 1],
    ['&unidade=SP&mes=2026-03', 1, 1],
    ['&modalidade=presencial', 1, 2],
    ['&unidade=MG&mes=2026-03', 0, 0],
  ])('with filters %s', async (filtros, clientes, atendimentos) => {
    expect(await json(caminho + filtros)).toMatchObject({ clientes, atendimentos });
  });

  test('by unit within a filter; what is not kept beside it is null, not zero', async () => {
    const um = { clientes: 1, atendimentos: 1 };
    expect(await json(`${caminho}&tipoSolucao=palestra`)).toMatchObject({
      ...{ tipoSolucao: 'palestra', modalidade: null, porUnidade: { MG: um, SP: um } },
      ...{ porTipo: { palestra: { clientes: 2, atendimentos: 2 } }, porModalidade: null, porMes: null },
      porPropostaValor: { evento: { atendimentos: 2 } },
    });
    expect(await json(caminho)).toMatchObject({
      porPropostaValor: {
        capacitacao: { atendimentos: 1 },
        evento: { atendimentos: 2 },
        'oportunidade-negocios': { atendimentos: 1 },
      },
    });
  });

  test('beside the period before', async () => {
    const antes = { periodo: '2025', clientes: 1, atendimentos: 1 };
    expect(await json(`${caminho}&comparar=anterior`)).toMatchObject({ atendimentos: 4, anterior: antes });
    expect(await json(`${caminho}&comparar=anterior&mes=2026-03`)).toMatchObject({ atendimentos: 1, anterior: antes });
    expect(await json(`${caminho}&comparar=anterior&mes=2026-05`)).toMatchObject({ anterior: { atendimentos: 0 } });
  });

  test.each([
    ['2026-03-01', 0, '2025-03-01', 0, null],
    ['2026-03-02', 1, '2025-03-02', 0, null],
    // The company comes in May; the client has a delivery more by then, and is one.
    ['2026-05-12', 2, '2025-05-12', 1, 1],
    ['2026-12-31', 2, '2025-12-31', 1, 1],
  ])('clients by %s, and by the same day a year before', async (dia, clientes, antes, eramAntes, variacao) => {
    expect(await json(`/v1/indicadores/clientes-atendidos?ate=${dia}&comparar=ano-anterior`)).toMatchObject({
      ...{ periodo: '2026', clientes: 2, ateODia: { dia, clientes, variacao } },
      anterior: { periodo: '2025', clientes: 1, ateODia: { dia: antes, clientes: eramAntes } },
    });
  });

  test('a 29 February stands against the 28th; the period is that of the day', async () => {
    const dia = '/v1/indicadores/clientes-atendidos?ate=2024-02-29&comparar=anterior';
    expect(await json(dia)).toMatchObject({
      ...{ periodo: '2024', ateODia: { dia: '2024-02-29', clientes: 0, variacao: null } },
      anterior: { periodo: '2023', ateODia: { dia: '2023-02-28', clientes: 0 } },
    });
    expect(await json('/v1/indicadores/clientes-atendidos?ate=2025-03-05')).toMatchObject({
      ...{ periodo: '2025', ateODia: { dia: '2025-03-05', clientes: 1 } },
    });
  });

  test('of a state that an older program wrote the day is not known, and another answer than before', async () => {
    const dia = '/v1/indicadores/clientes-atendidos?ate=2026-05-12&comparar=ano-anterior';
    const chave = `${GERACAO}:{${murmur2Partition(CLIENTE, PARTICOES)}}:mudou`;
    const forma = (await redis.hget(chave, FORMA)) ?? '';
    const antes = await api.pede(dia);
    expect((await api.pede(dia, { 'if-none-match': antes.headers.get('etag') ?? '' })).status).toBe(304);
    await redis.hdel(chave, FORMA);
    try {
      const depois = await api.pede(dia, { 'if-none-match': antes.headers.get('etag') ?? '' });
      expect([depois.status, depois.corpo]).toMatchObject([
        200,
        {
          ...{ clientes: 2, ateODia: { clientes: null, variacao: null } },
          anterior: { clientes: 1, ateODia: { clientes: null } },
        },
      ]);
      expect(String((await api.pede(`${dia}&formato=csv`)).corpo)).toContain(';2026;;ate;2026-05-12;;\r\n');
    } finally {
      await redis.hset(chave, FORMA, forma);
    }
  });

  test.each([
    ['ate=2025-03-05&periodo=2026', 'PARAMETRO_INVALIDO'],
    ['ate=2026-02-29', 'PARAMETRO_INVALIDO'],
    ['ate=2026-03-05&unidade=SP', 'CORTE_NAO_GUARDADO'],
    ['ate=2026-03-05&tipoSolucao=curso', 'CORTE_NAO_GUARDADO'],
  ])('by a day: %s is %s', async (pedido, codigo) => {
    const { status, corpo } = await api.pede(`/v1/indicadores/clientes-atendidos?${pedido}`);
    expect([status, corpo]).toMatchObject([400, { codigo }]);
  });

  test('as CSV: a line for each figure', async () => {
    const { corpo } = await api.pede(`${caminho}&formato=csv`);
    const linhas = String(corpo).split('\r\n');
    expect(linhas[1]).toBe('clientes-atendidos;2026;;total;;2;4');
    expect(linhas).toContain('clientes-atendidos;2026;;unidade;MG;1;2');
    expect(linhas).toContain('clientes-atendidos;2026;;propostaValor;evento;;2');
    const comDia = String((await api.pede(`${caminho}&ate=2026-03-02&comparar=ano-anterior&formato=csv`)).corpo);
    expect(comDia).toContain('clientes-atendidos;2026;;ate;2026-03-02;1;\r\n');
    expect(comDia).toContain('clientes-atendidos;2025;;ate;2025-03-02;0;\r\n');
    expect(String((await api.pede('/v1/indicadores?formato=csv')).corpo)).toContain('clientes-atendidos;');
  });
});

describe('metricas', () => {
  const doAno = '/v1/metricas?de=2026-01-01&ate=2026-12-31';

  test('by value proposition and month, filtered', async () => {
    const { itens, total } = await json<Pagina>(
      `${doAno}&metrica=atendimento&propostaValor=evento&agrupar=propostaValor,mes&ordem=nome`,
    );
    expect([total, itens]).toEqual([2, [{ propostaValor: 'evento', mes: '2026-05', n: 2 }]]);
  });

  test('beside the period before: what grew, what is new, what is gone', async () => {
    const caminho = '/v1/metricas?de=2026-05-01&ate=2026-05-31&agrupar=tipoSolucao&ordem=nome&comparar=anterior';
    expect(await json(caminho)).toMatchObject({
      ...{ total: 3, anterior: { de: '2026-04-01', ate: '2026-04-30', total: 2 } },
      itens: [
        { tipoSolucao: 'ferramenta', n: 1, anterior: 2, variacao: -0.5 },
        { tipoSolucao: 'palestra', n: 2, anterior: 0, variacao: null },
      ],
    });
    const sumiu = await json<Pagina>(caminho.replace('05-01', '04-01').replace('05-31', '04-30'));
    expect(sumiu.itens).toContainEqual({ tipoSolucao: 'curso-autoinstrucional', n: 0, anterior: 2, variacao: -1 });
  });

  test('the year so far beside the same days of the year before, day on day', async () => {
    const caminho = '/v1/metricas?metrica=atendimento&agrupar=dia&ordem=nome&comparar=ano-anterior';
    const { itens, ...resto } = await json<Pagina>(caminho);
    expect(resto).toMatchObject({ ate: '2026-06-10', anterior: { de: '2025-01-01', ate: '2025-06-10', total: 1 } });
    expect(itens).toContainEqual({ dia: '2026-03-05', n: 0, anterior: 1, variacao: -1 });
  });

  test('page by page the same ones, in either order, the days written down', async () => {
    for (const ordem of ['n', 'nome']) {
      const caminho = `/v1/metricas?agrupar=tipoSolucao,unidade,dia&ordem=${ordem}`;
      const todas = await json<Pagina>(caminho);
      const paginas = await percorre(`${caminho}&limite=2`);
      expect(
        paginas.flatMap((p) => p.itens),
        ordem,
      ).toEqual(todas.itens);
      expect(paginas.length).toBeGreaterThan(2);
      expect(paginas[0]?.proximo).toContain('de=2026-01-01&ate=2026-06-10');
      expect(paginas.every((p) => p.total === todas.total)).toBe(true);
    }
  });

  test('as CSV no text is a formula', async () => {
    const { corpo, headers } = await api.pede(
      `${doAno}&agrupar=canal&comparar=anterior&limite=1&ordem=nome&formato=csv`,
    );
    expect(String(corpo)).toBe("canal;n;anterior;variacao\r\n'=cmd;2;0;\r\n");
    expect(headers.get('link')).toContain('rel="next"');
  });
});

test.each([
  [`/v1/clientes/${CPF}`, respostaDeCliente],
  [`/v1/clientes/${CPF}/entregas?limite=1`, respostaDeEntregas],
  ['/v1/indicadores', listaDeIndicadores],
  ['/v1/indicadores/clientes-atendidos?comparar=anterior&mes=2026-03', respostaDeIndicador],
  ['/v1/indicadores/clientes-atendidos?comparar=ano-anterior&ate=2026-03-02', respostaDeIndicador],
  ['/v1/metricas?agrupar=tipoSolucao,propostaValor,dia,mes&comparar=anterior&limite=1', respostaDeMetricas],
] as const)('%s answers what the document says, no more and no less', async (caminho, esquema) => {
  const corpo = await json<object>(caminho);
  expect(esquema.parse(corpo)).toEqual(corpo);
});

test('the commands give the same answers', async () => {
  const env = { ...process.env, ATENDIDO_API_URL: api.url, ATENDIDO_CHAVE_OPERACAO: CHAVE_OPERACAO };
  const doComando = async (...args: string[]): Promise<unknown> => {
    const { codigo, saida, erros } = await atendido([...args, '--json'], env).fim;
    if (codigo !== 0) throw new Error(erros);
    return JSON.parse(saida);
  };
  const [situacao, entregas, relatorio] = await Promise.all([
    doComando('client', CPF),
    doComando('client', CPF, '--entregas'),
    doComando('report', '--periodo', '2026', '--unidade', 'MG'),
  ]);
  expect(situacao).toEqual(await json(`/v1/clientes/${CPF}`));
  expect(entregas).toEqual(await json(`/v1/clientes/${CPF}/entregas`));
  const indicadores = await json<{ codigo: string }[]>('/v1/indicadores');
  const deCada = indicadores.map(({ codigo }) => json(`/v1/indicadores/${codigo}?periodo=2026&unidade=MG`));
  expect(relatorio).toEqual({ indicadores: await Promise.all(deCada) });
});

describe('a tag', () => {
  const CAMINHOS = [
    `/v1/clientes/${CPF}`,
    `/v1/clientes/${CPF}/entregas`,
    '/v1/indicadores',
    '/v1/indicadores/clientes-atendidos?periodo=2026&comparar=anterior',
    '/v1/metricas?de=2026-01-01&ate=2026-12-31',
  ];
  const marcaDe = async (caminho: string): Promise<string> => (await api.pede(caminho)).headers.get('etag') ?? '';
  const sabendo = (caminho: string, marca: string) => api.pede(caminho, { 'if-none-match': marca });

  test.each(CAMINHOS)('%s: 304 while nothing changed', async (caminho) => {
    const marca = await marcaDe(caminho);
    const { status, corpo, headers } = await sabendo(caminho, marca);
    expect([status, corpo, headers.get('etag')]).toEqual([304, '', marca]);
    expect(headers.get('cache-control')).toMatch(/^private, no-/);
    expect((await sabendo(caminho, 'W/"outra"')).status).toBe(200);
    expect((await api.pede(caminho, { accept: 'text/csv', 'if-none-match': marca })).status).toBe(200);
  });

  test('changes with what the answer is made from, and with nothing else', async () => {
    const deAntes = '/v1/indicadores/clientes-atendidos?periodo=2025';
    const [antes, ...mudam] = await Promise.all([marcaDe(deAntes), ...CAMINHOS.slice(3).map(marcaDe)]);
    const doCliente = await marcaDe(`/v1/clientes/${CPF}`);
    // In the same shard: that one moved does not say that all in it did.
    await grava(GERACAO, [conta('2026-05-20T10:00:00-03:00', 'palestra', { cliente: vizinho() })]);
    for (const [i, caminho] of CAMINHOS.slice(3).entries()) {
      const { status, headers } = await sabendo(caminho, mudam[i] ?? '');
      expect([caminho, status]).toEqual([caminho, 200]);
      expect(headers.get('etag')).not.toBe(mudam[i]);
    }
    expect((await sabendo(deAntes, antes)).status).toBe(304);
    expect((await sabendo(`/v1/clientes/${CPF}`, doCliente)).status).toBe(304);
  });
});

test.each([
  ['/v1/metricas?cursor=abc', 'PARAMETRO_INVALIDO'],
  ['/v1/metricas?limite=0', 'PARAMETRO_INVALIDO'],
  ['/v1/metricas?limite=10001', 'PARAMETRO_INVALIDO'],
  ['/v1/metricas?limite=dez', 'PARAMETRO_INVALIDO'],
  ['/v1/metricas?comparar=ontem', 'PARAMETRO_INVALIDO'],
  ['/v1/metricas?formato=xml', 'PARAMETRO_INVALIDO'],
  [`/v1/clientes/${CPF}/entregas?ano=26`, 'PARAMETRO_INVALIDO'],
  [`/v1/clientes/${CPF}/entregas?cliente=outro`, 'PARAMETRO_INVALIDO'],
  ['/v1/indicadores/clientes-atendidos?mes=2026-13', 'PARAMETRO_INVALIDO'],
  ['/v1/indicadores/clientes-atendidos?mes=2026-03&modalidade=presencial', 'CORTE_NAO_GUARDADO'],
])('%s: 400 %s', async (caminho, codigo) => {
  const { status, corpo, tipo } = await api.pede(caminho);
  expect(tipo).toMatch(/^application\/problem\+json/);
  expect([status, corpo]).toMatchObject([400, { codigo, status: 400 }]);
});
