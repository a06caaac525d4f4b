import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { causaDe } from './causa.ts';

const com = (code: string, mais: object = {}) => Object.assign(new Error('in English'), { code, ...mais });

it('is told in Portuguese, with the code, wherever in the error it stands', async () => {
  const recusada = 'ninguém atende neste endereço (ECONNREFUSED)';
  expect(causaDe(com('ECONNREFUSED'))).toBe(recusada);
  expect(causaDe(new TypeError('fetch failed', { cause: com('ECONNREFUSED') }))).toBe(recusada);
  expect(causaDe(new AggregateError([com('ECONNREFUSED')], 'all failed'))).toBe(recusada);
  const socket = connect(1, '127.0.0.1');
  expect(causaDe(await new Promise((resolve) => socket.once('error', resolve)))).toBe(recusada);
});

it('is what the error says where it is not of the network', () => {
  expect(causaDe(new Error('sem resposta a tempo'))).toBe('sem resposta a tempo');
  expect(causaDe(new Error('por fora', { cause: new Error('por dentro') }))).toBe('por dentro');
  expect(causaDe(com('OUTRO'))).toBe('in English');
  expect(causaDe('texto')).toBe('texto');
});
