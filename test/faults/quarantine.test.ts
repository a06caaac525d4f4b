import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anosDe } from '#domain/cliente.ts';
import { idDaPj, pseudonimizador } from '#domain/documento.ts';
import { codecFor } from '#platform/codec.ts';
import { readStackState } from '#platform/config-stack.ts';
import { esperaALinha } from '#platform/linha.ts';
import { corrige } from '../../platform/quarentena/correcao.ts';
import { leEdicao } from '../../platform/quarentena/edicao.ts';
import { reenviaSelecao } from '../../platform/quarentena/replay.ts';
import { pendentes } from '../../platform/quarentena/selecao.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { CPF, cadastra, consultoria, envia, evento } from '../line/events.ts';
import { balanceOf } from '../line/ledger.ts';
import { type Line, startLine } from '../line/line.ts';
import { holdsWhatWasPutRight } from '../line/put-right.ts';

const CNPJ = '11222333000181';

let line: Line;
beforeAll(async () => {
  line = await startLine();
}, 120_000);
afterAll(() => line?.stop());

/** Waits for the line, then what is open, what the audit says, and the deliveries of the one client by type. */
function situacao() {
  return conectado(async (conexoes: Conexoes) => {
    await esperaALinha(conexoes);
    const estado = await conexoes.leitor.cliente(pseudonimizador(line.config.clientIdKey)(CPF));
    const esperam = await pendentes(conexoes, {}, false);
    const { diferencas, aguardandoReplay } = await audita(conexoes);
    return {
      diferencas,
      aguardandoReplay,
      esperam: esperam.map(({ evento: id, motivo, tentativa }) => `${id} ${motivo} ${tentativa}`).sort(),
      porTipo: estado === null ? {} : (anosDe(estado)[2026]?.porTipo ?? {}),
    };
  });
}

type Situacao = Awaited<ReturnType<typeof situacao>>;

/** Looks again until it is so, and says how it is. */
async function ate(assim: (s: Situacao) => boolean): Promise<Situacao> {
  for (const fim = Date.now() + 60_000; ; ) {
    const s = await situacao();
    if (assim(s) || Date.now() > fim) return s;
  }
}

/** How often each event stands in the raw topics. */
async function vezes(): Promise<Record<string, number>> {
  const codec = await codecFor(line.registry, 'interacoes');
  const contadas: Record<string, number> = {};
  for (const topico of ['interacoes', 'presencas']) {
    await line.kafka.readToEnd(topico, {
      onBatch: async ({ records }) => {
        for (const { value } of records) {
          const { id } = await codec.decode(value);
          contadas[id] = (contadas[id] ?? 0) + 1;
        }
      },
    });
  }
  return contadas;
}

const autor = { por: 'ana', execucao: 'teste' };
const nada = () => undefined;

