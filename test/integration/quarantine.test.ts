import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import type { Interacao } from '#domain/interacao.ts';
import { LIMITES } from '../../platform/quarentena/automatico.ts';
import { mostra } from '../../platform/quarentena/mostra.ts';
import type { Filtros } from '../../platform/quarentena/selecao.ts';
import { textoDaMostra } from '../../services/cli/quarentena/mostra.ts';
import { CONSULTORIA, PF, type Quarentena, quarentena } from './quarantine-fixture.ts';
import { edicoes, operador } from './quarantine-operator.ts';

const CPF = '52998224725';

let q: Quarentena;
beforeAll(async () => {
  q = await quarentena();
});
afterAll(() => q?.fecha());

const { umaEspera, lista, reenvia, corrigeCom } = operador(() => q);

async function poeBytes(value: Buffer): Promise<void> {
  await q.poeDeLado('interacoes', [{ offset: 7, timestamp: Date.now(), key: null, value, headers: {} }]);
}

describe('what waits', () => {
  it('is listed by reason, source, topic and time, with totals', async () => {
    const source = q.fonte();
    const checkIn = { ...CONSULTORIA, source, id: 'k', tipoInteracao: 'check-in', disponibilizacaoId: 'D-1' };
    await q.espera([
      { ...CONSULTORIA, source, id: 'a' },
      { ...CONSULTORIA, source, id: 'b', canal: 'pombo' },
    ]);
    await q.espera([{ ...checkIn, tipoSolucao: 'palestra', solucaoId: null, duracaoMin: null }]);
    expect(await lista({ source })).toMatchObject({
      total: 3,
      porMotivo: { CANAL_DESCONHECIDO: 1, DISPONIBILIZACAO_DESCONHECIDA: 1, SOLUCAO_DESCONHECIDA: 1 },
    });
    const eventos = async (filtros: Filtros) =>
      (await lista({ source, ...filtros })).registros.map(({ evento }) => evento).sort();
    expect(await eventos({ motivo: 'CANAL_DESCONHECIDO' })).toEqual(['b']);
    expect(await eventos({ topico: 'presencas' })).toEqual(['k']);
    expect(await eventos({ ate: Date.parse('2020-01-02') })).toEqual([]);
    expect(await eventos({ desde: Date.parse('2020-01-02') })).toEqual(['a', 'b', 'k']);
    expect(await eventos({ desde: Date.now() + 60_000 })).toEqual([]);
  });

  it('is shown whole: why, what would come out now, and the way out', async () => {
    const { id, source } = await umaEspera();
    const mostrada = await mostra(q.partes(), id);
    expect(mostrada).toMatchObject({
      id,
      source,
      evento: 'c1',
      motivo: 'SOLUCAO_DESCONHECIDA',
      descricao: 'A solução informada não está no portfólio.',
      detalhe: 'cadastre a solução CO-1 no portfólio ou corrija solucaoId',
      saida: expect.stringContaining('volta sozinha'),
      tentativa: 1,
      estagio: 'classifier',
      origem: { topico: 'interacoes' },
      interacao: { solucaoId: 'CO-1', cliente: { pf: PF } },
      bytes: null,
      hoje: { resultado: 'quarentena', motivo: 'SOLUCAO_DESCONHECIDA' },
      correcao: null,
      reenvio: null,
    });
  });

  it.each([
    ['volta sozinha', {}, 1],
    ['falta, e depois atendido quarantine replay', {}, LIMITES.tentativas],
    ['volta sozinha', { source: FONTE_CONSOLIDADOR }, 1],
    ['é uma participação derivada das presenças', { source: FONTE_CONSOLIDADOR, canal: 'pombo' }, 1],
  ])('is shown with the way out that it has: %s', async (saida, parte, tentativa) => {
    const evento = randomUUID();
    const interacao = { ...CONSULTORIA, source: q.fonte(), ...parte, id: evento };
    const cabecalhos = { 'atendido-tentativa': Buffer.from(String(tentativa)) };
    await q.poeDeLado('interacoes', [q.registroDe(interacao, cabecalhos)]);
    const posta = (await lista({ source: interacao.source })).registros.find((um) => um.evento === evento);
    expect((await mostra(q.partes(), posta?.id ?? '')).saida).toContain(saida);
  });

  it("is shown to be its person's to replay once corrected", async () => {
    const { id } = await umaEspera();
    await corrigeCom(id, edicoes('duracaoMin=30'));
    const { saida } = await mostra(q.partes(), id);
    expect(saida).toContain(`Cadastre no portfólio o que falta, e depois atendido quarantine replay ${id} --apply`);
  });

  it('is shown in base64 where it cannot be read', async () => {
    const antes = new Set((await lista({ motivo: 'ESQUEMA_INVALIDO' })).registros.map((r) => r.id));
    await poeBytes(Buffer.from('lixo'));
    const { registros } = await lista({ motivo: 'ESQUEMA_INVALIDO' });
    const [novo] = registros.filter((r) => !antes.has(r.id));
    const bytes = Buffer.from('lixo').toString('base64');
    expect(await mostra(q.partes(), novo?.id ?? '')).toMatchObject({ interacao: null, bytes, chave: null });
  });

  it('never shows a CPF, even one that came past the door', async () => {
    const { id, source } = await umaEspera({ id: CPF, cliente: { pf: CPF, pj: null, naoIdentificado: null } });
    const mostrada = await mostra(q.partes(), id);
    const vistos = [mostrada, textoDaMostra(mostrada), await lista({ source }), await reenvia({ source })];
    expect(vistos.map((visto) => JSON.stringify(visto).includes(CPF))).toEqual([false, false, false, false]);
    await expect(corrigeCom(id, edicoes('canal=chat'))).rejects.toMatchObject({ code: 'CPF_FORA_DO_LUGAR' });
    await expect(corrigeCom(id, edicoes('canal=chat', 'id=outro'), true)).rejects.toMatchObject({
      code: 'CPF_INVALIDO',
    });
  });

  it('never shows a CPF within a text, a header, an id, or bytes that cannot be read', async () => {
    const source = q.fonte();
    const escrito = 'CPF 529.982.247-25';
    const interacao = { ...CONSULTORIA, source, id: `evt-${CPF}`, protocolo: escrito };
    await q.poeDeLado('interacoes', [q.registroDe(interacao, { [`cpf-${CPF}`]: Buffer.from(escrito) })]);
    const [id = ''] = await q.ids(source);
    const mostrada = await mostra(q.partes(), id);
    const vistos = JSON.stringify([mostrada, textoDaMostra(mostrada), await lista({ source })]);
    expect(vistos).not.toMatch(/529\.?982\.?247-?25/);
    const cliente = { pf: PF, pj: CONSULTORIA.cliente?.pj };
    expect(mostrada).toMatchObject({ evento: 'evt-***', interacao: { protocolo: 'CPF ***', cliente } });
    await expect(corrigeCom(id, edicoes('id=outro'))).rejects.toThrow(/^((?!52998224725).)*$/s);
    const antes = new Set((await lista({ motivo: 'ESQUEMA_INVALIDO' })).registros.map((r) => r.id));
    await poeBytes(Buffer.from(`{"cpf":"${CPF}"}`));
    const [novo] = (await lista({ motivo: 'ESQUEMA_INVALIDO' })).registros.filter((r) => !antes.has(r.id));
    const { bytes } = await mostra(q.partes(), novo?.id ?? '');
    expect(Buffer.from(bytes ?? '', 'base64').toString()).toBe('{"cpf":"***"}');
  });

  it.each(['0/999999999', '99/0', 'abc', '-1/2'])('does not hold %s, and says so', async (id) => {
    await expect(mostra(q.partes(), id)).rejects.toMatchObject({ code: 'QUARENTENA_DESCONHECIDA' });
    await expect(reenvia({ ids: [id] }, 'ana')).rejects.toMatchObject({ code: 'QUARENTENA_DESCONHECIDA' });
  });
});

