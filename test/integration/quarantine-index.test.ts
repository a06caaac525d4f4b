import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { criaServidor } from '../../platform/http/servidor.ts';
import { lugarDe } from '../../platform/quarentena/registros.ts';
import { TOPICO_DAS_RESOLUCOES } from '../../platform/quarentena/resolucoes.ts';
import type { PartesDaQuarentena } from '../../platform/quarentena/selecao.ts';
import { Readiness } from '../../platform/readiness.ts';
import { type FiltrosDaLista, filtra } from '../../services/api/painel/indice/consulta.ts';
import { IndiceSeguido } from '../../services/api/painel/indice/segue.ts';
import { registraQuarentena } from '../../services/api/painel/quarentena.ts';
import type { ContextoDoPainel } from '../../services/api/painel/rotas.ts';
import { brokers, send } from './kafka-fixture.ts';
import { CHAVE_DO_CPF, CONSULTORIA, PF, type Quarentena, quarentena } from './quarantine-fixture.ts';
import { edicoes, operador } from './quarantine-operator.ts';

let q: Quarentena;
beforeAll(async () => {
  q = await quarentena();
});
afterAll(() => q?.fecha());
const { reenvia, corrigeCom } = operador(() => q);

/** An index of its own, as an api that starts now has it. */
function indice(): { partes: PartesDaQuarentena; lista: (f: FiltrosDaLista) => Promise<string[]> } {
  const partes = q.partes();
  const seguido = new IndiceSeguido(partes);
  const pronto = async () => {
    for (;;) {
      try {
        return await seguido.emDia();
      } catch (error) {
        if ((error as { codigo?: string }).codigo !== 'QUARENTENA_CARREGANDO') throw error;
      }
    }
  };
  const { resolucoes, seguidas } = partes;
  const sabidos = async () => ({ indice: await pronto(), resolucoes, esquecimentos: seguidas.esquecimentos });
  return { partes, lista: async (f) => filtra(await sabidos(), f).map(({ evento }) => evento ?? '') };
}

/** An order about PF, of all that stands so far. */
function esquece(esquecimentos: Esquecimentos): void {
  const limites = { interacoes: [9_999], presencas: [9_999] };
  const ordem = { numero: 1, titular: PF, nome: 'pf:BBBBBBBBBBBBBBBBBBBBBB', por: 'ana', em: 0, anunciado: false };
  esquecimentos.registra({ ...ordem, desde: Date.now(), limites, fechamentos: [] });
}

/** The panel's calls about the quarantine, on these parts. */
function chamadas(partes: PartesDaQuarentena) {
  const log = pino({ level: 'silent' });
  const app = criaServidor({ log, readiness: new Readiness(), metricas: new Registry(), bodyLimit: 100_000 });
  onTestFinished(() => app.close());
  const quarentena = { ...partes, indice: new IndiceSeguido(partes) };
  const registra = pseudonimizador(CHAVE_DO_CPF);
  const exigeQuem = () => ({ quarentena, registra, credencial: { id: 'ana' }, entra: () => {} });
  registraQuarentena({ app, exigeQuem } as unknown as ContextoDoPainel);
  return async (url: string, payload?: object) => {
    const pedido = payload === undefined ? { method: 'GET' as const } : { method: 'POST' as const, payload };
    const { statusCode, body } = await app.inject({ url: `/painel/dados/quarentena${url}`, ...pedido });
    return { status: statusCode, body, json: JSON.parse(body) };
  };
}

async function deleteUpTo(id: string): Promise<void> {
  const { particao: partition = 0, posicao = 0 } = lugarDe(id) ?? {};
  const topic = 'interacoes-em-quarentena';
  const admin = new KafkaJs({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(posicao + 1) }] });
  await admin.disconnect();
}

