import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PSEUDONIMO_PF } from '#domain/documento.ts';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { PAPEIS, type Papel } from '#platform/credenciais/permissoes.ts';
import { type Portas, portas } from '../../acesso-fixture.ts';
import { PAGINAS } from './paginas.ts';

const DA_CASA = { 'sec-fetch-site': 'same-origin' };

let p: Portas;
beforeAll(async () => {
  p = await portas();
  p.aplica('fonte', 'lms', { source: 'lms', nome: 'LMS', interacoes: ['*'] });
});
afterAll(() => p.fecha());
beforeEach(() => {
  for (const papel of PAPEIS) p.chave(papel, { papeis: [papel], ...(papel === 'produtor' && { source: 'lms' }) });
});

/** Logs in with the key of one role alone, whose secret is its name. */
async function entra(papel: Papel, headers: Record<string, string> = DA_CASA) {
  return p.api.app.inject({ method: 'POST', url: '/painel/sessao', headers, payload: { chave: papel } });
}

/** What the browser sends once it is in. */
async function cookieDe(papel: Papel): Promise<string> {
  const resposta = await entra(papel);
  expect(resposta.statusCode).toBe(200);
  return String(resposta.headers['set-cookie']).split(';')[0] ?? '';
}

type Metodo = 'GET' | 'POST' | 'DELETE';
const pede = (url: string, cookie: string, mais: Record<string, string> = DA_CASA, method: Metodo = 'GET') =>
  p.api.app.inject({ method, url, headers: { cookie, ...mais } });

/** docs/painel.md: by page, what each role is answered. */
function tabelaDaPagina(): Record<string, Record<Papel, boolean>> {
  const texto = readFileSync(join(PROJECT_ROOT, 'docs/painel.md'), 'utf8');
  const linhas = [...texto.matchAll(/^\| ([^|]+) \| `\/painel\/([\w-]+)` \|(.*)\|$/gm)];
  return Object.fromEntries(
    linhas.map(([, , id = '', celulas = '']) => {
      const ve = celulas.split('|').map((c) => c.trim() === 'vê');
      return [id, Object.fromEntries(PAPEIS.map((papel, n) => [papel, ve[n] ?? false])) as Record<Papel, boolean>];
    }),
  );
}

describe('each role against each page', () => {
  it('is served as docs/painel.md says, and told the same at login', async () => {
    const tabela = tabelaDaPagina();
    expect(Object.keys(tabela)).toEqual(PAGINAS.map(({ id }) => id));
    for (const papel of PAPEIS) {
      const { paginas } = (await entra(papel)).json();
      const cookie = await cookieDe(papel);
      for (const { id } of PAGINAS) {
        const ve = tabela[id]?.[papel] === true;
        const { statusCode } = await pede(`/painel/${id}`, cookie);
        expect([papel, id, statusCode, paginas.includes(id)]).toEqual([papel, id, ve ? 200 : 403, ve]);
      }
    }
  });

  it('without a session each page leads to the login, and back', async () => {
    for (const { id } of PAGINAS) {
      const { statusCode, headers } = await p.api.app.inject(`/painel/${id}`);
      expect([statusCode, headers.location]).toEqual([303, `/painel/entrar?de=${id}`]);
    }
  });
});

