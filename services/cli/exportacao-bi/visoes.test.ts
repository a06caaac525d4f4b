import { describe, expect, it } from 'vitest';
import { apuracao, decidida, pergunta, postaDeLado } from './pasta-fixture.ts';

const PF = 'pf:xxxxxxxxxxxxxxxxxxxxxx';
const OUTRA = 'pf:yyyyyyyyyyyyyyyyyyyyyy';
const PJ = 'pj:11222333000181';
const cliente = (pf: string | null, pj: string | null = null) => {
  return { pf, pj: pj === null ? null : { id: pj, vinculo: 'indicacao' as const }, naoIdentificado: null };
};
const conta = (chave = 'k', creditos = [PF]) => ({ contabiliza: true, chave, creditos });
const naoConta = (apuracao = 0) => ({ contabiliza: false, metrica: 'jornada', motivo: 'OUTRO' as never, apuracao });

/** What holds of each interaction: whether it counts, by which apuração. */
async function valem(...args: Parameters<typeof pergunta> extends [string, ...infer R] ? R : never) {
  const linhas = await pergunta('SELECT id, contabiliza, apuracao FROM interacoes ORDER BY id', ...args);
  return linhas.map((l) => [l.id, l.contabiliza, l.apuracao]);
}

describe('interacoes', () => {
  it('has what was sent twice once, as it came first', async () => {
    const duas = [decidida({ id: 'a', cliente: cliente(PF) }, conta()), decidida({ id: 'a' }, naoConta())];
    expect(await valem(duas)).toEqual([['a', true, 0]]);
  });

  it('goes by the newest apuração that was ever in force', async () => {
    const decisoes = [
      decidida({ id: 'a' }, conta()),
      decidida({ id: 'a' }, naoConta(1), true),
      decidida({ id: 'a' }, { ...conta(), apuracao: 2 }, true),
      decidida({ id: 'a' }, naoConta(3), true),
      decidida({ id: 'b' }, conta()),
      decidida({ id: 'c' }, { ...conta(), apuracao: 2 }),
    ];
    const todas = (...estados: Parameters<typeof apuracao>[1][]) => estados.map((e, n) => apuracao(n + 1, e));
    const dasOutras = [
      ['b', true, 0],
      ['c', true, 2],
    ];
    const emVigor = { apuracoes: todas('em-vigor', 'em-vigor', 'abandonada') };
    expect(await valem(decisoes, emVigor)).toEqual([['a', true, 2], ...dasOutras]);
    const emPreparo = { apuracoes: todas('em-vigor', 'em-preparo', 'em-preparo') };
    expect(await valem(decisoes, emPreparo)).toEqual([
      ['a', false, 1],
      ['b', true, 0],
    ]);
  });

  it('of a copy that came after, decided by newer rules, goes by the first all the same', async () => {
    const decisoes = [decidida({ id: 'a' }, naoConta(1), true), decidida({ id: 'a' }, { ...conta(), apuracao: 2 })];
    const apuracoes = [apuracao(1, 'em-vigor'), apuracao(2, 'em-vigor')];
    expect(await valem(decisoes, { apuracoes })).toEqual([['a', false, 1]]);
  });

  it('leaves out what newer rules set aside, until it comes back', async () => {
    const apuracoes = [apuracao(1, 'em-vigor')];
    const antes = decidida({ id: 'a' }, conta());
    const quarentena = [postaDeLado('a', 1, true)];
    expect(await valem([antes], { apuracoes, quarentena })).toEqual([]);
    const voltou = decidida({ id: 'a' }, { ...conta(), apuracao: 1 });
    expect(await valem([antes, voltou], { apuracoes, quarentena })).toEqual([['a', true, 1]]);
    // A second copy that was wrong takes nothing from the first, which was right.
    expect(await valem([antes], { apuracoes, quarentena: [postaDeLado('a', 1, false)] })).toEqual([['a', true, 0]]);
    expect(await valem([antes], { apuracoes: [apuracao(1, 'abandonada')], quarentena })).toEqual([['a', true, 0]]);
  });

  it('of what the line derives, has what the apuração in force did', async () => {
    const de = (source: string, apuracao: number) => decidida({ id: 'p', source }, { ...conta(), apuracao });
    const derivadas = [de('atendido-consolidador', 0), de('atendido-consolidador/1', 1), de('crm', 0)];
    const fontes = async (estado: Parameters<typeof apuracao>[1]) => {
      const resto = { apuracoes: [apuracao(1, estado)] };
      const linhas = await pergunta('SELECT source FROM interacoes ORDER BY source', derivadas, resto);
      return linhas.map((l) => l.source);
    };
    expect(await fontes('em-preparo')).toEqual(['atendido-consolidador', 'crm']);
    expect(await fontes('em-vigor')).toEqual(['atendido-consolidador/1', 'crm']);
  });
});

describe('entregas', () => {
  const dia = (n: number) => Date.parse(`2026-03-0${n}T13:00:00Z`);
  const estorno = (id: string, quem = cliente(PF)) =>
    decidida(
      { id: `e${id}`, tipoInteracao: 'estorno', cliente: quem, estornada: { source: 'crm', id } },
      { contabiliza: false, metrica: 'jornada', motivo: 'ESTORNO' },
    );
  const entregas = (decididas: Parameters<typeof pergunta>[1]) =>
    pergunta('SELECT cliente, id, unidade, quantidade, ao_lado_de_pf FROM entregas ORDER BY cliente, id', decididas);

  it('counts what two systems report once, as it happened first, and the next where that is taken back', async () => {
    const dois = [
      decidida({ id: 'b', time: dia(3), unidade: 'RJ', cliente: cliente(PF) }, conta()),
      decidida({ id: 'a', time: dia(2), unidade: 'SP', cliente: cliente(PF) }, conta()),
      decidida({ id: 'c', time: dia(1), unidade: 'MG', cliente: cliente(OUTRA) }, conta('k', [OUTRA])),
    ];
    expect(await entregas(dois)).toMatchObject([
      { cliente: PF, id: 'a', unidade: 'SP' },
      { cliente: OUTRA, id: 'c' },
    ]);
    expect(await entregas([...dois, estorno('a')])).toMatchObject([{ id: 'b', unidade: 'RJ' }, { id: 'c' }]);
    expect(await entregas([...dois, estorno('a'), estorno('b')])).toMatchObject([{ id: 'c' }]);
    // Of another client nothing is taken back.
    expect(await entregas([...dois, estorno('a', cliente(OUTRA))])).toMatchObject([{ id: 'a' }, { id: 'c' }]);
  });

  it('has a PJ beside its PF, and students whom nobody knows', async () => {
    const estudantes = { pf: null, pj: null, naoIdentificado: { perfil: 'estudante-educacao-basica', quantidade: 30 } };
    const linhas = await entregas([
      decidida({ id: 'a', cliente: cliente(PF, PJ) }, conta('k', [PF, PJ])),
      decidida({ id: 'b', cliente: estudantes }, conta('b', [])),
    ]);
    expect(linhas).toEqual([
      { cliente: PF, id: 'a', unidade: 'SP', quantidade: 1, ao_lado_de_pf: false },
      { cliente: PJ, id: 'a', unidade: 'SP', quantidade: 1, ao_lado_de_pf: true },
      { cliente: null, id: 'b', unidade: 'SP', quantidade: 30, ao_lado_de_pf: false },
    ]);
  });
});
