import { expect, it } from 'vitest';
import { type Esquecimento, Esquecimentos } from '#domain/esquecimento.ts';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import type { OutputRecord } from '../kafka/port.ts';
import { ordena, type PartesDaOrdem } from './ordem.ts';

const MARIA = 'pf:maria';
const QUEM = { quem: 'ana', chave: null };
/** By the brokers' clock, ahead of ours. */
const RELOGIO = Date.now() + 3_600_000;
const MINUTO = 60_000;

/** The line with the orders there are, two rulebooks in force, and what is sent. */
function mundo(...ordens: Esquecimento[]) {
  const esquecimentos = new Esquecimentos();
  for (const um of ordens) esquecimentos.registra(um);
  const enviados: OutputRecord[][] = [];
  const ditas: Esquecimento[] = [];
  let olhadas = 0;
  const producer = {
    send: async (registros: readonly OutputRecord[]) => void enviados.push([...registros]),
    close: async () => {},
  };
  const partes = {
    kafka: { exclusive: async () => producer },
    admin: {
      offsets: async (topico: string) => {
        olhadas += 1;
        return [{ partition: 0, low: 0, high: topico === 'presencas' ? 7 : 100 + olhadas }];
      },
    },
    seguidas: {
      apuracoes: {
        rulebooksEmVigor: { todos: () => [{ toleranciaFuturoMin: 2 }, { toleranciaFuturoMin: 5 }] },
        todas: () => [
          { numero: 0, estado: 'em-vigor' },
          { numero: 1, estado: 'em-preparo' },
        ],
      },
      esquecimentos,
      caughtUp: async () => {},
      relogio: () => RELOGIO,
      mudanca: (numero: number, estado: string) => ({ topic: 'apuracoes', key: `${numero} ${estado}`, value: null }),
      ordem(um: Esquecimento) {
        ditas.push(um);
        return { topic: 'esquecimentos', key: String(um.numero), value: null };
      },
    },
    resolucoes: { atualiza: async () => {} },
  } as unknown as PartesDaOrdem;
  const pede = () => ordena(partes, { titular: MARIA, nomeadoSob: esquecimentos.trocas.emVigor, quem: QUEM });
  return { partes, ordena: pede, enviados, ditas, olhadas: () => olhadas };
}

const ultima = (ditas: readonly Esquecimento[]): Esquecimento => ditas.at(-1) as Esquecimento;

it('holds from the ends found while nobody decides, and from the latest a clock ahead may say', async () => {
  const { ordena, ditas, olhadas } = mundo();
  expect(await ordena()).toBe(1);
  expect(ditas.map(({ anunciado, desde }) => [anunciado, desde === null])).toEqual([
    [true, true],
    [false, false],
  ]);
  const { limites, desde } = ultima(ditas);
  // Looked up again once it was announced.
  expect([olhadas(), limites]).toEqual([4, { interacoes: [100 + 3], presencas: [7] }]);
  expect(desde).toBeGreaterThanOrEqual(RELOGIO + 5 * MINUTO);
  expect(desde).toBeLessThan(RELOGIO + 6 * MINUTO);
});

it('gives what comes after a name made by chance', async () => {
  const nomes = await Promise.all(
    [1, 2].map(async () => {
      const { ordena, ditas } = mundo();
      await ordena();
      return ultima(ditas).nome;
    }),
  );
  expect(new Set(nomes).size).toBe(2);
  for (const nome of nomes) expect(nome).toMatch(/^pf:[A-Za-z0-9_-]{22}$/);
});

it('is in force by the write that says who had it done, and that names the person nowhere', async () => {
  const { ordena, ditas, enviados } = mundo();
  await ordena();
  const [ordem, ato] = enviados.at(-1) ?? [];
  expect([ordem?.topic, ato?.topic, enviados.flat().filter(({ topic }) => topic === 'atos').length]).toEqual([
    'esquecimentos',
    'atos',
    1,
  ]);
  const dito = String(ato?.value);
  expect(JSON.parse(dito)).toMatchObject({ ...QUEM, ato: 'cliente-esquecido', alvo: 'esquecimento 1', detalhe: {} });
  for (const id of [MARIA, ultima(ditas).nome]) expect(`${ato?.key} ${dito}`).not.toContain(id);
});

it('withdraws a rulebook that is being applied, and what another left announced, before it is announced', async () => {
  const limites = { interacoes: [], presencas: [] };
  const base = { por: 'bia', em: 0, desde: null, limites, fechamentos: [] };
  const deOutra = { ...base, numero: 4, titular: 'pf:joana', nome: 'pf:x', anunciado: true };
  const { ordena, ditas, enviados } = mundo(deOutra);
  expect(await ordena()).toBe(5);
  expect(enviados[0]?.map(({ key }) => key)).toEqual(['1 abandonada', '4']);
  expect(ditas[0]).toMatchObject({ numero: 4, anunciado: false });
});

it('one that was left half-way is gone on with, under the name it had', async () => {
  const limites = { interacoes: [], presencas: [] };
  const meia: Esquecimento = {
    ...{ numero: 3, titular: MARIA, nome: 'pf:ja', por: 'ana', em: 0, anunciado: true, desde: null },
    ...{ limites, fechamentos: [] },
  };
  const { ordena, ditas } = mundo(meia);
  expect(await ordena()).toBe(3);
  expect(ultima(ditas)).toMatchObject({ numero: 3, nome: 'pf:ja', anunciado: false });
  const emVigor = mundo({ ...meia, anunciado: false, desde: 1 });
  expect([await emVigor.ordena(), emVigor.enviados]).toEqual([3, []]);
});

it('is refused where the key was changed since the person was named: nobody has that name any more', async () => {
  const { partes, enviados } = mundo();
  const limites = { interacoes: [], presencas: [] };
  const conhecidos = FiltroDeIds.para(1);
  partes.seguidas.esquecimentos.trocas.poeEmVigor({
    id: 't',
    por: 'ana',
    em: 0,
    anterior: 'a',
    nova: 'n',
    limites,
    conhecidos,
  });
  await expect(ordena(partes, { titular: MARIA, nomeadoSob: null, quem: QUEM })).rejects.toMatchObject({
    code: 'CHAVE_SUPERADA',
  });
  expect(enviados).toEqual([]);
});
