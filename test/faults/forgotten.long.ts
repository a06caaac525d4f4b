import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import type { PontoDeFalha } from '#platform/falhas.ts';
import { esperaALinha } from '#platform/linha.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { Clientes } from '../../services/cli/demo/clientes.ts';
import { until } from '../integration/until.ts';
import { atendido } from '../line/command.ts';
import { cadastra, envia } from '../line/events.ts';
import { historiaDe, onde } from '../line/forgetting.ts';
import { FROM_BEFORE_ALL, otherRulebook } from '../line/other-rulebook.ts';
import { Rig, retried, type ServiceName } from './rig.ts';
import { trial } from './trial.ts';

const READERS = ['classifier', 'consolidator', 'aggregator'] as const;
const STEPS = ['anunciado', 'em-vigor', 'fim-anunciado', 'fechado', 'encerrado'] as const;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterEach(() => rig.stopOthers());
afterAll(() => rig?.stop());

let people = 0;

/** Somebody with a history that the line has counted. */
async function somebody() {
  people += 1;
  const cpf = new Clientes(77, 0).cpf(60_000_000 + people);
  const { portfolio, antes, ...rest } = historiaDe(cpf, people);
  await cadastra(rig, portfolio);
  await envia(rig, ...antes);
  const id = pseudonimizador(rig.config.clientIdKey)(cpf);
  await until(() => retried(async () => (await named(id)).length > 3), 'the person to be counted', 60_000);
  return { cpf, id, ...rest };
}

const named = (id: string) => conectado(({ redis }) => onde(redis, id));

const forget = (cpf: string, env: Record<string, string> = {}) => atendido(['forget', cpf, '--json'], env);

async function forgotten(cpf: string): Promise<void> {
  expect(await forget(cpf).fim).toMatchObject({ codigo: 0 });
}

/** Whether no order waits for its end. */
const whole = () =>
  conectado(async ({ apuracoes, seguidas }) => seguidas.esquecimentos.inacabados(apuracoes.emVigor).length === 0);

const breaking = (point: PontoDeFalha, how: string, file = join(rig.paths.home, `falha-${randomUUID()}`)) => ({
  ATENDIDO_FALHA: `${point} ${how} ${file}`,
});

/** What came late or again; what comes anew; and at the end nothing of the old name anywhere. */
async function goOn({ depois, denovo }: Pick<Awaited<ReturnType<typeof somebody>>, 'depois' | 'denovo'>) {
  await envia(rig, ...depois, ...denovo());
}

async function nowhere(id: string): Promise<void> {
  await conectado(esperaALinha);
  // Where nothing comes in, a look finds out.
  await until(async () => (await named(id)).length === 0, 'nothing to name the person', 20_000);
}

describe('an order to forget', () => {
  it.each(STEPS.map((step, n) => [step, 120 + n] as const))('killed at %s, and given again', async (step, seed) => {
    const person = await somebody();
    await trial(rig, { falha: `forget morto em esquecimento:${step}`, seed, rate: 100, whole }, async () => {
      const killed = forget(person.cpf, breaking(`esquecimento:${step}`, 'SIGKILL'));
      expect(await killed.fim).toMatchObject({ sinal: 'SIGKILL' });
      await goOn(person);
      await forgotten(person.cpf);
    });
    await nowhere(person.id);
  });

  it('killed once it is in force, and not given again: the line ends it', async () => {
    const person = await somebody();
    await trial(
      rig,
      { falha: 'forget morto em vigor, sem outro', seed: 126, rate: 100, whole, limit: 60 },
      async () => {
        const killed = forget(person.cpf, breaking('esquecimento:em-vigor', 'SIGKILL'));
        expect(await killed.fim).toMatchObject({ sinal: 'SIGKILL' });
        await goOn(person);
      },
    );
    await nowhere(person.id);
  });

  it.each([
    ['aggregator', 'aggregator:esquece', 127],
    ['consolidator', 'consolidator:esquece', 128],
  ] as const)('%s killed at %s', async (service: ServiceName, point, seed) => {
    const person = await somebody();
    await trial(rig, { falha: `${service} morto em ${point}`, seed, rate: 100, whole }, async () => {
      const file = join(rig.paths.home, `falha-${randomUUID()}`);
      await rig.start(service, { env: breaking(point, 'SIGKILL', file) });
      await forgotten(person.cpf);
      await goOn(person);
      // Of a partition that was read to its boundary when the order came, the presences are the command's to remove.
      if (service === 'aggregator') expect(existsSync(file)).toBe(true);
    });
    await nowhere(person.id);
  });

  it('while each service is killed', async () => {
    const person = await somebody();
    await trial(
      rig,
      { falha: 'serviços mortos durante um forget', seed: 129, rate: 100, whole },
      async ({ random }) => {
        let done = false;
        const end = forget(person.cpf).fim.finally(() => {
          done = true;
        });
        await goOn(person);
        while (!done) {
          rig.signal(READERS[random.inteiro(0, READERS.length - 1)] ?? 'classifier', 'SIGKILL');
          await Promise.race([end, wait(random.inteiro(1_500, 3_000))]);
        }
        expect(await end).toMatchObject({ codigo: 0 });
      },
    );
    await nowhere(person.id);
  });

  it('over by the time Redis is restored from a file of before, or emptied', async () => {
    const [person, other] = [await somebody(), await somebody()];
    const folder = join(rig.paths.data, 'redis');
    const copy = join(rig.paths.home, 'redis-de-antes');
    await trial(rig, { falha: 'Redis restaurado de antes de um forget', seed: 130, rate: 100, whole }, async () => {
      await cp(folder, copy, { recursive: true });
      await forgotten(person.cpf);
      await goOn(person);
      await rig.servers.kill('redis', async () => {
        await rm(folder, { recursive: true });
        await cp(copy, folder, { recursive: true });
      });
    });
    await nowhere(person.id);
    await trial(rig, { falha: 'Redis esvaziado depois de um forget', seed: 131, rate: 100, whole }, async () => {
      await forgotten(other.cpf);
      await conectado(({ redis }) => redis.flushall());
      await goOn(other);
    });
    await nowhere(other.id);
    await nowhere(person.id);
  });

  it('then a rebuild, another rulebook, and forgotten again', async () => {
    const person = await somebody();
    const rulebook = otherRulebook(rig.paths.home, 'noventa');
    const apply = ['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebook, '--apply'];
    await trial(
      rig,
      { falha: 'rebuild, reprocess e outro forget depois de um forget', seed: 132, rate: 50, whole },
      async () => {
        await forgotten(person.cpf);
        await goOn(person);
        expect(await atendido(['rebuild']).fim).toMatchObject({ codigo: 0 });
        await conectado(esperaALinha);
        expect(await named(person.id)).toEqual([]);
        expect(await atendido(['rebuild', 'discard-old']).fim).toMatchObject({ codigo: 0 });
        expect(await atendido(apply).fim).toMatchObject({ codigo: 0 });
        rig.emVigor = await conectado(async ({ apuracoes }) => apuracoes.emVigor);
        expect(await named(person.id)).toEqual([]);
        await forgotten(person.cpf);
      },
    );
    await nowhere(person.id);
  });
});
