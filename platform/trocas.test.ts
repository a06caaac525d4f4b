import { expect, test } from 'vitest';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import { TrocasDeChave } from '#domain/troca-de-chave.ts';
import type { OutputRecord } from './kafka/port.ts';
import { LeituraDasTrocas, pedacosDoFiltro, registroDaTroca, registroEmVigor, trocaNova } from './trocas.ts';

const SEM_LIMITES = { interacoes: [], presencas: [] };

/** An attempt at a change, with a filter of its own in several pieces. */
function tentativa(n: number, { anterior, nova } = { anterior: 'a', nova: 'n' }) {
  const troca = trocaNova({ por: 'ana', anterior, nova });
  const conhecidos = FiltroDeIds.para(600_000);
  conhecidos.adiciona(`pf:${String(n).repeat(22)}`);
  const pedacos = [...pedacosDoFiltro(troca.id, conhecidos)];
  const emVigor = registroEmVigor({ ...troca, limites: SEM_LIMITES, conhecidos }, []);
  const diz = (estado: 'anunciada' | 'retirada') => registroDaTroca(troca, estado);
  return { id: troca.id, pedacos, emVigor, diz };
}

function leitor() {
  const trocas = new TrocasDeChave();
  const leitura = new LeituraDasTrocas(trocas);
  const le = (...registros: OutputRecord[]): void => {
    for (const { key, value } of registros) leitura.recebe({ key: Buffer.from(String(key)), value });
  };
  return { trocas, leitura, le };
}

test('of attempts that were given up, one filter is kept: the one begun last', () => {
  const { leitura, le, trocas } = leitor();
  const [uma, outra] = [tentativa(1), tentativa(2)];
  le(...uma.pedacos);
  expect(leitura.leria(uma.emVigor)).toBe(true);
  le(...outra.pedacos);
  expect([leitura.leria(uma.emVigor), leitura.leria(outra.emVigor)]).toEqual([false, true]);
  le(outra.diz('anunciada'), outra.emVigor);
  expect(trocas.emVigor?.id).toBe(outra.id);
});

test('one that was withdrawn leaves none, and nor does one in force', () => {
  const { leitura, le } = leitor();
  const uma = tentativa(1);
  le(...uma.pedacos, uma.diz('anunciada'));
  expect(leitura.leria(uma.emVigor)).toBe(true);
  le(uma.diz('retirada'));
  expect(leitura.leria(uma.emVigor)).toBe(false);
  le(...uma.pedacos, uma.emVigor);
  expect(leitura.leria(uma.emVigor)).toBe(false);
});

test('while one is announced, another’s filter does not take the place of its own, nor is it lost', () => {
  const { leitura, le } = leitor();
  const [uma, outra, terceira] = [tentativa(1), tentativa(2), tentativa(3)];
  le(...uma.pedacos, uma.diz('anunciada'), ...outra.pedacos, ...terceira.pedacos);
  const legiveis = () => [uma, outra, terceira].map(({ emVigor }) => leitura.leria(emVigor));
  expect(legiveis()).toEqual([true, false, true]);
  // Of who was killed.
  le(uma.diz('retirada'), terceira.diz('anunciada'));
  expect(legiveis()).toEqual([false, false, true]);
});

test('with a piece missing it could not be read', () => {
  const { leitura, le } = leitor();
  const uma = tentativa(1);
  le(...uma.pedacos.slice(1));
  expect(leitura.leria(uma.emVigor)).toBe(false);
  expect(() => le(uma.emVigor)).toThrow(expect.objectContaining({ code: 'TROCA_ILEGIVEL' }));
});

test('after a change another one of the key it left is taken in, with its own filter; one of an older key, broken or not, is none', () => {
  const { leitura, le, trocas } = leitor();
  const [uma, velha] = [tentativa(1), tentativa(2)];
  const segunda = tentativa(3, { anterior: 'n', nova: 'm' });
  le(...uma.pedacos, uma.emVigor, velha.diz('anunciada'), velha.emVigor);
  expect([trocas.anunciada, trocas.todas.map(({ id }) => id)]).toEqual([null, [uma.id]]);
  le(...velha.pedacos, ...segunda.pedacos, segunda.diz('anunciada'));
  expect(trocas.anunciada?.id).toBe(segunda.id);
  expect([velha, segunda].map(({ emVigor }) => leitura.leria(emVigor))).toEqual([false, true]);
  le(segunda.emVigor, velha.emVigor, uma.emVigor);
  expect([trocas.anunciada, trocas.todas.map(({ id }) => id)]).toEqual([null, [uma.id, segunda.id]]);
  expect(
    trocas.todas.map(({ conhecidos }) => [1, 2, 3].map((n) => conhecidos.tem(`pf:${String(n).repeat(22)}`))),
  ).toEqual([
    [true, false, false],
    [false, false, true],
  ]);
  const terceira = tentativa(4, { anterior: 'm', nova: 'o' });
  expect(() => le(...terceira.pedacos.slice(1), terceira.emVigor)).toThrow(
    expect.objectContaining({ code: 'TROCA_ILEGIVEL' }),
  );
});
