import { expect, test, vi } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { impressaoDaChave, pseudonimizadorSelado, TrocasDeChave } from '#domain/troca-de-chave.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { Nomes } from '#platform/nomes.ts';
import { ACTS_TOPIC, KEY_CHANGES_TOPIC } from '#platform/topics.ts';
import { LeituraDasTrocas } from '#platform/trocas.ts';
import type { Conexoes } from '../conexoes.ts';
import { trocaAChave } from './troca.ts';

// Nobody has to hear of it here.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => {} }));

const [K0, K1, K2, K3] = ['a-chave-primeira', 'a-chave-segunda', 'a-chave-terceira', 'a-chave-quarta'];
const SEM_LIMITES = { interacoes: [], presencas: [] };
const [ANA, BIA, CAIO, DORA] = ['52998224725', '11144477735', '39053344705', '15350946056'];

interface Leitura {
  from: ReadonlyMap<number, number>;
  to: ReadonlyMap<number, number>;
  onBatch: (batch: object) => unknown;
}

/** A line of one partition, of which everything is in memory. @param noMeio what others did while a change was prepared */
function linha(noMeio: () => void = () => {}) {
  const log: Interacao[] = [];
  const atos: unknown[] = [];
  const ditas: string[] = [];
  const esquecidos: string[] = [];
  const esperando: { valor: Interacao }[] = [];
  const trocas = new TrocasDeChave();
  const leitura = new LeituraDasTrocas(trocas);
  const send = async (registros: readonly OutputRecord[]): Promise<void> => {
    for (const { topic, key, value } of registros) {
      if (topic === ACTS_TOPIC) atos.push(JSON.parse(String(value)));
      if (topic !== KEY_CHANGES_TOPIC) continue;
      if (String(key) === 'troca') ditas.push(JSON.parse(String(value)).estado);
      leitura.recebe({ key: Buffer.from(String(key)), value });
    }
  };
  const nomes = (chave: string, anteriores: string | null) =>
    new Nomes({ clientIdKey: chave, clientIdKeyAnterior: anteriores }, trocas);
  const conexoes = (chave: string, anteriores: string) => ({
    admin: { ends: async (topico: string) => new Map([[0, topico === 'interacoes' ? log.length : 0]]) },
    kafka: {
      exclusive: async () => ({ send, close: async () => {} }),
      readToEnd: async (topico: string, { from, to, onBatch }: Leitura) => {
        if (topico !== 'interacoes') return;
        await onBatch({ records: log.slice(from.get(0) ?? 0, to.get(0)).map((value) => ({ value })) });
      },
    },
    interacoes: { prepareIds: async () => {}, decodeSync: (value: unknown) => value },
    // Once nobody else writes any more.
    resolucoes: { atualiza: async () => noMeio(), esperando: () => esperando },
    seguidas: {
      esquecimentos: { trocas, todos: () => esquecidos.map((titular) => ({ titular })) },
      caughtUp: async () => {},
      leriaTroca: (registro: OutputRecord) => leitura.leria(registro),
    },
    nomes: nomes(chave, anteriores),
  });
  const de = (pf: string): Interacao =>
    ({ ...INTERACAO_VAZIA, cliente: { pf, pj: null, naoIdentificado: null } }) as never;
  return {
    ...{ trocas, atos, ditas, nomes, esquecidos },
    espera: (pf: string) => esperando.push({ valor: de(pf) }),
    /** Under the name that whoever has these keys gives. */
    vem: (cpf: string, chave: string, anteriores: string | null = null) => {
      const nome = nomes(chave, anteriores).registra(cpf);
      log.push(de(nome));
      return nome;
    },
    troca: (chave: string, anteriores: string, pessoa = ANA) =>
      trocaAChave(conexoes(chave, anteriores) as unknown as Conexoes, {
        ...{ anterior: anteriores, pessoa },
        quem: { quem: 'ana', chave: null },
      }),
  };
}
const codigo = (code: string) => expect.objectContaining({ code });

