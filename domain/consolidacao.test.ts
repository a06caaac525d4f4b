import { describe, expect, it } from 'vitest';
import { loadRulebooks } from '../platform/rulebooks.ts';
import { portfolioDosCasos } from '../test/cases/carrega.ts';
import { consolida, FONTE_CONSOLIDADOR } from './consolidacao.ts';
import { INTERACAO_VAZIA, type Interacao } from './interacao.ts';
import { ofertaVazia, participacaoVazia } from './presenca.ts';
import { type Rulebook, Rulebooks } from './rulebook.ts';

const [V2024] = (await loadRulebooks()).todos() as [Rulebook];
const FIM = Date.parse('2026-03-20T18:00:00-03:00');
const ctx = {
  rulebooks: new Rulebooks([V2024]),
  portfolio: portfolioDosCasos(),
  registradaEm: FIM + 86_400_000,
  apuracao: 0,
};
const PF = `pf:${'A'.repeat(22)}`;
const OFERTA = { tipoSolucao: 'oficina', solucaoId: 'OFI-1', disponibilizacaoId: 'OFI-1-A' };

const evento = (id: string, tipoInteracao: string, muda: Partial<Interacao>): Interacao => ({
  ...INTERACAO_VAZIA,
  ...OFERTA,
  ...{ source: 'presenca', id, tipoInteracao, time: FIM, unidade: 'SP', canal: 'local-evento' },
  ...muda,
});
const cliente = { pf: PF, pj: null, naoIdentificado: null };
const checkIn = (etapa: string) => evento(`c${etapa}`, 'check-in', { time: FIM - 1, etapa, cliente });
const fim = (muda: Partial<Interacao> = {}) => evento('fim', 'consolidacao-disponibilizacao', muda);
const estorno = (id: string) =>
  evento(`e-${id}`, 'estorno', { time: FIM + 7, cliente, tipoSolucao: null, estornada: { source: 'presenca', id } });

