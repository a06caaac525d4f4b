import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import { type Portas, portas } from './acesso-fixture.ts';

const evento = (mais: object = {}, dados: object = {}) => ({
  ...{ specversion: '1.0', id: '1', source: 'lms', type: 'br.com.sebrae.interacao.login' },
  ...{ time: '2026-03-02T10:15:00-03:00', data: { unidade: 'SP', ...dados }, ...mais },
});
const XAPI = { 'x-experience-api-version': '1.0.3' };
const statement = {
  actor: { account: { homePage: 'https://sebrae.com.br/cpf', name: '52998224725' } },
  verb: { id: 'http://adlnet.gov/expapi/verbs/initialized' },
  object: { id: 'https://ead.exemplo.br/curso/42' },
  timestamp: '2026-03-02T10:15:00-03:00',
  context: { extensions: { 'https://sebrae.com.br/xapi/unidade': 'SP' } },
};
const solucao = { id: 'S', tipoSolucao: 'palestra', nome: 'Palestra' };

/** Who calls, in the order of the table's columns: no key, one that nobody has, then a key of each role alone. */
const QUEM = ['nenhuma', 'desconhecida', 'produtor', 'bi', 'consulta', 'operacao'] as const;
type Quadro = readonly [number, number, number, number, number, number];

interface Linha {
  quadro: Quadro;
  /** What fills the address's places. */
  url?: string;
  corpo?: object;
  cabecalhos?: Record<string, string>;
}

const LIVRE: Quadro = [200, 200, 200, 200, 200, 200];
const QUALQUER: Quadro = [401, 401, 200, 200, 200, 200];

/** Every call against every role. A route without a row fails, and so does a row without a route. */
const TABELA: Readonly<Record<string, Linha>> = {
  //                                          nenhuma desc. produtor bi consulta operacao
  'POST /v1/eventos': { quadro: [401, 401, 202, 403, 403, 403], corpo: evento() },
  'PUT /v1/portfolio/solucoes/:id': {
    quadro: [401, 401, 200, 403, 403, 200],
    url: '/v1/portfolio/solucoes/S',
    corpo: solucao,
  },
  'PUT /v1/portfolio/disponibilizacoes/:id': {
    quadro: [401, 401, 200, 403, 403, 200],
    url: '/v1/portfolio/disponibilizacoes/O',
    corpo: { id: 'O', solucaoId: 'S' },
  },
  'PUT /v1/fontes/:source': { quadro: [401, 401, 403, 403, 403, 200], url: '/v1/fontes/nova', corpo: { nome: 'Nova' } },
  'GET /v1/credenciais': { quadro: [401, 401, 403, 403, 403, 200] },
  'PUT /v1/credenciais/:id': {
    quadro: [401, 401, 403, 403, 403, 200],
    url: '/v1/credenciais/outra',
    corpo: { papeis: ['bi'] },
  },
  'DELETE /v1/credenciais/:id': { quadro: [401, 401, 403, 403, 403, 204], url: '/v1/credenciais/alvo' },
  'POST /v1/credenciais/:id/troca': {
    quadro: [401, 401, 403, 403, 403, 200],
    url: '/v1/credenciais/alvo/troca',
    corpo: {},
  },
  'POST /xapi/statements': { quadro: [401, 401, 200, 403, 403, 403], corpo: statement, cabecalhos: XAPI },
  'PUT /xapi/statements': {
    quadro: [401, 401, 204, 403, 403, 403],
    url: '/xapi/statements?statementId=0197a7c5-26e8-7a44-9a3f-0c9b7a1de001',
    corpo: statement,
    cabecalhos: XAPI,
  },
  'GET /xapi/about': { quadro: LIVRE },
  'GET /v1/clientes/:cliente': { quadro: [401, 401, 403, 403, 200, 403], url: '/v1/clientes/52998224725' },
  'GET /v1/clientes/:cliente/entregas': {
    quadro: [401, 401, 403, 403, 200, 403],
    url: '/v1/clientes/52998224725/entregas',
  },
  'GET /v1/indicadores': { quadro: [401, 401, 403, 200, 200, 403] },
  'GET /v1/indicadores/:codigo': {
    quadro: [401, 401, 403, 200, 200, 403],
    url: '/v1/indicadores/clientes-atendidos',
  },
  'GET /v1/metricas': { quadro: [401, 401, 403, 200, 200, 403] },
  'POST /v1/decisoes': { quadro: [401, 401, 200, 403, 200, 200], corpo: evento() },
  'POST /v1/esquecimentos': { quadro: [401, 401, 403, 403, 403, 202], corpo: { cpf: '52998224725' } },
  'GET /v1/esquecimentos/:numero': { quadro: [401, 401, 403, 403, 403, 200], url: '/v1/esquecimentos/1' },
  'GET /v1/motivos': { quadro: QUALQUER },
  'GET /saude/vivo': { quadro: LIVRE },
  'GET /saude/pronto': { quadro: LIVRE },
  'GET /metrics': { quadro: LIVRE },
  'GET /openapi.json': { quadro: LIVRE },
};

