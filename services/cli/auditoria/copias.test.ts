import { describe, expect, it } from 'vitest';
import { type Cliente, INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { Coleta, Copias } from './copias.ts';

const de = (pf: string, pj: string | null = null): Cliente => {
  return { pf, pj: pj === null ? null : { id: pj, vinculo: 'indicacao' }, naoIdentificado: null };
};

const evento = (id: string, cliente: Cliente): Interacao => ({ ...INTERACAO_VAZIA, source: 'crm', id, cliente });

/** As two threads would find them, each with some of the events. */
function copiasEntre(...partes: Interacao[][]): number {
  const copias = new Copias();
  for (const parte of partes) {
    const coleta = new Coleta(parte.length);
    for (const i of parte) coleta.add(i);
    copias.soma(coleta.recolhe());
  }
  return copias.deOutroCliente;
}

describe('copies of an event under another client', () => {
  it('are none where a copy names the same clients', () => {
    const um = evento('1', de('pf:a', 'pj:b'));
    expect(copiasEntre([um, um], [um, evento('2', de('pf:c'))])).toBe(0);
  });

  it('are counted one by one, wherever they are read', () => {
    const [a, b] = [evento('1', de('pf:a')), evento('1', de('pf:b'))];
    expect(copiasEntre([a, b, a])).toBe(1);
    expect(copiasEntre([a], [b, b])).toBe(2);
    expect(copiasEntre([a], [evento('1', de('pf:a', 'pj:b'))])).toBe(1);
  });

  it('are known anew in every collection', () => {
    const coleta = new Coleta(2);
    coleta.add(evento('1', de('pf:a')));
    expect(coleta.recolhe().clientes).toHaveLength(1);
    expect(coleta.recolhe().clientes).toHaveLength(0);
  });

  it('are found among many, also of events whose fingerprints are alike in half', () => {
    const copias = new Copias();
    const primeiras = new Map<string, number>();
    let esperadas = 0;
    const [eventos, clientes] = [new Uint32Array(2 * 200_000), new Int32Array(200_000)];
    for (const n of clientes.keys()) {
      // Each of the first halves four times, nothing at all among both; every 150,000th event comes again, as somebody else's.
      const [baixa, alta, cliente] = [Math.imul(Math.floor((n % 150_000) / 4), 0x9e3779b1) >>> 0, 2 * (n % 4), n % 7];
      [eventos[2 * n], eventos[2 * n + 1], clientes[n]] = [baixa, alta, cliente];
      const primeira = primeiras.get(`${baixa}|${alta}`) ?? cliente;
      primeiras.set(`${baixa}|${alta}`, primeira);
      if (primeira !== cliente) esperadas += 1;
    }
    copias.soma({ eventos, clientes });
    expect(esperadas).toBeGreaterThan(40_000);
    expect(copias.deOutroCliente).toBe(esperadas);
  });
});