describe('a consolidação de uma oferta', () => {
  it('deriva uma participação com o tempo, a unidade, o canal e o responsável do encerramento', () => {
    const oferta = ofertaVazia('OFI-1-A');
    for (const etapa of ['1', '2', '3']) expect(consolida(oferta, checkIn(etapa), ctx)).toEqual([]);
    const responsavel = { id: 'R', papel: 'facilitador' };
    expect(consolida(oferta, fim({ unidade: 'MG', canal: 'escola', responsavel }), ctx)).toEqual([
      {
        ...INTERACAO_VAZIA,
        ...OFERTA,
        ...{ source: FONTE_CONSOLIDADOR, id: `OFI-1-A/${PF}/1`, tipoInteracao: 'consolidacao-participacao' },
        ...{ time: FIM, unidade: 'MG', canal: 'escola', responsavel, cliente, presencas: 3 },
      },
    ]);
  });

  it('estorna a revisão que deixou de valer, e diz uma vez por que já não conta', () => {
    const oferta = ofertaVazia('OFI-1-A');
    for (const e of [checkIn('1'), checkIn('2'), checkIn('3'), fim()]) consolida(oferta, e, ctx);
    const [desfaz, abaixo, ...mais] = consolida(oferta, estorno('c1'), ctx);
    expect(desfaz).toMatchObject({
      ...{ id: `OFI-1-A/${PF}/1/estorno`, tipoInteracao: 'estorno', cliente, time: FIM + 7 },
      estornada: { source: FONTE_CONSOLIDADOR, id: `OFI-1-A/${PF}/1` },
    });
    expect(abaixo).toMatchObject({ id: `OFI-1-A/${PF}/2`, presencas: 2 });
    expect(mais).toEqual([]);
    // Still below the minimum: nothing new to say.
    expect(consolida(oferta, estorno('c2'), ctx)).toEqual([]);
  });

  it('mais presenças de quem já conta não mudam nada', () => {
    const oferta = ofertaVazia('OFI-1-A');
    for (const e of [checkIn('1'), checkIn('2'), checkIn('3'), fim()]) consolida(oferta, e, ctx);
    expect(consolida(oferta, checkIn('4'), ctx)).toEqual([]);
  });

  it('o que está em quarentena não move nada', () => {
    const oferta = ofertaVazia('OFI-1-A');
    const sozinha = { pf: null, pj: { id: 'pj:11222333000181', vinculo: 'indicacao' as const }, naoIdentificado: null };
    consolida(oferta, evento('c', 'check-in', { cliente: sozinha }), ctx);
    consolida(oferta, fim({ canal: 'pombo-correio' }), ctx);
    expect(oferta).toEqual(ofertaVazia('OFI-1-A'));
  });

  it('uma PF listada por duas de suas PJs tem uma participação por PJ, e a repetida não', () => {
    const oferta = ofertaVazia('OFI-1-A');
    const por = (cnpj: string) => ({
      cliente: { ...cliente, pj: { id: `pj:${cnpj}`, vinculo: 'indicacao' as const } },
      ...{ presencas: 4, frequencia: null, papel: null },
    });
    const participantes = [por('11222333000181'), por('12ABC34501DE35'), por('11222333000181')];
    const derivadas = consolida(oferta, fim({ participantes }), ctx);
    expect(derivadas.map((d) => [d.cliente?.pf, d.cliente?.pj?.id])).toEqual([
      [PF, 'pj:11222333000181'],
      [PF, 'pj:12ABC34501DE35'],
    ]);
    expect(new Set(derivadas.map((d) => d.id)).size).toBe(2);
  });

  const PJS = ['pj:11222333000181', 'pj:12ABC34501DE35'];
  const linha = (pj: string | undefined, frequencia = 0.9) => ({
    cliente: { ...cliente, pj: pj === undefined ? null : { id: pj, vinculo: 'indicacao' as const } },
    ...{ presencas: null, frequencia, papel: null },
  });
  const fimCom = (id: string, dias: number, ...participantes: ReturnType<typeof linha>[]) =>
    evento(id, 'consolidacao-disponibilizacao', { time: FIM + dias * 86_400_000, participantes });
  const creditados = (emitidas: readonly Interacao[]) =>
    emitidas.map((i) => [i.tipoInteracao === 'estorno' ? 'estorno' : 'participação', i.cliente?.pj?.id]);

  it('outro encerramento acrescenta a outra PJ de quem já conta, e não repete nenhuma', () => {
    const oferta = ofertaVazia('OFI-1-A');
    expect(creditados(consolida(oferta, fimCom('f1', 0, linha(PJS[0])), ctx))).toEqual([['participação', PJS[0]]]);
    const mais = consolida(oferta, fimCom('f2', 1, linha(PJS[1]), linha(PJS[0])), ctx);
    expect(creditados(mais)).toEqual([['participação', PJS[1]]]);
    expect(mais[0]).toMatchObject({ time: FIM + 86_400_000, cliente: { pf: PF } });
    expect(consolida(oferta, fimCom('f3', 2, linha(PJS[1]), linha(undefined)), ctx)).toEqual([]);
  });

  it('o que um encerramento trouxe vai com o seu estorno; o que outro também traz, fica por ele', () => {
    const oferta = ofertaVazia('OFI-1-A');
    consolida(oferta, fimCom('f1', 0, linha(PJS[0])), ctx);
    consolida(oferta, fimCom('f2', 1, linha(PJS[0]), linha(PJS[1])), ctx);
    const desfaz = { ...estorno('f1'), cliente: null };
    expect(creditados(consolida(oferta, desfaz, ctx))).toEqual([
      ['estorno', PJS[0]],
      ['participação', PJS[0]],
    ]);
    const desfazTudo = { ...estorno('f2'), cliente: null };
    expect(creditados(consolida(oferta, desfazTudo, ctx))).toEqual([
      ['estorno', PJS[0]],
      ['estorno', PJS[1]],
    ]);
  });

  it('o que estava ao lado e passa a ser da própria participação deixa de estar ao lado', () => {
    const oferta = ofertaVazia('OFI-1-A');
    consolida(oferta, fimCom('f1', 0, linha(undefined)), ctx);
    expect(creditados(consolida(oferta, fimCom('f2', 1, linha(PJS[1])), ctx))).toEqual([['participação', PJS[1]]]);
    expect(creditados(consolida(oferta, { ...estorno('f1'), cliente: null }, ctx))).toEqual([
      ['estorno', undefined],
      ['participação', PJS[1]],
      ['estorno', PJS[1]],
    ]);
  });

  it('a PJ que não conta por uma lista diz por quê uma vez', () => {
    const oferta = ofertaVazia('OFI-1-A');
    expect(consolida(oferta, fimCom('f1', 0, linha(PJS[0], 0.1)), ctx)).toHaveLength(1);
    expect(creditados(consolida(oferta, fimCom('f2', 1, linha(PJS[1])), ctx))).toEqual([['participação', PJS[1]]]);
    expect(consolida(oferta, fimCom('f3', 2, linha(PJS[0], 0.2)), ctx)).toEqual([]);
  });

  it('nada emite de novo um id que a versão anterior deu, que guardava a outra PJ num registro seu', () => {
    const oferta = ofertaVazia('OFI-1-A');
    consolida(oferta, fimCom('f1', 0, linha(PJS[0])), ctx);
    const deAntes = `${PF}+${PJS[1]}`;
    oferta.participacoes.set(deAntes, participacaoVazia(PF));
    oferta.participacoes
      .get(deAntes)
      ?.listas.push({ encerramento: { source: 'presenca', id: 'f1' }, ...linha(PJS[1]) });
    const emitidas = consolida(oferta, fimCom('f2', 1, linha(PJS[0]), linha(PJS[1])), ctx);
    const id = `OFI-1-A/${deAntes}/1`;
    expect(emitidas.filter((i) => i.id === id)).toHaveLength(1);
    const desfeitas = consolida(oferta, { ...estorno('f1'), cliente: null }, ctx);
    expect(desfeitas.filter((i) => i.estornada?.id === id)).toHaveLength(1);
    const desfeitos = new Set(desfeitas.map((i) => i.estornada?.id));
    expect(emitidas.map((i) => i.id).filter((um) => !desfeitos.has(um))).toEqual([`OFI-1-A/${PF}++${PJS[1]}/1`]);
  });
});