/** What the pages are made of, and what no session, and one of each role alone, is answered. 503: nothing to watch here. */
const DADOS: Record<string, readonly [number, number, number, number, number]> = {
  //                        nenhuma produtor bi operacao consulta
  '/painel/dados/minutos': [401, 403, 503, 503, 503],
  '/painel/dados/operacao': [401, 403, 403, 503, 403],
  '/painel/dados/rotulos': [401, 200, 200, 200, 200],
  '/painel/dados/evento?cliente=pf:x&source=s&id=1&time=2026-03-02T10:15:00.000Z': [401, 403, 403, 403, 503],
  '/painel/dados/quarentena': [401, 403, 403, 503, 403],
  '/painel/dados/quarentena/registros': [401, 403, 403, 503, 403],
  '/painel/dados/quarentena/registro?id=0/1': [401, 403, 403, 503, 403],
  '/painel/dados/quarentena/evento?id=0/1': [401, 403, 403, 503, 403],
  // The calls of the contract, by session as by key.
  '/v1/indicadores': [401, 403, 200, 403, 200],
  '/v1/clientes/52998224725': [401, 403, 403, 403, 200],
  '/v1/metricas': [401, 403, 200, 403, 200],
  '/v1/motivos': [401, 200, 200, 200, 200],
};

it('the data of each page by role: with the session as with the key', async () => {
  const daquiNaoSao = ['/painel/dados/'];
  const rotas = p.api.rotas.filter((r) => r.startsWith('GET ') && daquiNaoSao.some((d) => r.includes(d)));
  expect(
    rotas.map((r) => r.slice('GET '.length)).filter((url) => !Object.keys(DADOS).some((u) => u.split('?')[0] === url)),
  ).toEqual([]);
  for (const [url, quadro] of Object.entries(DADOS)) {
    const obtido = [(await p.api.app.inject(url)).statusCode];
    for (const papel of PAPEIS) obtido.push((await pede(url, await cookieDe(papel))).statusCode);
    expect([url, obtido]).toEqual([url, quadro]);
  }
});

it('what is done to the quarantine is done by operacao alone, from our own pages', async () => {
  for (const [url, payload] of [
    ['correcao', { id: '0/1', edicoes: [{ campo: 'canal', valor: 'telefone' }] }],
    ['reenvio', { ids: ['0/1'], aplica: true }],
  ] as const) {
    const pedeA = async (papel: Papel, headers: Record<string, string> = DA_CASA) => {
      const cookie = await cookieDe(papel);
      const pedido = { method: 'POST', url: `/painel/dados/quarentena/${url}`, payload } as const;
      return (await p.api.app.inject({ ...pedido, headers: { ...headers, cookie } })).statusCode;
    };
    for (const papel of PAPEIS) expect([papel, await pedeA(papel)]).toEqual([papel, papel === 'operacao' ? 503 : 403]);
    expect(await pedeA('operacao', { 'sec-fetch-site': 'cross-site' })).toBe(403);
  }
});

