import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CloudEvent } from '#producer/index.ts';
import { Ids } from './repetidos.ts';

const evento = (id: string, data: object): CloudEvent => ({
  ...{ specversion: '1.0', id, source: 's', type: 't', time: 'x' },
  data: { ...data },
});

it('says of each line where its id stood before, and whether it said the same', () => {
  const linhas = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2 })), { maxLength: 60 });
  fc.assert(
    fc.property(linhas, (pares) => {
      const ids = new Ids();
      const primeiros = new Map<number, { linha: number; v: number }>();
      for (const [n, [id, v]] of pares.entries()) {
        const antes = primeiros.get(id);
        const esperado = antes === undefined ? null : { linha: antes.linha, igual: antes.v === v };
        expect(ids.ve(evento(String(id), { v }), n + 1)).toEqual(esperado);
        if (antes === undefined) primeiros.set(id, { linha: n + 1, v });
      }
    }),
  );
});

it('remembers as it grows', () => {
  const ids = new Ids();
  for (let n = 1; n <= 20_000; n += 1) expect(ids.ve(evento(`e${n}`, {}), n)).toBeNull();
  for (let n = 1; n <= 20_000; n += 1)
    expect(ids.ve(evento(`e${n}`, {}), n + 20_000)).toEqual({ linha: n, igual: true });
});
