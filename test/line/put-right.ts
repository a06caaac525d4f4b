import { expect } from 'vitest';
import { anosDe } from '#domain/cliente.ts';
import { pseudonimizador } from '#domain/documento.ts';
import { esperaALinha } from '#platform/linha.ts';
import { pendentes } from '../../platform/quarentena/selecao.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { PresenceStore } from '../../services/consolidator/store.ts';
import { until } from '../integration/until.ts';
import { asJson, atendido } from './command.ts';
import { cadastra, consultoria, envia, evento } from './events.ts';
import type { Line } from './line.ts';
import { FROM_BEFORE_ALL, otherRulebook } from './other-rulebook.ts';
import { statusDivergentes } from './status.ts';

/** Of whom no other case has anything. */
const [ESTE_CPF, OUTRO_CPF] = ['39053344705', '11144477735'];
const ESTE = { cliente: { pf: { cpf: ESTE_CPF } } };
const NOSSOS = new Set(['k7', 'c7', 'f7']);
const PALESTRA = { tipoSolucao: 'palestra', solucaoId: 'PA-7', disponibilizacaoId: 'P-7' };

/** What it is about, by what it needs. */
const PORTFOLIO = {
  solucoes: [
    { id: 'PA-7', tipoSolucao: 'palestra', nome: 'Palestra' },
    { id: 'CO-7', tipoSolucao: 'consultoria', nome: 'Consultoria' },
  ],
  disponibilizacoes: [{ id: 'P-7', solucaoId: 'PA-7', etapas: 1, responsaveis: [{ id: 'r1', papel: 'instrutor' }] }],
};

/** Once the line has nothing left to read: what the two clients come to, and by which id each event waits. */
function situacao({ config }: Line) {
  return conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    expect((await audita(conexoes)).diferencas).toEqual([]);
    expect(await statusDivergentes(conexoes)).toEqual([]);
    const pseudonimo = pseudonimizador(config.clientIdKey);
    const [este, outro] = await Promise.all(
      [ESTE_CPF, OUTRO_CPF].map(async (cpf) => {
        const estado = await conexoes.leitor.cliente(pseudonimo(cpf));
        return estado === null ? {} : (anosDe(estado)[2026]?.porTipo ?? {});
      }),
    );
    const esperam = (await pendentes(conexoes, {}, false)).filter(({ evento: id }) => NOSSOS.has(id ?? ''));
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

interface Written {
  ato: string;
  alvo: string;
  quem: string;
  detalhe: { ids?: string[] };
}

/** The acts of these kinds that `atendido acts` shows, as who did what to what. */
async function acts(...kinds: string[]): Promise<string[]> {
  const { resultado } = await asJson('acts');
  return (resultado as Written[])
    .filter(({ ato }) => kinds.includes(ato))
    .map(({ ato, alvo, quem, detalhe }) => `${quem}: ${ato} ${detalhe.ids?.join() ?? alvo}`);
}

/** What was put right in quarantine holds by another rulebook too, and after Redis was emptied. */
export async function holdsWhatWasPutRight(line: Line): Promise<void> {
  await cadastra(line, PORTFOLIO);
  // The other rulebook knows the channel: as it came, the check-in would count for the wrong person.
  await envia(line, evento('k7', 'check-in', { ...PALESTRA, ...ESTE, canal: 'balcao' }));
  await envia(line, consultoria('c7', 'CO-7', { ...ESTE, canal: 'pombo' }));
  const antes = await situacao(line);
  const [k7 = '', c7 = ''] = [antes.idDe.get('k7'), antes.idDe.get('c7')];
  await quarentena('fix', k7, '--set', 'canal=agencia', '--set', `cliente.pf.cpf=${OUTRO_CPF}`);
  await quarentena('replay', k7, '--apply');
  await quarentena('fix', c7, '--set', 'canal=agencia', '--por', 'ana');
  await envia(line, evento('f7', 'consolidacao-disponibilizacao', { ...PALESTRA, cliente: undefined }));
  expect(await situacao(line)).toMatchObject({ este: {}, outro: { palestra: 1 }, corrigidas: ['c7 ana'] });

  const rulebook = otherRulebook(line.home, 'noventa');
  const aplica = ['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebook, '--apply', '--por', 'dora'];
  expect(await atendido(aplica).fim).toMatchObject({ codigo: 0 });
  const depois = await situacao(line);
  expect(depois).toMatchObject({ este: {}, outro: { palestra: 1 }, corrigidas: ['c7 ana'] });

  // Set aside anew, under another id, with the correction that was kept; the old id says so.
  const novo = depois.idDe.get('c7') ?? '';
  expect(novo).not.toBe(c7);
  const { resultado } = await asJson('quarantine', 'show', c7);
  expect(resultado).toMatchObject({ saida: expect.stringContaining('Já não espera') });
  const tarde = await atendido(['quarantine', 'fix', c7, '--set', 'canal=portal']).fim;
  expect(tarde).toMatchObject({ codigo: 1, erros: expect.stringContaining('QUARENTENA_SUPERADA') });
  await quarentena('replay', novo, '--apply', '--por', 'bia');
  // Each of them is told of, and nothing that was refused; the last three are those that a name was given for.
  const written = await acts('quarentena-corrigida', 'quarentena-reenviada', 'reprocesso-aplicado');
  expect(written.filter((one) => one.includes(k7))).toHaveLength(2);
  expect(written.slice(-3)).toEqual([
    `ana: quarentena-corrigida ${c7}`,
    'dora: reprocesso-aplicado apuracao 1',
    `bia: quarentena-reenviada ${novo}`,
  ]);
  const reenviada = { este: { consultoria: 1 }, outro: { palestra: 1 }, corrigidas: [] };
  expect(await situacao(line)).toMatchObject(reenviada);

  const posicoes = await posicoesDasPresencas();
  await conectado(({ redis }) => redis.flushall());
  const deVolta = async () => JSON.stringify(await posicoesDasPresencas()) === JSON.stringify(posicoes);
  await until(deVolta, 'the presences to be folded again', 60_000);
  expect(await situacao(line)).toMatchObject(reenviada);
}