describe('a replay', () => {
  it('sends nothing in a dry run; then the original bytes, once, however often it is asked', async () => {
    const source = q.fonte();
    const registro = q.registroDe({ ...CONSULTORIA, source }, { traceparent: Buffer.from('00-1') });
    await q.poeDeLado('interacoes', [registro]);
    const [id = ''] = await q.ids(source);
    expect(await reenvia({ source })).toMatchObject({
      aplicado: false,
      selecionadas: 1,
      reenviadas: 0,
      porDesfecho: { 'quarentena SOLUCAO_DESCONHECIDA': 1 },
    });
    expect(await q.copias('interacoes', source)).toEqual([]);
    expect(await reenvia({ source, prontas: true }, 'ana')).toMatchObject({ selecionadas: 0, reenviadas: 0 });
    expect(await reenvia({ source }, 'ana')).toMatchObject({ selecionadas: 1, reenviadas: 1 });
    expect(await reenvia({ source }, 'bia')).toMatchObject({ selecionadas: 0, reenviadas: 0 });
    expect(await reenvia({ ids: [id] }, 'bia')).toMatchObject({ selecionadas: 0, reenviadas: 0 });
    const [copia, ...outras] = await q.copias('interacoes', source);
    if (copia === undefined) throw new Error('nada voltou');
    expect(outras).toEqual([]);
    expect(copia.registro).toMatchObject({ key: registro.key, value: registro.value });
    const cabecalhos = Object.entries(copia.registro.headers).map(([nome, valor]) => [nome, String(valor)]);
    expect(Object.fromEntries(cabecalhos)).toEqual({
      traceparent: '00-1',
      'atendido-quarentena': id,
      'atendido-tentativa': '2',
      'atendido-reenviada-por': 'ana',
      'atendido-reenviada-em': expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect((await lista({ source })).total).toBe(0);
    expect(await mostra(q.partes(), id)).toMatchObject({ reenvio: { por: 'ana', tentativa: 2 } });
    // The classifier sets the copy aside again: a new one to be solved.
    await q.poeDeLado('interacoes', [copia.registro]);
    expect((await lista({ source })).registros).toMatchObject([{ source, evento: 'c1', tentativa: 2 }]);
  });

  it('leaves what its headers, names included, make too large, corrected or not; the others go', async () => {
    const source = q.fonte();
    const nomes = Array.from({ length: 31 }, (_, n) => [`${n}`.padEnd(30_000, 'x'), Buffer.from('')]);
    const muitos = (parte: Partial<Interacao>) =>
      q.registroDe({ ...CONSULTORIA, source, ...parte }, Object.fromEntries(nomes));
    const outra = q.registroDe({ ...CONSULTORIA, source, id: 'c' });
    await q.poeDeLado('interacoes', [muitos({ id: 'a' }), muitos({ id: 'b', protocolo: 'x'.repeat(115_000) }), outra]);
    const [corrigido = '', outro = ''] = await q.ids(source);
    const participantes = Array.from({ length: 4_000 }, () => ({ cliente: { pf: { cpf: CPF } } }));
    await corrigeCom(corrigido, {
      evento: {
        specversion: '1.0',
        type: 'br.com.sebrae.interacao.consolidacao-disponibilizacao',
        time: '2026-03-02T10:15:00-03:00',
        data: { tipoSolucao: 'curso', disponibilizacaoId: 'D-1', unidade: 'SP', participantes },
      },
    });
    expect(await reenvia({ source }, 'ana')).toMatchObject({ reenviadas: 1, naoCabem: [corrigido, outro] });
    expect((await q.copias('interacoes', source)).map(({ interacao }) => interacao.id)).toEqual(['c']);
  });

  it('leaves what is too large for its topic, and says so', async () => {
    await poeBytes(Buffer.alloc(1_045_000, 7));
    const feitas = await reenvia({ motivo: 'ESQUEMA_INVALIDO' }, 'ana');
    expect(feitas.naoCabem).toHaveLength(1);
    expect(feitas.reenviadas).toBe(feitas.selecionadas - 1);
  });
});
