import { beforeEach, expect, it } from 'vitest';
import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import type { TrocaEmVigor } from '#domain/troca-de-chave.ts';
import type { OutputRecord } from '../kafka/port.ts';
import { ACTS_TOPIC } from '../topics.ts';
import { guardaCorrecao, type PartesDoReenvio, reenvia } from './reenvio.ts';
import type { EmQuarentena } from './registros.ts';
import { TOPICO_DAS_RESOLUCOES } from './resolucoes.ts';

/** What each transaction had in it. */
let juntos: (readonly OutputRecord[])[];
beforeEach(() => {
  juntos = [];
});

/** Nobody else resolves anything, and nothing was resolved before. */
function partes(): PartesDoReenvio {
  const producer = {
    send: async (records: readonly OutputRecord[]) => void juntos.push(records),
    close: async () => {},
  };
  const codec = { encode: (v: object) => Buffer.from(JSON.stringify(v)) };
  const resolucoes = { atualiza: async () => {}, resolvida: () => false, de: () => undefined, codec };
  const seguidas = {
    apuracoes: { emVigor: 0 },
    esquecimentos: { trocas: { emVigor: null } },
    caughtUp: async () => {},
  };
  return { kafka: { exclusive: async () => producer }, resolucoes, seguidas } as unknown as PartesDoReenvio;
}

const ESPERA = {
  id: 'q1',
  registro: {
    ...{ topico: 'interacoes', particao: 0, chave: Buffer.from('pf:x'), valor: Buffer.from('v'), cabecalhos: {} },
    ...{ apuracao: 0, tentativa: 1 },
  },
} as unknown as EmQuarentena;

const topicos = () => juntos.map((records) => records.map(({ topic }) => topic));
const ato = () => JSON.parse(String(juntos.flat().find(({ topic }) => topic === ACTS_TOPIC)?.value));

const CORRECAO = {
  ...{ topico: 'interacoes', chave: null, valor: Buffer.from('v'), por: 'ana', em: 0 },
} as unknown as Parameters<typeof guardaCorrecao>[2];

it('a correction is kept in one transaction with the act that it is', async () => {
  await guardaCorrecao(partes(), ESPERA, CORRECAO, { nomeadaSob: null });
  expect(topicos()).toEqual([[TOPICO_DAS_RESOLUCOES, ACTS_TOPIC]]);
  expect(ato()).toMatchObject({ ato: 'quarentena-corrigida', alvo: 'q1', quem: 'ana' });
});

it('a correction whose people were named before a change of key is not kept after it', async () => {
  const [t1, t2] = [{ id: 't1' }, { id: 't2' }] as TrocaEmVigor[];
  for (const [nomeadaSob = null, emVigor] of [
    [null, t1],
    [t1, t2],
  ]) {
    const seguidas = { ...partes().seguidas, esquecimentos: { trocas: { emVigor } } };
    const depois = { ...partes(), seguidas } as unknown as PartesDoReenvio;
    const guarda = guardaCorrecao(depois, ESPERA, CORRECAO, { nomeadaSob });
    await expect(guarda).rejects.toThrow(expect.objectContaining({ code: 'CHAVE_SUPERADA' }));
  }
  expect(juntos).toEqual([]);
});

it('a replay is one transaction: the copy, the word that it was made, and the act', async () => {
  expect(await reenvia(partes(), [ESPERA], { por: 'bia', execucao: 'e1' }, () => true)).toBe(1);
  expect(topicos()).toEqual([['interacoes', TOPICO_DAS_RESOLUCOES, ACTS_TOPIC]]);
  expect(ato()).toMatchObject({ ato: 'quarentena-reenviada', alvo: 'e1', quem: 'bia', detalhe: { ids: ['q1'] } });
});

it('what was derived of the presences of somebody forgotten since is not put back', async () => {
  const derivada = { ...ESPERA, registro: { ...ESPERA.registro, source: FONTE_CONSOLIDADOR } };
  const fechamento = { apuracao: 0, interacoes: [9], encerrado: false };
  const reenviadas = (titular: string, apuracao = 0) => {
    const esquecimentos = { doTitular: (id: string) => (id === titular ? { fechamentos: [fechamento] } : undefined) };
    const seguidas = { ...partes().seguidas, apuracoes: { emVigor: apuracao }, esquecimentos };
    const de = { ...derivada, registro: { ...derivada.registro, apuracao } };
    const doEsquecido = { ...partes(), seguidas } as unknown as PartesDoReenvio;
    return reenvia(doEsquecido, [de], { por: 'bia', execucao: 'e1' }, () => true);
  };
  expect(await reenviadas('pf:x')).toBe(0);
  expect(juntos.flat()).toEqual([]);
  expect(await reenviadas('pf:outro')).toBe(1);
  expect(await reenviadas('pf:x', 1)).toBe(1);
});

it('a replay of nothing is no act', async () => {
  expect(await reenvia(partes(), [ESPERA], { por: 'bia', execucao: 'e1' }, () => false)).toBe(0);
  expect(juntos.flat()).toEqual([]);
});
