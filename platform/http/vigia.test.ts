import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Readiness } from '../readiness.ts';
import { vigia } from './vigia.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that is asked, and how each question ends. */
function servidor() {
  const abertas: PromiseWithResolvers<void>[] = [];
  return {
    faz: () => {
      const uma = Promise.withResolvers<void>();
      abertas.push(uma);
      return uma.promise;
    },
    perguntas: () => abertas.length,
    responde: async () => {
      abertas.at(-1)?.resolve();
      await vi.advanceTimersByTimeAsync(0);
    },
    falha: async (por: string) => {
      abertas.at(-1)?.reject(new Error(por));
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

function vigiado(como: 'perguntas' | 'sinais') {
  const readiness = new Readiness();
  const s = servidor();
  onTestFinished(vigia(readiness, { [como]: { kafka: s.faz } }, { intervaloMs: 3_000, prazoMs: 8_000 }));
  return { ...s, causa: () => readiness.cause() };
}

describe('vigia', () => {
  it('says of a server that is frozen that it does not answer, and no more once it does', async () => {
    const { causa, responde, perguntas } = vigiado('sinais');
    await vi.advanceTimersByTimeAsync(7_900);
    expect(causa()).toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    expect(causa()).toBe('kafka: sem resposta há mais de 8 s');
    await vi.advanceTimersByTimeAsync(60_000);
    // One question at a time: what waits for a frozen server does not pile up.
    expect(perguntas()).toBe(1);
    await responde();
    expect(causa()).toBeNull();
    await vi.advanceTimersByTimeAsync(3_100);
    expect(perguntas()).toBe(2);
  });

  it('takes nobody for away who answers late, but in time', async () => {
    const { causa, responde } = vigiado('sinais');
    for (let n = 0; n < 3; n++) {
      await vi.advanceTimersByTimeAsync(7_000);
      await responde();
      expect(causa()).toBeNull();
      await vi.advanceTimersByTimeAsync(3_100);
    }
    expect(causa()).toBeNull();
  });

  it('holds one that was silent for silent until it answers, though questions time out in between', async () => {
    const { causa, falha, responde } = vigiado('sinais');
    await vi.advanceTimersByTimeAsync(8_100);
    await falha('Request timed out');
    expect(causa()).toBe('kafka: sem resposta há mais de 8 s');
    await vi.advanceTimersByTimeAsync(3_100);
    expect(causa()).not.toBeNull();
    await responde();
    expect(causa()).toBeNull();
  });

  it('tells the cause of what fails at once', async () => {
    const { causa, falha } = vigiado('sinais');
    await falha('Connection refused');
    expect(causa()).toBe('kafka: Connection refused');
  });

  it('lets what may take long for other reasons take long', async () => {
    const { causa } = vigiado('perguntas');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(causa()).toBeNull();
  });

  it('asks nothing once it is stopped', async () => {
    const s = servidor();
    const readiness = new Readiness();
    const para = vigia(readiness, { sinais: { kafka: s.faz } }, { intervaloMs: 3_000, prazoMs: 8_000 });
    para();
    await s.responde();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([s.perguntas(), readiness.cause()]).toEqual([1, null]);
  });
});
