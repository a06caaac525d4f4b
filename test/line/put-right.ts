import { afterAll, beforeAll, expect, test } from 'vitest';
import { anosDe } from '#domain/cliente.ts';
import { pseudonimizador } from '#domain/documento.ts';
import { esperaALinha } from '#platform/linha.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { pendentes } from '../../services/cli/quarentena/selecao.ts';
import { PresenceStore } from '../../services/consolidator/store.ts';
import { until } from '../integration/until.ts';
import { asJson, atendido } from './command.ts';
import { CPF, cadastra, consultoria, envia, evento } from './events.ts';
import { type Line, startLine } from './line.ts';
import { FROM_BEFORE_ALL, otherRulebook } from './other-rulebook.ts';
import { statusDivergentes } from './status.ts';

const OUTRO_CPF = '11144477735';
const PALESTRA = { tipoSolucao: 'palestra', solucaoId: 'PA-1', disponibilizacaoId: 'P-1' };

let line: Line;
beforeAll(async () => {
  line = await startLine();
  await cadastra(line, {
    solucoes: [
      { id: 'PA-1', tipoSolucao: 'palestra', nome: 'Palestra' },
      { id: 'CO-1', tipoSolucao: 'consultoria', nome: 'Consultoria' },
    ],
    disponibilizacoes: [{ id: 'P-1', solucaoId: 'PA-1', etapas: 1, responsaveis: [{ id: 'r1', papel: 'instrutor' }] }],
  });
}, 120_000);
afterAll(() => line?.stop());

/** Once the line has nothing left to read: what the two clients come to, and by which id each event waits. */
function situacao() {
  return conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    expect((await audita(conexoes)).diferencas).toEqual([]);
    expect(await statusDivergentes(conexoes)).toEqual([]);
    const pseudonimo = pseudonimizador(line.config.clientIdKey);
    const [este, outro] = await Promise.all(
      [CPF, OUTRO_CPF].map(async (cpf) => {
        const estado = await conexoes.leitor.cliente(pseudonimo(cpf));
        return estado === null ? {} : (anosDe(estado)[2026]?.porTipo ?? {});
      }),
    );
    const esperam = await pendentes(conexoes, {}, false);
    const idDe = new Map(esperam.map((um) => [um.evento, um.id]));
    return { este, outro, idDe, corrigidas: esperam.map((um) => `${um.evento} ${um.corrigidaPor}`) };
  });
}

async function quarentena(...argumentos: string[]): Promise<void> {
  const { codigo, erros } = await atendido(['quarantine', ...argumentos]).fim;
  if (codigo !== 0) throw new Error(erros);
}

/** Where the consolidation of apuração 1 stands in Redis, by partition. */
function posicoesDasPresencas(): Promise<number[]> {
  return conectado(({ redis, config }) => {
    const presencas = new PresenceStore(redis, 1);
    return Promise.all(Array.from({ length: config.partitions }, (_, n) => presencas.position(n)));
  });
}

test('what was put right in quarantine holds by another rulebook too, and after Redis was emptied', async () => {
  // The other rulebook knows the channel: as it came, the check-in would count for the wrong person.
  await envia(line, evento('k1', 'check-in', { ...PALESTRA, canal: 'balcao' }));
  await envia(line, consultoria('c1', 'CO-1', { canal: 'pombo' }));
  const antes = await situacao();
  const [k1 = '', c1 = ''] = [antes.idDe.get('k1'), antes.idDe.get('c1')];
  await quarentena('fix', k1, '--set', 'canal=agencia', '--set', `cliente.pf.cpf=${OUTRO_CPF}`);
  await quarentena('replay', k1, '--apply');
  await quarentena('fix', c1, '--set', 'canal=agencia', '--por', 'ana');
  await envia(line, evento('f1', 'consolidacao-disponibilizacao', { ...PALESTRA, cliente: undefined }));
  expect(await situacao()).toMatchObject({ este: {}, outro: { palestra: 1 }, corrigidas: ['c1 ana'] });

  const rulebook = otherRulebook(line.home, 'noventa');
  const aplica = ['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebook, '--apply'];
  expect(await atendido(aplica).fim).toMatchObject({ codigo: 0 });
  const depois = await situacao();
  expect(depois).toMatchObject({ este: {}, outro: { palestra: 1 }, corrigidas: ['c1 ana'] });

  // Set aside anew, under another id, with the correction that was kept; the old id says so.
  const novo = depois.idDe.get('c1') ?? '';
  expect(novo).not.toBe(c1);
  const { resultado } = await asJson('quarantine', 'show', c1);
  expect(resultado).toMatchObject({ saida: expect.stringContaining('Já não espera') });
  const tarde = await atendido(['quarantine', 'fix', c1, '--set', 'canal=portal']).fim;
  expect(tarde).toMatchObject({ codigo: 1, erros: expect.stringContaining('QUARENTENA_SUPERADA') });
  await quarentena('replay', novo, '--apply');
  const reenviada = { este: { consultoria: 1 }, outro: { palestra: 1 }, corrigidas: [] };
  expect(await situacao()).toMatchObject(reenviada);

  const posicoes = await posicoesDasPresencas();
  await conectado(({ redis }) => redis.flushall());
  const deVolta = async () => JSON.stringify(await posicoesDasPresencas()) === JSON.stringify(posicoes);
  await until(deVolta, 'the presences to be folded again', 60_000);
  expect(await situacao()).toMatchObject(reenviada);
}, 240_000);