test('a key is changed again and again, and each person keeps the name they were first known by', async () => {
  const { troca, vem, trocas, atos, ditas, espera } = linha();
  vem(ANA, K0);
  await troca(K1, K0);
  vem(BIA, K1, K0);
  // Corrected between the two, it stands in no log yet.
  espera(pseudonimizadorSelado(K1)(DORA));
  const segunda = await troca(K2, `${K0},${K1}`, BIA);
  expect(segunda).toMatchObject({ jaEstava: false, medida: { conhecidos: 3 } });
  expect(await troca(K2, `${K0},${K1}`)).toMatchObject({ jaEstava: true, troca: segunda.troca, medida: null });
  vem(CAIO, K2, `${K0},${K1}`);
  await troca(K3, `${K0}\n${K1}\n${K2}`, CAIO);
  expect(trocas.todas.map(({ limites }) => limites.interacoes)).toEqual([[1], [2], [3]]);
  const nomes = [ANA, BIA, DORA, CAIO].map((cpf) => vem(cpf, K3, `${K0},${K1},${K2}`));
  const [deK1, deK2] = [pseudonimizadorSelado(K1), pseudonimizadorSelado(K2)];
  expect(nomes).toEqual([pseudonimizador(K0)(ANA), deK1(BIA), deK1(DORA), deK2(CAIO)]);
  expect(ditas).toEqual(['', '', ''].flatMap(() => ['anunciada', 'em-vigor']));
  expect(atos).toHaveLength(3);
});

test('who was forgotten, and stands in no log under the name they have, has it still', async () => {
  const { troca, vem, nomes, esquecidos } = linha();
  vem(ANA, K0);
  await troca(K1, K0);
  const [id, ...outros] = nomes(K1, K0).todos(BIA);
  esquecidos.push(id);
  await troca(K2, `${K0},${K1}`);
  const depois = nomes(K2, `${K0},${K1}`).todos(BIA);
  expect(depois[0]).toBe(id);
  expect(depois).toEqual(expect.arrayContaining(outros));
});

test('of a second change the keys are all there were, in order, and one that was never in use', async () => {
  const { troca, vem, trocas } = linha();
  vem(ANA, K0);
  await troca(K1, K0);
  await expect(troca(K2, K1)).rejects.toThrow(codigo('CHAVE_SUPERADA'));
  await expect(troca(K2, K0)).rejects.toThrow(codigo('CHAVE_SUPERADA'));
  await expect(troca(K2, `${K1},${K0}`)).rejects.toThrow(codigo('CHAVE_SUPERADA'));
  await expect(troca(K0, `${K0},${K1}`)).rejects.toThrow(codigo('TROCA_JA_FEITA'));
  await expect(troca(K2, `${K0},${K1}`, BIA)).rejects.toThrow(codigo('CHAVE_ANTERIOR_ERRADA'));
  expect(trocas.todas).toHaveLength(1);
  await troca(K2, `${K0},${K1}`);
  // The pair of the first one.
  await expect(troca(K1, K0)).rejects.toThrow(codigo('TROCA_JA_FEITA'));
  expect(trocas.todas).toHaveLength(2);
});

test('one that another command had overtaken is given up before anything of it is written', async () => {
  for (const anteriores of [[K0], [K0, K1]]) {
    let outra = (): void => {};
    const { troca, vem, trocas, ditas } = linha(() => outra());
    vem(ANA, K0);
    if (anteriores.length === 2) await troca(K1, K0);
    const antes = ditas.length;
    outra = () => {
      const [anterior, nova] = [anteriores.at(-1) ?? '', K3].map(impressaoDaChave) as [string, string];
      const conhecidos = FiltroDeIds.para(1);
      trocas.poeEmVigor({ ...{ id: 'outra', por: 'bia', em: 0, anterior, nova, conhecidos }, limites: SEM_LIMITES });
    };
    await expect(troca(K2, anteriores.join())).rejects.toThrow(codigo('CHAVE_SUPERADA'));
    expect([trocas.emVigor?.id, ditas.length]).toEqual(['outra', antes]);
  }
});
