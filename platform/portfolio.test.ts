import { setImmediate } from 'node:timers/promises';
import type { Type } from 'avsc';
import { describe, expect, it } from 'vitest';
import type { Solucao } from '#domain/portfolio.ts';
import { encodeAfter, header } from './codec.ts';
import { typeOf } from './codec-types.ts';
import { RetryableError } from './errors.ts';
import type { InputRecord, Kafka } from './kafka/port.ts';
import { followPortfolio } from './portfolio.ts';
import type { Registry } from './registry.ts';

/** The id of our own schemas. */
const NOSSO = 7;

const SOLUCAO: Solucao = {
  id: 'CO-1',
  tipoSolucao: 'consultoria',
  nome: 'Consultoria',
  frequenciaMinima: null,
  momentos: null,
  educacaoEmpreendedora: null,
};

/** A record of a solution under a schema id of the writer's own. */
function registro(id: string, esquema: number): InputRecord {
  const value = encodeAfter([header(esquema)], typeOf('Solucao'), { ...SOLUCAO, id });
  return { offset: 0, timestamp: 0, key: Buffer.from(id), value, headers: {} };
}

/** A portfolio that follows what `chega` hands it, and what it asks the registry, in order: to be answered by the test. */
async function portfolio() {
  const perguntas: PromiseWithResolvers<Type>[] = [];
  const registry: Registry = {
    register: async () => NOSSO,
    idOf: async () => NOSSO,
    writer: () => {
      const pergunta = Promise.withResolvers<Type>();
      perguntas.push(pergunta);
      return pergunta.promise;
    },
  };
  let recebe: (record: InputRecord) => void = () => undefined;
  const kafka: Pick<Kafka, 'follow'> = {
    follow: async (_topics, onRecord) => {
      recebe = (record) => onRecord({ topic: 'solucoes', partition: 0 }, record);
      return { caughtUp: async () => undefined, stop: async () => undefined };
    },
  };
  const follower = await followPortfolio(kafka as Kafka, registry, { error: () => undefined });
  return {
    emDia: () => follower.caughtUp(),
    chega: (id: string, esquema: number) => recebe(registro(id, esquema)),
    perguntas,
    ids: () => [...follower.portfolio.solucoes.keys()],
  };
}

describe('the portfolio', () => {
  it('leaves what comes under another new schema, while it asks for one, to the next look', async () => {
    const { emDia, chega, perguntas, ids } = await portfolio();
    chega('CO-1', NOSSO + 1);
    const olhada = emDia();
    await setImmediate();
    chega('CO-2', NOSSO + 2);
    perguntas[0]?.resolve(typeOf('Solucao'));
    await olhada;
    expect(ids()).toEqual(['CO-1']);
    const outra = emDia();
    await setImmediate();
    perguntas[1]?.resolve(typeOf('Solucao'));
    await outra;
    expect(ids()).toEqual(['CO-1', 'CO-2']);
  });

  it('loses nothing where two look at the same time', async () => {
    const { emDia, chega, perguntas, ids } = await portfolio();
    chega('CO-1', NOSSO + 1);
    const [uma, outra] = [emDia(), emDia()];
    await setImmediate();
    perguntas[0]?.resolve(typeOf('Solucao'));
    await uma;
    chega('CO-2', NOSSO);
    perguntas[1]?.resolve(typeOf('Solucao'));
    await outra;
    await emDia();
    expect(ids()).toEqual(['CO-1', 'CO-2']);
  });

  it('goes on at the next look where the registry was away', async () => {
    const { emDia, chega, perguntas, ids } = await portfolio();
    chega('CO-1', NOSSO + 1);
    const olhada = emDia();
    await setImmediate();
    perguntas[0]?.reject(new RetryableError('fora'));
    await expect(olhada).rejects.toThrow(RetryableError);
    const outra = emDia();
    await setImmediate();
    perguntas[1]?.resolve(typeOf('Solucao'));
    await outra;
    expect(ids()).toEqual(['CO-1']);
  });
});
