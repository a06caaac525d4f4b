import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chama, consulta } from '../../services/cli/api.ts';
import { Load, PROBE, probeOf } from '../faults/load.ts';
import { settle } from '../faults/trial.ts';
import { until } from '../integration/until.ts';
import { asJson, atendido } from '../line/command.ts';
import { FROM_BEFORE_ALL, otherRulebook } from '../line/other-rulebook.ts';
import { lineOnThreeBrokers } from './line.ts';

const EVENTS = 4_000;
const PATIENCE_MS = 120_000;
const [MARIA, JOANA] = ['52998224725', '11144477735'];
const rig = lineOnThreeBrokers();

/** As the person asked for by the panel's session would: by the api, with the operator's key. */
const api = (metodo: 'POST' | 'PUT', caminho: string, corpo: object) => chama({ metodo, caminho, corpo });

it('every service does all of its part as its own user, and so do the commands', async () => {
  process.env.ATENDIDO_API_URL = rig().url('api');
  const load = await Load.start(rig(), { seed: 830, rate: 400 });
  try {
    await until(() => load.accepted.size > EVENTS, 'some load', PATIENCE_MS);
    load.end();
    await Promise.all([MARIA, JOANA].map((cpf) => load.send(probeOf(cpf))));

    // The classifier puts back what only waited for the portfolio.
    const waiting = probeOf('39053344705');
    waiting.data.disponibilizacaoId = 'OFERTA-NOVA';
    await load.send(waiting);
    const listed = async () => JSON.stringify((await asJson('quarantine', 'list', '--source', PROBE)).resultado);
    await until(
      async () => (await listed()).includes('OFERTA-NOVA') || (await listed()).includes(waiting.id),
      'it to wait',
      PATIENCE_MS,
    );
    const offer = { id: 'OFERTA-NOVA', solucaoId: waiting.data.solucaoId };
    await api('PUT', '/v1/portfolio/disponibilizacoes/OFERTA-NOVA', offer);
    await until(async () => !(await listed()).includes(waiting.id), 'it to come back', PATIENCE_MS);

    // What people do on the command line.
    expect(await asJson('quarantine', 'replay', '--todas', '--apply', '--por', 'ana')).toMatchObject({ codigo: 0 });
    expect(await asJson('rebuild', '--por', 'ana')).toMatchObject({ codigo: 0, resultado: { diferencas: [] } });
    expect((await atendido(['rebuild', 'discard-old']).fim).codigo).toBe(0);
    const rulebook = otherRulebook(rig().paths.home, 'outro');
    const decided = ['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebook, '--apply', '--por', 'ana'];
    expect(await asJson(...decided)).toMatchObject({ codigo: 0 });
    rig().emVigor = 1;
    expect(await asJson('forget', MARIA ?? '', '--por', 'ana')).toMatchObject({
      codigo: 0,
      resultado: { esquecimento: 1 },
    });
    expect((await asJson('acts')).codigo).toBe(0);
    expect((await atendido(['lag']).fim).erros).toBe('');
    expect((await atendido(['key', 'list']).fim).codigo).toBe(0);

    // What the api does for the panel, and the aggregator ends.
    const asked = await api('POST', '/v1/esquecimentos', { cpf: JOANA });
    expect(asked).toMatchObject({ esquecimento: 2 });
    const ended = async () => (await consulta<{ estado: string }>('/v1/esquecimentos/2')).estado === 'encerrado';
    await until(ended, 'the aggregator to end it', PATIENCE_MS);

    // The operator makes BI's files: what waits in quarantine is read for them whole, which BI may not.
    const files = ['export', '--from', FROM_BEFORE_ALL, '--out', join(rig().paths.home, 'bi')];
    expect((await atendido(files, rig().servers.envOf('bi')).fim).erros).toContain('KAFKA_NAO_AUTORIZADO');
    const exported = await atendido(files).fim;
    expect(exported).toMatchObject({ codigo: 0, erros: expect.not.stringContaining('KAFKA_NAO_AUTORIZADO') });
  } finally {
    await load.stop();
  }
  const { accepted } = load;
  await settle(rig(), {
    falha: 'três servidores: nenhuma falha, todos os comandos',
    vezes: 0,
    seconds: null,
    accepted,
  });
  expect(rig().crashes()).toEqual([]);
});