describe('quarantine and back, in the whole line', () => {
  it('counts an event for an unknown solution by itself, once, when the solution comes, a kill -9 between', async () => {
    await envia(line, consultoria('c1', 'CO-1'), consultoria('c2', 'CO-9'));
    const antes = await situacao();
    expect(antes).toMatchObject({ diferencas: [], aguardandoReplay: 0, porTipo: {} });
    expect(antes.esperam).toEqual(['c1 SOLUCAO_DESCONHECIDA 1', 'c2 SOLUCAO_DESCONHECIDA 1']);
    // Whoever watched dies, and the next one begins after the solution came.
    const classifier = readStackState(line.home)?.processos.find((p) => p.nome === 'classifier')?.processo;
    process.kill(classifier?.pid ?? Number.NaN, 'SIGKILL');
    await cadastra(line, { solucoes: [{ id: 'CO-1', tipoSolucao: 'consultoria', nome: 'Consultoria' }] });
    const depois = await ate((s) => s.porTipo.consultoria === 1 && s.esperam.length === 1);
    expect(depois).toEqual({
      diferencas: [],
      aguardandoReplay: 0,
      esperam: ['c2 SOLUCAO_DESCONHECIDA 1'],
      porTipo: { consultoria: 1 },
    });
    expect(await vezes()).toMatchObject({ c1: 2, c2: 1 });
  });

  it('consolidates presences of an offer that comes late, and what was derived without a professional', async () => {
    const palestra = { tipoSolucao: 'palestra', solucaoId: 'PA-1', disponibilizacaoId: 'P-1' };
    await cadastra(line, { solucoes: [{ id: 'PA-1', tipoSolucao: 'palestra', nome: 'Palestra' }] });
    await envia(line, evento('k1', 'check-in', palestra));
    await envia(line, evento('f1', 'consolidacao-disponibilizacao', { ...palestra, cliente: undefined }));
    const antes = await ate((s) => s.esperam.length === 3);
    expect(antes.esperam).toContain('f1 DISPONIBILIZACAO_DESCONHECIDA 1');
    await cadastra(line, { disponibilizacoes: [{ id: 'P-1', solucaoId: 'PA-1', etapas: 1 }] });
    const semResponsavel = await ate((s) => s.esperam.some((um) => um.includes('SEM_RESPONSAVEL')));
    expect(semResponsavel).toEqual({
      diferencas: [],
      aguardandoReplay: 0,
      esperam: [expect.stringMatching(/^P-1.* SEM_RESPONSAVEL 1$/), 'c2 SOLUCAO_DESCONHECIDA 1'],
      porTipo: { consultoria: 1 },
    });
    const responsaveis = [{ id: 'r1', papel: 'instrutor' }];
    await cadastra(line, { disponibilizacoes: [{ id: 'P-1', solucaoId: 'PA-1', etapas: 1, responsaveis }] });
    const depois = await ate((s) => s.porTipo.palestra === 1 && s.esperam.length === 1);
    expect(depois).toMatchObject({ diferencas: [], aguardandoReplay: 0, porTipo: { consultoria: 1, palestra: 1 } });
    expect(await vezes()).toMatchObject({ k1: 2, f1: 2 });
  });

  it('counts what a person corrected and replayed, and lists what comes back to quarantine as another attempt', async () => {
    await envia(line, consultoria('c3', 'CO-1', { canal: 'pombo' }), consultoria('c4', 'CO-1', { canal: 'sinal' }));
    await ate((s) => s.esperam.length === 3);
    await conectado(async (conexoes) => {
      const pseudonimo = pseudonimizador(conexoes.config.clientIdKey);
      const [c3] = await pendentes(conexoes, { motivo: 'CANAL_DESCONHECIDO' }, false);
      const edicoes = [leEdicao('canal=telefone'), leEdicao(`cliente.pj.cnpj="${CNPJ}"`)];
      const pedido = { id: c3?.id ?? '', correcoes: { edicoes }, por: 'ana', outraIdentidade: false, pseudonimo };
      await corrige(conexoes, pedido);
      await reenviaSelecao(conexoes, { ids: [], prontas: false, motivo: 'CANAL_DESCONHECIDO' }, autor, nada);
      await reenviaSelecao(conexoes, { ids: [c3?.id ?? ''], prontas: false }, autor, nada);
    });
    const depois = await ate((s) => s.porTipo.consultoria === 2 && s.esperam.some((um) => um.endsWith(' 2')));
    expect(depois).toMatchObject({ diferencas: [], aguardandoReplay: 0, porTipo: { consultoria: 2, palestra: 1 } });
    expect(depois.esperam).toEqual([
      'c2 SOLUCAO_DESCONHECIDA 1',
      expect.stringMatching(/^c[34] CANAL_DESCONHECIDO 2$/),
    ]);
    expect(await vezes()).toMatchObject({ c3: 2, c4: 2 });
    const pj = await conectado(({ leitor }) => leitor.cliente(idDaPj(CNPJ)));
    expect(pj === null ? null : anosDe(pj)[2026]?.porTipo).toEqual({ consultoria: 1 });
    expect(await balanceOf(line.kafka, line.registry)).toMatchObject({ lost: [], duplicated: [] });
  });

  it('holds what was put right by another rulebook too, and after Redis was emptied', async () => {
    await holdsWhatWasPutRight(line);
  }, 240_000);
});
