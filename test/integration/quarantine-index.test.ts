import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lugarDe } from '../../platform/quarentena/registros.ts';
import { TOPICO_DAS_RESOLUCOES } from '../../platform/quarentena/resolucoes.ts';
import type { PartesDaQuarentena } from '../../platform/quarentena/selecao.ts';
import { type FiltrosDaLista, filtra } from '../../services/api/painel/indice/consulta.ts';
import { IndiceSeguido } from '../../services/api/painel/indice/segue.ts';
import { brokers, send } from './kafka-fixture.ts';
import { CONSULTORIA, PF, type Quarentena, quarentena } from './quarantine-fixture.ts';
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
  const limites = { interacoes: [9_999], presencas: [9_999] };
  const ordem = { numero: 1, titular: PF, nome: 'pf:BBBBBBBBBBBBBBBBBBBBBB', por: 'ana', em: 0, anunciado: false };
  partes.seguidas.esquecimentos.registra({ ...ordem, desde: Date.now(), limites, fechamentos: [] });
  // The company's stay.
  expect((await lista({ source })).sort()).toEqual(['dois', 'tres', 'um']);
  await deleteUpTo(a);
  const restam = (await lista({ source })).length;
  expect(restam).toBeLessThan(3);
  expect((await indice().lista({ source })).length).toBe(restam);
});
