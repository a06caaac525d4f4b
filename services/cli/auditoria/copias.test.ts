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
    expect(coleta.recolhe().eventos).toHaveLength(1);
    expect(coleta.recolhe().eventos).toHaveLength(0);
  });
});
