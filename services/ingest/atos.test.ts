import { beforeEach, expect, it } from 'vitest';
import { TabelaDeCredenciais } from '#platform/credenciais/tabela.ts';
import { RetryableError } from '#platform/errors.ts';
import type { OutputRecord, Producer } from '#platform/kafka/port.ts';
import { ACTS_TOPIC, CREDENTIALS_TOPIC } from '#platform/topics.ts';
import { criaCredencial, registraFonte, revoga, troca } from './acesso.ts';
import { grava } from './portfolio.ts';

const ANA = { quem: 'ana', chave: 'operacao' };
const codec = { encode: (v: object) => Buffer.from(JSON.stringify(v)) };

let tabela: TabelaDeCredenciais;
/** What each transaction, or each send, had in it. */
let juntos: string[][];
let producer: Producer;
beforeEach(() => {
  tabela = new TabelaDeCredenciais('a chave de operação destes testes de unidade');
  juntos = [];
  producer = {
    send: async (records: readonly OutputRecord[]) => {
      juntos.push(records.map(({ topic }) => topic));
      for (const { topic, key, value } of records) if (topic === CREDENTIALS_TOPIC) tabela.aplica(String(key), value);
    },
    close: async () => {},
  };
});

const acesso = () => ({
  credenciais: { tabela, caughtUp: async () => {} },
  kafka: { exclusive: async () => producer },
});
const fonte = { source: 'lms', nome: 'LMS', interacoes: ['*' as const] };

it('a source and a key, made, changed and revoked: each in one transaction with the act that it is', async () => {
  await registraFonte(fonte, ANA, acesso());
  await criaCredencial({ id: 'lms', papeis: ['produtor'], source: 'lms', nova: true }, ANA, acesso());
  await troca('lms', 60, ANA, acesso());
  await revoga('lms', ANA, acesso());
  expect(juntos).toEqual(Array.from({ length: 4 }, () => [CREDENTIALS_TOPIC, ACTS_TOPIC]));
});

it('a change that is refused is no act', async () => {
  await expect(revoga('ninguem', ANA, acesso())).rejects.toMatchObject({ codigo: 'CREDENCIAL_DESCONHECIDA' });
  await expect(troca('ninguem', 0, ANA, acesso())).rejects.toMatchObject({ codigo: 'CREDENCIAL_DESCONHECIDA' });
  expect(juntos).toEqual([]);
});

it('the portfolio: the act is acknowledged before what it tells of, or with it', async () => {
  const solucao = { id: 'S', tipoSolucao: 'palestra', nome: 'P' };
  const lida = {
    ok: true as const,
    valor: { ...solucao, frequenciaMinima: null, momentos: null, educacaoEmpreendedora: null },
  };
  const em = { topic: 'solucoes' as const, codec, producer };
  await grava('S', lida, ANA, em);
  expect(juntos.flat().indexOf(ACTS_TOPIC)).toBe(0);
  expect(juntos.flat()).toContain('solucoes');
  const semKafka = { ...em, producer: { send: () => Promise.reject(new RetryableError('sem broker')) } };
  await expect(grava('S', lida, ANA, semKafka)).rejects.toThrow(RetryableError);
});
