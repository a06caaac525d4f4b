import { describe, expect, test } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import type { CloudEvent, Evento } from './evento.ts';
import { Produtor } from './produtor.ts';
import type { Resultado, Transporte } from './transporte.ts';

const login = (id: string): Evento => ({
  tipo: 'login',
  time: '2026-03-02T10:15:00-03:00',
  id,
  data: { unidade: 'SP' },
});

/** Keeps each batch until it is let through. */
class Comporta implements Transporte {
  readonly lotes: string[][] = [];
  #abre: ((resultados: Resultado[]) => void)[] = [];

  envia(eventos: readonly CloudEvent[]): Promise<Resultado[]> {
    const ids = eventos.map((e) => e.id);
    this.lotes.push(ids);
    return new Promise((resolve) => {
      this.#abre.push(() => resolve(ids.map((id) => ({ id, estado: 'aceito' }))));
    });
  }

  abre(): void {
    for (const abre of this.#abre.splice(0)) abre([]);
  }

  async fecha(): Promise<void> {}
}

/** Lets batches through until there are none. */
async function deixaPassar(comporta: Comporta, ate: Promise<unknown>): Promise<void> {
  let fim = false;
  void ate.then(() => {
    fim = true;
  });
  while (!fim) {
    comporta.abre();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('Produtor', () => {
  test('sends one batch at a time, in the order of the calls', async () => {
    const transporte = new Comporta();
    const produtor = new Produtor({ source: 's', transporte, lote: 2 });
    const resultados = ['a', 'b', 'c', 'd', 'e'].map((id) => produtor.send(login(id)));
    await deixaPassar(transporte, produtor.flush());
    expect(transporte.lotes).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect((await Promise.all(resultados)).map((r) => r.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('a lone event does not wait for a full batch', async () => {
    const transporte = new Comporta();
    const produtor = new Produtor({ source: 's', transporte, esperaMs: 1 });
    const resultado = produtor.send(login('a'));
    await deixaPassar(transporte, resultado);
    expect(await resultado).toEqual({ id: 'a', estado: 'aceito' });
  });

  test('ready waits while too much is unanswered', async () => {
    const transporte = new Comporta();
    const produtor = new Produtor({ source: 's', transporte, lote: 2, maximoPendentes: 2 });
    await produtor.ready();
    const enviados = [produtor.send(login('a')), produtor.send(login('b'))];
    let pronto = false;
    const espera = produtor.ready().then(() => {
      pronto = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(pronto).toBe(false);
    await deixaPassar(transporte, espera);
    await Promise.all(enviados);
  });

  test('a batch that fails fails its own events alone', async () => {
    let falhou = false;
    const transporte: Transporte = {
      async envia(eventos) {
        if (!falhou) {
          falhou = true;
          throw new RetryableError('fora');
        }
        return eventos.map(({ id }) => ({ id, estado: 'aceito' }));
      },
      async fecha() {},
    };
    const produtor = new Produtor({ source: 's', transporte, lote: 1 });
    const [a, b] = [produtor.send(login('a')), produtor.send(login('b'))];
    await expect(a).rejects.toThrow(RetryableError);
    expect(await b).toEqual({ id: 'b', estado: 'aceito' });
  });

  test('takes nothing once closed', async () => {
    const produtor = new Produtor({ source: 's', transporte: new Comporta() });
    await produtor.close();
    await expect(produtor.send(login('a'))).rejects.toThrow('fechado');
  });
});
