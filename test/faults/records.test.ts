import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INTERACAO_VAZIA } from '#domain/interacao.ts';
import { codecFor } from '#platform/codec.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { turmaComLeitor } from '../../services/cli/demo/catalogo.ts';
import { contaQuarentena } from '../../services/cli/demo/resultados.ts';
import { until } from '../integration/until.ts';
import { cpfOf, delivery, Writer } from './interactions.ts';
import { Load } from './load.ts';
import { Rig } from './rig.ts';
import { settle, trial } from './trial.ts';

const MINUTE = 60_000;
const YEAR = 365 * 24 * 60 * MINUTE;
/** Records sent together. */
const BATCH = 10;
const PARTICIPANTS = 20_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

async function inQuarantine(): Promise<Record<string, number>> {
  return contaQuarentena(rig.kafka, await codecFor(rig.registry, 'interacoes-em-quarentena'));
}

const motives = async (motive: string): Promise<number> => (await inQuarantine())[motive] ?? 0;

describe('records that are out of the ordinary', () => {
  it('one that cannot be read, at each position of a batch', async () => {
    const before = await motives('ESQUEMA_INVALIDO');
    await trial(rig, { falha: `registro ilegível em cada posição de um lote de ${BATCH}`, seed: 70 }, async () => {
      const writer = await Writer.of(rig);
      for (let position = 0; position < BATCH; position++) {
        const pf = writer.pseudonym(cpfOf(position));
        const batch = Array.from({ length: BATCH }, (_, n): OutputRecord => {
          const good = writer.record(delivery('legado', `p${position}-${n}`, pf, Date.now() - n * MINUTE));
          return n === position ? { ...good, value: randomBytes(40) } : good;
        });
        await writer.send(batch);
        await writer.send(batch.map((record) => ({ ...record, topic: 'presencas', value: randomBytes(40) })));
      }
    });
    expect((await motives('ESQUEMA_INVALIDO')) - before).toBe(BATCH + BATCH * BATCH);
  });

  it('a producer whose clock is wrong', async () => {
    const before = await motives('DATA_NO_FUTURO');
    const wrong = [10 * MINUTE, 24 * 60 * MINUTE, YEAR, 100 * YEAR];
    await trial(rig, { falha: 'relógio de um produtor errado', seed: 71 }, async ({ load }) => {
      const writer = await Writer.of(rig);
      const times = [...wrong, -YEAR, -20 * YEAR].map((by) => Date.now() + by);
      const pf = writer.pseudonym(cpfOf(100));
      await writer.send(times.map((time, n) => writer.record(delivery('legado', `r${n}`, pf, time))));
      expect(load.accepted.size).toBeGreaterThan(0);
    });
    expect((await motives('DATA_NO_FUTURO')) - before).toBe(wrong.length);
  });

  it('one of 900 KB, and one that is larger, which its door refuses', async () => {
    await trial(rig, { falha: 'registro de 900 KB', seed: 72 }, async ({ load }) => {
      await load.send(closing(load.seed, 15_000));
      expect([...load.accepted].filter((name) => name.includes('grande'))).toHaveLength(1);
      await load.send(closing(load.seed, 40_000));
      expect([...load.accepted].filter((name) => name.includes('grande'))).toHaveLength(1);
    });
  });

  it(`an offer with ${PARTICIPANTS} participants, closing at once`, async () => {
    const load = await Load.start(rig, { seed: 73, rate: 100 });
    const writer = await Writer.of(rig);
    const { oferta, solucao } = turmaComLeitor(73, 3);
    const time = Date.now() - 60 * MINUTE;
    const common = {
      ...INTERACAO_VAZIA,
      source: 'leitor-grande',
      time,
      unidade: 'SP',
      canal: 'local-evento',
      tipoSolucao: solucao.tipoSolucao,
      solucaoId: solucao.id,
      disponibilizacaoId: oferta.id,
    };
    await writer.stream(
      Array.from({ length: PARTICIPANTS }, (_, n) => {
        const cliente = { pf: writer.pseudonym(cpfOf(1_000 + n)), pj: null, naoIdentificado: null };
        return writer.record({ ...common, id: `c${n}`, tipoInteracao: 'check-in', etapa: 'dia-1', cliente });
      }),
    );
    const closing = { id: 'fim', tipoInteracao: 'consolidacao-disponibilizacao', etapas: 1, time: time + MINUTE };
    const responsavel = { id: 'prof-1', papel: 'instrutor' };
    await writer.send([writer.record({ ...common, ...closing, responsavel })]);
    await until(() => load.accepted.size > 500, 'some load', 60_000);
    await load.stop();
    const falha = `oferta com ${PARTICIPANTS} participantes encerrada de uma vez`;
    await settle(rig, { falha, vezes: 1, seconds: null, accepted: load.accepted, written: writer.written });
  });
});

/** An offer's closing with its list of participants: some 40 bytes for each. */
function closing(seed: number, participants: number) {
  const { oferta, solucao } = turmaComLeitor(seed, 5);
  return {
    specversion: '1.0' as const,
    id: `grande-${participants}`,
    source: 'gestao-eventos',
    type: 'br.com.sebrae.interacao.consolidacao-disponibilizacao',
    time: new Date(Date.now() - 60 * MINUTE).toISOString(),
    datacontenttype: 'application/json' as const,
    data: {
      tipoSolucao: solucao.tipoSolucao,
      solucaoId: solucao.id,
      disponibilizacaoId: oferta.id,
      unidade: 'SP',
      canal: 'local-evento',
      etapas: 1,
      responsavel: { id: 'prof-1', papel: 'instrutor' },
      participantes: Array.from({ length: participants }, (_, n) => {
        return { cliente: { pf: { cpf: cpfOf(200_000 + n) } }, papel: 'participante' };
      }),
    },
  };
}