it('is what the log says, at every moment and after a restart: set aside, corrected, put back, forgotten, gone', async () => {
  const source = q.fonte();
  const { partes, lista } = indice();
  const doCliente = { ...CONSULTORIA, source };
  await q.espera(['um', 'dois', 'tres'].map((id) => ({ ...doCliente, id })));
  const [a = '', b = ''] = await q.ids(source);
  expect((await lista({ source })).sort()).toEqual(['dois', 'tres', 'um']);
  expect((await lista({ source, unidade: 'SP', tipoSolucao: 'consultoria' })).length).toBe(3);
  await corrigeCom(a, edicoes('canal=agencia'));
  await reenvia({ ids: [b] }, 'bia');
  const agora = async (lista: (f: FiltrosDaLista) => Promise<string[]>) =>
    Promise.all(
      (['intocada', 'corrigida', 'reenviada'] as const).map(
        async (situacao) => (await lista({ source, situacao })).length,
      ),
    );
  expect(await agora(lista)).toEqual([1, 1, 1]);
  expect(await agora(indice().lista)).toEqual([1, 1, 1]);
  // What was done is deleted, as a compacted topic has it: it waits again.
  await send([{ topic: TOPICO_DAS_RESOLUCOES, key: b, value: null }]);
  expect(await agora(lista)).toEqual([2, 1, 0]);
  await q.espera([{ ...doCliente, id: 'quatro', cliente: { pf: PF, pj: null, naoIdentificado: null } }]);
  expect((await lista({ source })).length).toBe(4);
  esquece(partes.seguidas.esquecimentos);
  // The company's stay.
  expect((await lista({ source })).sort()).toEqual(['dois', 'tres', 'um']);
  await deleteUpTo(a);
  const restam = (await lista({ source })).length;
  expect(restam).toBeLessThan(3);
  expect((await indice().lista({ source })).length).toBe(restam);
});

it('of who was forgotten no call tells, and none acts; of the company beside, all but the person', async () => {
  const source = q.fonte();
  const so = { pf: PF, pj: null, naoIdentificado: null };
  await q.espera([{ ...CONSULTORIA, source, id: 'so', cliente: so }]);
  const [dela = ''] = await q.ids(source);
  await q.espera([{ ...CONSULTORIA, source, id: 'com-pj' }]);
  const deles = (await q.ids(source)).find((id) => id !== dela) ?? '';
  const esquecimentos = new Esquecimentos();
  const partes = q.partes();
  const chama = chamadas({ ...partes, seguidas: { ...partes.seguidas, esquecimentos } });
  const ver = (id: string) => `?id=${encodeURIComponent(id)}`;
  const ensaia = async () => (await chama('/reenvio', { source })).json;
  expect((await ensaia()).selecionadas).toBe(2);
  expect((await chama(`/registro${ver(dela)}`)).body).toContain(PF);
  await corrigeCom(deles, edicoes('canal=agencia'));
  esquece(esquecimentos);
  const edicao = { id: dela, edicoes: [{ campo: 'canal', valor: 'agencia' }] };
  const feitos = await Promise.all([
    ...[chama(`/registro${ver(dela)}`), chama(`/evento${ver(dela)}`), chama('/correcao', edicao)],
    ...[chama('/reenvio', { ids: [dela] }), chama('/reenvio', { ids: [dela], aplica: true })],
  ]);
  expect(feitos.map(({ json }) => json.codigo)).toEqual(Array(5).fill('QUARENTENA_DESCONHECIDA'));
  expect((await chama(`/registros?source=${source}`)).json.itens.map((r: { id: string }) => r.id)).toEqual([deles]);
  const ensaio = await ensaia();
  expect([ensaio.selecionadas, ensaio.registros.map((r: { id: string }) => r.id)]).toEqual([1, [deles]]);
  for (const onde of ['registro', 'evento']) {
    const { status, body } = await chama(`/${onde}${ver(deles)}`);
    expect([status, body]).toEqual([200, expect.stringContaining('11222333000181')]);
    expect(body).not.toMatch(/pf:/);
  }
});
