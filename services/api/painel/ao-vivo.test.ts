import { describe, expect, it } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import { AoVivo, type Quadro } from './ao-vivo.ts';

const valorDe = <T>(quadro: Quadro<T> | undefined) => (quadro && 'valor' in quadro ? quadro.valor : quadro?.causa);

describe('AoVivo', () => {
  it('looks once for all who watch, and not at all when nobody does', async () => {
    let olhadas = 0;
    const vivo = new AoVivo(5, async () => {
      olhadas += 1;
      return olhadas;
    });
    const fim = new AbortController();
    const [um, outro] = [vivo.assiste(fim.signal), vivo.assiste(fim.signal)];
    const [doUm, doOutro] = await Promise.all([um.next(), outro.next()]);
    expect([valorDe(doUm.value), valorDe(doOutro.value)]).toEqual([1, 1]);
    fim.abort();
    await Promise.all([um.return(undefined), outro.return(undefined)]);
    await expect
      .poll(async () => {
        const antes = olhadas;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return olhadas - antes;
      })
      .toBe(0);
    const denovo = vivo.assiste(new AbortController().signal);
    expect((await denovo.next()).done).toBe(false);
    await denovo.return(undefined);
  });

  it('tells why nothing is seen, and goes on looking', async () => {
    let olhadas = 0;
    const vivo = new AoVivo(1, async () => {
      olhadas += 1;
      if (olhadas === 1) throw new RetryableError('o Kafka não responde');
      return 'de volta';
    });
    const quadros = vivo.assiste(new AbortController().signal);
    expect(valorDe((await quadros.next()).value)).toBe('o Kafka não responde');
    expect(valorDe((await quadros.next()).value)).toBe('de volta');
    await quadros.return(undefined);
  });

  it('survives what is more than a server that is away, and tells of it elsewhere', async () => {
    const avisos: unknown[] = [];
    let olhadas = 0;
    const olha = async () => {
      olhadas += 1;
      if (olhadas === 1) throw new TypeError('52998224725');
      return 'de volta';
    };
    const quadros = new AoVivo(1, olha, (erro) => avisos.push(erro)).assiste(new AbortController().signal);
    expect(valorDe((await quadros.next()).value)).toMatch(/registro da api/);
    expect(valorDe((await quadros.next()).value)).toBe('de volta');
    expect(avisos).toEqual([expect.any(TypeError)]);
    await quadros.return(undefined);
  });

  it('ends at the signal, also while it waits', async () => {
    const fim = new AbortController();
    const quadros = new AoVivo(1, () => new Promise<never>(() => undefined)).assiste(fim.signal);
    const proximo = quadros.next();
    fim.abort();
    expect((await proximo).done).toBe(true);
  });
});
