import { describe, expect, it } from 'vitest';
import { registroDaTroca, trocaNova } from '#platform/trocas.ts';
import { CLIENTS, endsOf, FEWER, lines, orderAt, raw } from './lines-fixture.ts';
import { MOST } from './quarantine.ts';

describe('a line is not copied', () => {
  const impossible = expect.objectContaining({ code: 'COPIA_IMPOSSIVEL' });

  it.each([
    ['to where something is', ({ to }) => void to.write(raw('pf:1', 'x'))],
    [
      'to one whose services have run',
      ({ to }) => void to.write({ topic: 'clientes-atendidos', key: 'x', value: null }),
    ],
    ['to topics that were emptied', ({ to }) => void to.emptied.set('interacoes', 500)],
    [
      'where more was set aside than is kept in mind',
      ({ from }) => void from.emptied.set('interacoes-em-quarentena', Math.ceil((MOST + 1) / FEWER)),
    ],
    ['before all of it is decided', ({ from }) => void from.committed.set('interacoes', [0, 0, 0])],
    [
      'while somebody is being forgotten',
      async ({ from }) => void from.write(await orderAt(from, 1, { fechamentos: [] })),
    ],
    [
      'while an order is announced',
      async ({ from }) => void from.write(await orderAt(from, 1, { anunciado: true, desde: null })),
    ],
    [
      'while the key is being changed',
      ({ from }) => void from.write(registroDaTroca(trocaNova({ por: 'ana', anterior: 'a', nova: 'n' }), 'anunciada')),
    ],
    [
      'where orders cross',
      async ({ from }) => {
        const crossing = { interacoes: [99, 0, 0], presencas: [] };
        from.write(await orderAt(from, 1), await orderAt(from, 2, { limites: crossing }));
      },
    ],
  ] as [string, (of: ReturnType<typeof lines>) => unknown][])('%s', async (_, make) => {
    const of = lines();
    of.from.write(...CLIENTS.map((key) => raw(key, key)));
    await make(of);
    const before = endsOf(of.to, 'interacoes');
    await expect(of.copy()).rejects.toThrow(impossible);
    expect(endsOf(of.to, 'interacoes')).toEqual(before);
    expect(of.asked).toEqual([]);
  });
});

describe('a copy is of no use', () => {
  const invalid = expect.objectContaining({ code: 'COPIA_INVALIDA' });

  it.each([
    ['where the first line moved meanwhile', 'from'],
    ['where the other holds something else than was written', 'to'],
  ] as const)('%s', async (_, which) => {
    const of = lines();
    of.from.write(...CLIENTS.map((key) => raw(key, key)));
    of.to.onSend = () => {
      of.to.onSend = () => undefined;
      of[which].write(raw('pf:1', 'meanwhile'));
    };
    await expect(of.copy()).rejects.toThrow(invalid);
    expect(of.asked).toEqual([true, false]);
  });

  it('where it ends midway, and the topics are as ever', async () => {
    const of = lines();
    of.from.write(...CLIENTS.map((key) => raw(key, key)));
    of.to.onSend = () => {
      throw new Error('acabou');
    };
    await expect(of.copy()).rejects.toThrow('acabou');
    expect(of.asked).toEqual([true, false]);
  });

  it('where its records are of when they were copied, from the first ones on', async () => {
    const of = lines();
    of.from.write(...CLIENTS.map((key) => raw(key, key, { timestamp: 7 })));
    of.from.write({ topic: 'credenciais', key: 'x', value: null, timestamp: 7 });
    of.to.clock = 8;
    await expect(of.copy()).rejects.toThrow(invalid);
    expect(endsOf(of.to, 'credenciais')).toEqual([0]);
  });
});
