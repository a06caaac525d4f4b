import { beforeEach, describe, expect, it } from 'vitest';
import { Ritmo } from './ritmo.ts';

let agora: number;
let ritmo: Ritmo;
beforeEach(() => {
  agora = 1_000;
  ritmo = new Ritmo(() => agora);
});

const lenta = { id: 'lenta', limite: 2 };
const recusada = (chave: Parameters<Ritmo['entra']>[0]): number | undefined => {
  try {
    ritmo.entra(chave);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ codigo: 'LIMITE_DA_CHAVE' });
    return (error as { retryAfter: number }).retryAfter;
  }
};

describe('Ritmo', () => {
  it("a second's worth at once, then as fast as the limit", () => {
    expect([recusada(lenta), recusada(lenta), recusada(lenta)]).toEqual([undefined, undefined, 1]);
    agora += 499;
    expect(recusada(lenta)).toBe(1);
    agora += 1;
    expect([recusada(lenta), recusada(lenta)]).toEqual([undefined, 1]);
  });

  it('never more than a second saved up', () => {
    agora += 3_600_000;
    expect([1, 2, 3].map(() => recusada(lenta))).toEqual([undefined, undefined, 1]);
  });

  it('events beyond the limit are waited for', () => {
    ritmo.entra(lenta);
    ritmo.debita(lenta, 20);
    expect(recusada(lenta)).toBe(10);
    agora += 9_999;
    expect(recusada(lenta)).toBe(1);
    agora += 1;
    expect(recusada(lenta)).toBeUndefined();
  });

  it('each key by itself, and one without limit as it likes', () => {
    ritmo.debita(lenta, 100);
    expect(recusada({ id: 'outra', limite: 1 })).toBeUndefined();
    for (let n = 0; n < 1_000; n += 1) expect(recusada({ id: 'livre', limite: null })).toBeUndefined();
  });
});
