import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Portas, portas } from '../acesso-fixture.ts';
import { evento } from '../ingest/app-fixture.ts';

let p: Portas;
beforeAll(async () => {
  p = await portas();
  p.chave('consulta', { papeis: ['consulta'] });
});
afterAll(() => p.fecha());

it.each([
  ['fields the contract does not have', { data: { unidade: 'SP', foo: 1, bar: 2 } }, ['data.foo', 'data.bar']],
  ['a unidade that is none', { data: { unidade: 'XX' } }, ['data.unidade']],
  ['a time without offset', { time: '2026-03-02T10:15:00' }, ['time']],
])('a rehearsal refused for %s: each field by itself in erros, as at the door', async (_nome, partes, campos) => {
  const resposta = await p.api.app.inject({
    method: 'POST',
    url: '/v1/decisoes',
    headers: { authorization: 'Bearer consulta' },
    payload: { ...evento('1'), ...partes },
  });
  expect(resposta.json()).toMatchObject({
    codigo: 'ESQUEMA_INVALIDO',
    erros: campos.map((campo) => ({ campo, mensagem: expect.stringMatching(/./) })),
  });
});