describe('the client of a document', () => {
  const CPF = '529.982.247-25';
  const pergunta = async (papel: Papel, documento: string, mais: Record<string, string> = DA_CASA) =>
    p.api.app.inject({
      method: 'POST',
      url: '/painel/dados/cliente',
      headers: { cookie: await cookieDe(papel), ...mais },
      payload: { documento },
    });

  it('is told to who may ask for clients, by its id alone', async () => {
    for (const papel of PAPEIS) {
      const { statusCode, body } = await pergunta(papel, CPF);
      expect([papel, statusCode]).toEqual([papel, papel === 'consulta' ? 200 : 403]);
      expect(body).not.toMatch(/529/);
    }
    const feita = await pergunta('consulta', CPF);
    expect([feita.json(), feita.headers['cache-control']]).toEqual([
      { id: expect.stringMatching(PSEUDONIMO_PF) },
      'no-store',
    ]);
    expect((await pergunta('consulta', ' 11.222.333/0001-81 ')).json()).toEqual({ id: 'pj:11222333000181' });
  });

  it('is nobody where a digit is wrong; nor is it told to another site', async () => {
    expect((await pergunta('consulta', '529.982.247-24')).json().codigo).toBe('CPF_INVALIDO');
    expect((await pergunta('consulta', CPF, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
  });
});

describe('the session', () => {
  it('is a cookie that scripts cannot read, sent to our own pages alone; Secure where the browser speaks TLS', async () => {
    const emClaro = String((await entra('bi')).headers['set-cookie']);
    expect(emClaro).toMatch(/^atendido=[\w-]{80,}; /);
    expect(emClaro).toMatch(/HttpOnly/);
    expect(emClaro).toMatch(/SameSite=Strict/);
    expect(emClaro).toMatch(/Path=\//);
    expect(emClaro).not.toMatch(/Secure/);
    const porTls = String((await entra('bi', { ...DA_CASA, 'x-forwarded-proto': 'https' })).headers['set-cookie']);
    expect(porTls).toMatch(/^__Host-atendido=.*; Secure/);
  });

  it('dies with its key, and with a changed secret', async () => {
    const cookie = await cookieDe('bi');
    expect((await pede('/v1/motivos', cookie)).statusCode).toBe(200);
    p.tabela.aplica('credencial:bi', null);
    const depois = await pede('/v1/motivos', cookie);
    expect([depois.statusCode, depois.json().codigo]).toEqual([401, 'SESSAO_ENCERRADA']);
  });

  it('ended, is worth nothing any more', async () => {
    const cookie = await cookieDe('bi');
    expect((await pede('/painel/sessao', cookie, DA_CASA, 'DELETE')).statusCode).toBe(204);
    expect((await pede('/v1/motivos', cookie)).statusCode).toBe(401);
  });

  it('no page from elsewhere acts with it', async () => {
    const cookie = await cookieDe('consulta');
    const origens: [Record<string, string>, number, number][] = [
      [{ 'sec-fetch-site': 'same-origin' }, 200, 400],
      [{ 'sec-fetch-site': 'same-site' }, 403, 403],
      [{ 'sec-fetch-site': 'cross-site' }, 403, 403],
      // Typed in, or a bookmark: reads.
      [{ 'sec-fetch-site': 'none' }, 200, 403],
      // An older browser, or in clear.
      [{}, 200, 403],
      [{ origin: 'http://painel.exemplo', host: 'painel.exemplo' }, 200, 400],
      [{ origin: 'http://outro.exemplo', host: 'painel.exemplo' }, 200, 403],
      [{ origin: 'null', host: 'painel.exemplo' }, 200, 403],
    ];
    for (const [headers, le, escreve] of origens) {
      const obtido = [
        (await pede('/v1/motivos', cookie, headers)).statusCode,
        (await p.api.app.inject({ method: 'POST', url: '/v1/decisoes', headers: { ...headers, cookie }, payload: {} }))
          .statusCode,
      ];
      expect([headers, ...obtido]).toEqual([headers, le, escreve]);
    }
    expect((await entra('bi', { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await pede('/painel/sessao', cookie, { 'sec-fetch-site': 'cross-site' }, 'DELETE')).statusCode).toBe(403);
  });

  it('what was not sealed by us, was cut or was changed is nobody', async () => {
    const cookie = await cookieDe('bi');
    for (const falso of [
      'atendido=',
      'atendido=abc',
      cookie.slice(0, -4),
      // The last character may hold bits that no byte takes.
      cookie.replace(/.{2}$/, (c) => (c === 'AA' ? 'BB' : 'AA')),
    ]) {
      expect((await pede('/v1/motivos', falso)).statusCode, falso).toBe(401);
    }
  });

  it('is of the api alone: ingest never sees it', async () => {
    const cookie = await cookieDe('operacao');
    expect((await pede('/v1/credenciais', cookie)).statusCode).toBe(401);
  });
});

it('an address that was wrong too often waits; the right key is not counted', async () => {
  const tenta = (chave: string, remoteAddress: string) =>
    p.api.app.inject({ method: 'POST', url: '/painel/sessao', headers: DA_CASA, payload: { chave }, remoteAddress });
  for (let n = 0; n < 30; n += 1) expect((await tenta('bi', '10.0.0.1')).statusCode).toBe(200);
  for (let n = 0; n < 10; n += 1) expect((await tenta('nada', '10.0.0.1')).statusCode).toBe(401);
  const agora = await tenta('bi', '10.0.0.1');
  expect([agora.statusCode, agora.json().codigo]).toEqual([429, 'MUITAS_TENTATIVAS']);
  expect(Number(agora.headers['retry-after'])).toBeGreaterThan(0);
  expect((await tenta('bi', '10.0.0.2')).statusCode).toBe(200);
});

describe('behind a proxy', () => {
  const PROXY = '10.9.0.1';
  /** A wrong key until the address waits, as its last caller; then one of somebody else's. @returns both answers */
  async function aposErrar(api: Portas['api'], de: string, para: string, quem: string) {
    const tenta = (remoteAddress: string, encaminhado: string) =>
      api.app.inject({
        ...{ method: 'POST', url: '/painel/sessao', remoteAddress, payload: { chave: 'nada' } },
        headers: { ...DA_CASA, 'x-forwarded-for': encaminhado },
      });
    for (let n = 0; n < 10; n += 1) expect((await tenta(quem, `203.0.113.${n}, ${de}`)).statusCode).toBe(401);
    return [(await tenta(quem, de)).statusCode, (await tenta(quem, para)).statusCode];
  }

  it('whose word is taken, each caller waits for itself, by the last address that no proxy of ours is', async () => {
    const daFrente = await portas({ proxies: ['10.9.0.0/16', '127.0.0.1'] });
    try {
      expect(await aposErrar(daFrente.api, '198.51.100.7', '198.51.100.8', PROXY)).toEqual([429, 401]);
      // Two proxies of ours, one behind the other.
      const porDois = ['198.51.100.17, 10.9.3.3', '198.51.100.18, 10.9.3.3'] as const;
      expect(await aposErrar(daFrente.api, ...porDois, PROXY)).toEqual([429, 401]);
      // From elsewhere nobody is taken at his word.
      expect(await aposErrar(daFrente.api, '198.51.100.9', '198.51.100.10', '10.8.0.1')).toEqual([429, 429]);
    } finally {
      await daFrente.fecha();
    }
  });

  it('whose word nobody said to take, the address is the proxy itself', async () => {
    expect(await aposErrar(p.api, '198.51.100.7', '198.51.100.8', PROXY)).toEqual([429, 429]);
  });
});

describe('what is sent to browsers', () => {
  it('a policy without inline code or eval, and no other host; the documentation of the api as before', async () => {
    const { headers, body } = await p.api.app.inject('/painel/entrar');
    const politica = String(headers['content-security-policy']);
    expect(politica).toContain("default-src 'none'");
    expect(politica).not.toMatch(/unsafe|\*|https?:/);
    expect(body).not.toMatch(/<script(?![^>]* src="\/painel\/app\/)|<style| on\w+=|https?:\/\/(?!www\.w3\.org)/);
    expect((await p.api.app.inject('/docs/')).statusCode).toBe(200);
  });

  it('files named by their content, for ever, compressed as the browser takes them', async () => {
    const { body } = await p.api.app.inject('/painel/entrar');
    const arquivos = [...body.matchAll(/(?:href|src)="(\/painel\/app\/[^"]+)"/g)].map(([, url = '']) => url);
    expect(arquivos.length).toBeGreaterThan(2);
    for (const url of arquivos) {
      const [br, gzip, puro] = await Promise.all(
        ['gzip, br', 'gzip', ''].map((aceita) => p.api.app.inject({ url, headers: { 'accept-encoding': aceita } })),
      );
      expect(br?.headers['cache-control']).toMatch(/immutable/);
      expect([br, gzip, puro].map((r) => r?.headers['content-encoding'])).toEqual(['br', 'gzip', undefined]);
      expect(br?.rawPayload.length).toBeLessThan(puro?.rawPayload.length ?? 0);
    }
    expect((await p.api.app.inject('/painel/app/main-OUTRO.js')).statusCode).toBe(404);
  });
});
