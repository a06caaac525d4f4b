import { expect, it } from 'vitest';
import { AGORA, comIndice, entrada } from './fixture.ts';

const ids = (indice: ReturnType<typeof comIndice>['indice']) => indice.todas().map(({ id }) => id);

it('holds no more than it may: what was solved leaves first, then the oldest that wait; how many left is known', () => {
  const { indice, reenvia } = comIndice(10);
  for (let n = 0; n < 10; n += 1) indice.poe(entrada(`0/${n}`, { em: AGORA + n }));
  reenvia('0/4');
  indice.poe(entrada('0/10', { em: AGORA + 10 }));
  expect([indice.get('0/4'), indice.guardadas, indice.alem()]).toEqual([
    undefined,
    10,
    { esperavam: 0, reenviadas: 1 },
  ]);
  for (let n = 11; n < 14; n += 1) indice.poe(entrada(`0/${n}`, { em: AGORA + n }));
  expect(ids(indice)).toEqual(['13', '12', '11', '10', '9', '8', '7', '6', '5', '3'].map((n) => `0/${n}`));
  expect(indice.alem()).toEqual({ esperavam: 3, reenviadas: 1 });
  // The trend counts what left too.
  expect(indice.tendencia.de(['2026-03-15'])).toEqual(new Map([['A', [14]]]));
});

it('what retention took out of the log is held no more, nor counted among what left', () => {
  const { indice } = comIndice(4);
  for (let n = 0; n < 6; n += 1) indice.poe(entrada(`0/${n}`, { em: AGORA + n }));
  indice.poe(entrada('1/0'));
  expect(indice.alem()).toEqual({ esperavam: 3, reenviadas: 0 });
  indice.corta(new Map([[0, 1]]));
  // Of the partition some that left may be there yet.
  expect(indice.alem()).toEqual({ esperavam: 3, reenviadas: 0 });
  indice.corta(new Map([[0, 5]]));
  expect([ids(indice), indice.alem()]).toEqual([['0/5'], { esperavam: 1, reenviadas: 0 }]);
});

it('a record handed over again is one record', () => {
  const { indice } = comIndice();
  indice.poe(entrada('0/1'));
  indice.poe(entrada('0/1'));
  expect([indice.guardadas, indice.tendencia.de(['2026-03-15']).get('A')]).toEqual([1, [1]]);
});
