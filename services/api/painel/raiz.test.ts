import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Portas, portas } from '../../acesso-fixture.ts';

let p: Portas;
beforeAll(async () => {
  p = await portas();
  p.chave('bi', { papeis: ['bi'] });
});
afterAll(() => p.fecha());

const pede = (url: string, headers: Record<string, string> = {}) => p.api.app.inject({ url, headers });

/** The session of one who may see the first page. */
async function cookie(): Promise<string> {
  const headers = { 'sec-fetch-site': 'same-origin' };
  const pedido = { method: 'POST', url: '/painel/sessao', headers, payload: { chave: 'bi' } } as const;
  return String((await p.api.app.inject(pedido)).headers['set-cookie']).split(';')[0] ?? '';
}

it('the bare address leads a browser to the panel; a program is told that nothing is there', async () => {
  const { statusCode, headers } = await pede('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
  expect([statusCode, headers.location, headers.vary]).toEqual([303, '/painel', 'accept']);
  for (const accept of ['*/*', 'application/json', 'text/html;q=0']) {
    const resposta = await pede('/', { accept });
    expect([resposta.statusCode, resposta.json()]).toMatchObject([404, { codigo: 'ROTA_DESCONHECIDA' }]);
    expect(resposta.headers.vary).toBe('accept');
  }
});

it('the panel, also with a slash behind it, leads to the login, and with a session to its first page', async () => {
  const sessao = { cookie: await cookie() };
  for (const url of ['/painel', '/painel/']) {
    expect([url, (await pede(url)).headers.location]).toEqual([url, '/painel/entrar']);
    expect([url, (await pede(url, sessao)).headers.location]).toEqual([url, '/painel/hoje']);
  }
});