/** The page of the OpenAPI document: files of a library, open to all. */
const DA_PAGINA = /^(GET|HEAD) \/docs(\/|$)/;
/** The panel has a table of its own, of its pages and of what they watch: api/painel/acesso.test.ts. `/` leads to it. */
const DO_PAINEL = /^[A-Z]+ \/(painel(\/|$)|$)/;

let p: Portas;
beforeAll(async () => {
  p = await portas();
  p.aplica('fonte', 'lms', { source: 'lms', nome: 'LMS', interacoes: ['*'] });
  for (const papel of ['bi', 'consulta', 'operacao'] as const) p.chave(papel, { papeis: [papel] });
  p.chave('produtor', { papeis: ['produtor'], source: 'lms' });
});
afterAll(() => p.fecha());
beforeEach(() => {
  p.chave('alvo', { papeis: ['bi'] });
});

type Metodo = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

/** Of a HEAD, the row of its GET: the same hooks run. */
function linhaDe(rota: string): Linha {
  const linha = TABELA[rota.replace(/^HEAD /, 'GET ')];
  if (linha === undefined) throw new Error(`${rota} não tem linha na tabela`);
  return linha;
}

function pede(onde: 'ingest' | 'api', rota: string, chave: string | null) {
  const [method = '', endereco = ''] = rota.split(' ');
  const { url = endereco, corpo, cabecalhos } = linhaDe(rota);
  const headers = { ...cabecalhos, ...(chave !== null && { authorization: `Bearer ${chave}` }) };
  return p[onde].app.inject({ method: method as Metodo, url, headers, ...(corpo && { payload: corpo }) });
}

const rotasDe = (onde: 'ingest' | 'api') => p[onde].rotas.filter((r) => !DA_PAGINA.test(r) && !DO_PAINEL.test(r));

describe('every call against every role', () => {
  it('each route has a row, and each row a route', () => {
    const todas = new Set([...rotasDe('ingest'), ...rotasDe('api')].map((r) => r.replace(/^HEAD /, 'GET ')));
    expect([...todas].sort()).toEqual(Object.keys(TABELA).sort());
  });

  it.each(['ingest', 'api'] as const)(
    '%s answers as the table says, and what it refuses touches nothing',
    async (onde) => {
      for (const rota of rotasDe(onde)) {
        const { quadro } = linhaDe(rota);
        const obtido: number[] = [];
        for (const [n, quem] of QUEM.entries()) {
          p.chave('alvo', { papeis: ['bi'] });
          const antes = [p.enviados.length, p.lidas()];
          const resposta = await pede(onde, rota, quem === 'nenhuma' ? null : quem);
          obtido.push(resposta.statusCode);
          if ((quadro[n] ?? 0) < 400) continue;
          expect([p.enviados.length, p.lidas()], `${rota}: ${quem}`).toEqual(antes);
          if (rota.startsWith('HEAD ')) continue;
          const codigo = ['CREDENCIAL_AUSENTE', 'CREDENCIAL_INVALIDA'][n] ?? 'PAPEL_INSUFICIENTE';
          expect(resposta.json(), `${rota}: ${quem}`).toMatchObject({ codigo });
          expect(Object.keys(resposta.json()).sort()).toEqual(['codigo', 'detail', 'status', 'title', 'type']);
        }
        expect(obtido, rota).toEqual(quadro);
      }
    },
  );

  it.each(['ingest', 'api'] as const)(
    '%s: a key beyond its limit is refused on every route that asks for one',
    async (onde) => {
      const relogio = vi.spyOn(performance, 'now').mockReturnValue(1_000);
      const papeis: Papel[] = ['produtor', 'bi', 'consulta', 'operacao'];
      const lenta = p.chave(`lenta-${onde}`, { papeis, source: 'lms', limite: 1 });
      const comChave = rotasDe(onde).filter((rota) => linhaDe(rota).quadro[0] === 401);
      // The api has its own count of what it answers itself: its first is let in there, and its first by ingest.
      await pede(onde, 'POST /v1/eventos', lenta);
      if (onde === 'api') await pede(onde, 'GET /v1/motivos', lenta);
      for (const rota of comChave) {
        const resposta = await pede(onde, rota, lenta);
        expect([rota, resposta.statusCode, resposta.headers['retry-after']]).toEqual([rota, 429, '1']);
      }
      relogio.mockRestore();
    },
  );
});
