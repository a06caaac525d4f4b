import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import type { Interacao } from '#domain/interacao.ts';
import { leEdicao } from '../../platform/quarentena/edicao.ts';
import { mostra } from '../../platform/quarentena/mostra.ts';
import { TOPICO_DAS_RESOLUCOES } from '../../platform/quarentena/resolucoes.ts';
import { kafka } from './kafka-fixture.ts';
import { CHAVE_DO_CPF, CONSULTORIA, PF, type Quarentena, quarentena } from './quarantine-fixture.ts';
import { edicoes, operador } from './quarantine-operator.ts';

const CPF = '52998224725';

let q: Quarentena;
beforeAll(async () => {
  q = await quarentena();
});
afterAll(() => q?.fecha());

const { umaEspera, lista, reenvia, corrigeCom } = operador(() => q);

describe('a correction', () => {
  it('is kept, and sent by a replay in place of the original', async () => {
    const { id, source } = await umaEspera({ tipoSolucao: 'orientacao-tecnica', canal: 'pombo', solucaoId: null });
    const corrigida = await corrigeCom(id, edicoes('canal=telefone', 'cliente.pj=', 'duracaoMin=30'));
    expect(corrigida).toMatchObject({ source, evento: 'c1', topico: 'interacoes', por: 'ana' });
    expect(corrigida.hoje).toMatchObject({ resultado: 'contabiliza', motivo: 'INTERACAO_DE_ATENDIMENTO' });
    expect((await lista({ source })).registros).toMatchObject([
      { id, corrigidaPor: 'ana', motivo: 'CANAL_DESCONHECIDO' },
    ]);
    expect(await q.copias('interacoes', source)).toEqual([]);
    expect(await reenvia({ source, prontas: true }, 'bia')).toMatchObject({ reenviadas: 1 });
    const [copia] = await q.copias('interacoes', source);
    const esperada = { source, id: 'c1', canal: 'telefone', duracaoMin: 30, cliente: { pf: PF, pj: null } };
    expect(copia?.interacao).toMatchObject(esperada);
    expect(String(copia?.registro.headers['atendido-corrigida-por'])).toBe('ana');
    const partes = q.partes();
    expect(await mostra(partes, id)).toMatchObject({
      reenvio: { por: 'bia' },
      correcao: { interacao: { duracaoMin: 30 } },
    });
    // Not held in memory any more, however many there are.
    expect(partes.resolucoes.de(id)).toMatchObject({ correcao: null, reenvio: { por: 'bia' } });
    const tarde = corrigeCom(id, edicoes('canal=chat'));
    await expect(tarde).rejects.toMatchObject({ code: 'QUARENTENA_RESOLVIDA', message: expect.stringMatching(/bia/) });
  });

  it('is as if it had never been once its record in resolucoes-de-quarentena is deleted', async () => {
    const { id, source } = await umaEspera();
    await corrigeCom(id, edicoes('duracaoMin=30'));
    const producer = await kafka.producer();
    await producer.send([{ topic: TOPICO_DAS_RESOLUCOES, key: id, value: null }]);
    await producer.close();
    expect((await lista({ source })).registros).toMatchObject([{ id, corrigidaPor: null }]);
    expect(await mostra(q.partes(), id)).toMatchObject({ correcao: null, reenvio: null });
  });

  it.each([
    ['are kept where nothing is said of them', 'canal=chat', [{ cliente: { pf: PF }, presencas: 1 }]],
    [
      'may be corrected too, their CPFs replaced',
      `participantes=[{"cliente":{"pf":{"cpf":"${CPF}"}},"presencas":3}]`,
      [{ cliente: { pf: pseudonimizador(CHAVE_DO_CPF)(CPF) }, presencas: 3 }],
    ],
    ['may be taken out', 'participantes=', undefined],
  ])('of participants: they %s', async (_que, edicao, participantes) => {
    const cliente = { pf: PF, pj: null, naoIdentificado: null };
    const { id } = await umaEspera({
      tipoInteracao: 'consolidacao-disponibilizacao',
      tipoSolucao: 'curso',
      solucaoId: null,
      disponibilizacaoId: 'D-1',
      duracaoMin: null,
      cliente: null,
      participantes: [{ cliente, presencas: 1, frequencia: null, papel: null }],
    });
    await corrigeCom(id, edicoes(edicao));
    const { correcao } = await mostra(q.partes(), id);
    expect(correcao).toMatchObject({ interacao: { disponibilizacaoId: 'D-1' } });
    expect((correcao?.interacao as Partial<Interacao> | undefined)?.participantes).toEqual(participantes);
  });

  it('may be a whole event, its CPF replaced; a check-in that lacked its offer goes to presencas', async () => {
    const { id, source } = await umaEspera({ tipoInteracao: 'check-in', tipoSolucao: 'palestra', solucaoId: null });
    const evento = {
      specversion: '1.0',
      type: 'br.com.sebrae.interacao.check-in',
      time: '2026-03-02T10:15:00-03:00',
      data: { tipoSolucao: 'palestra', disponibilizacaoId: 'P-1', unidade: 'SP', cliente: { pf: { cpf: CPF } } },
    };
    expect(await corrigeCom(id, { evento })).toMatchObject({ source, evento: 'c1', topico: 'presencas' });
    await reenvia({ source }, 'ana');
    expect(await q.copias('interacoes', source)).toEqual([]);
    const [copia] = await q.copias('presencas', source);
    expect(copia?.interacao.cliente?.pf).toBe(pseudonimizador(CHAVE_DO_CPF)(CPF));
    expect(String(copia?.registro.key)).toBe('P-1');
  });

  it.each([
    ['ESQUEMA_INVALIDO', edicoes('duracaoMin=muito')],
    ['ESQUEMA_INVALIDO', edicoes('cor=azul')],
    ['ESQUEMA_INVALIDO', edicoes('unidade=')],
    ['ESQUEMA_INVALIDO', { evento: 'nada' }],
    ['CPF_INVALIDO', edicoes('cliente.pf.cpf="52998224726"')],
    ['CNPJ_INVALIDO', edicoes('cliente.pj.cnpj="11222333000182"')],
    ['FONTE_NAO_AUTORIZADA', edicoes('source=atendido-consolidador')],
    ['IDENTIDADE_DIVERGENTE', edicoes('id=outro')],
  ])('is refused with %s, as a new event would be, and not kept', async (code, correcoes) => {
    const { id, source } = await umaEspera();
    await expect(corrigeCom(id, correcoes)).rejects.toMatchObject({ code, exitCode: 2 });
    expect((await lista({ source })).registros).toMatchObject([{ corrigidaPor: null }]);
  });

  it.each(['__proto__.x=1', 'canal', '=1', 'cliente..pf=1'])('takes no edit such as %s', (texto) => {
    expect(() => leEdicao(texto)).toThrow(expect.objectContaining({ code: 'EDICAO_INVALIDA' }));
  });

  it('takes another identity only where it is told to, and none for what the line derived', async () => {
    const { id } = await umaEspera();
    expect(await corrigeCom(id, edicoes('id=outro'), true)).toMatchObject({ evento: 'outro' });
    await q.espera([{ ...CONSULTORIA, source: 'atendido-consolidador' }]);
    const [derivada = ''] = await q.ids('atendido-consolidador');
    const recusada = corrigeCom(derivada, edicoes('source=crm'), true);
    await expect(recusada).rejects.toMatchObject({
      code: 'FONTE_NAO_AUTORIZADA',
      message: expect.stringMatching(/derivada/),
    });
  });
});
