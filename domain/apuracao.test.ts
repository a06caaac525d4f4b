import { describe, expect, it } from 'vitest';
import { loadRulebooks } from '../platform/rulebooks.ts';
import { type Apuracao, Apuracoes, type EstadoDaApuracao } from './apuracao.ts';
import { apuracaoDaFonte, FONTE_CONSOLIDADOR, fonteDaApuracao, fonteReservada } from './consolidacao.ts';
import type { Rulebook } from './rulebook.ts';

const base = await loadRulebooks();
const [v2024] = base.todos() as [Rulebook];
const JULHO = Date.parse('2026-07-01T00:00:00-03:00');

function apuracao(numero: number, estado: EstadoDaApuracao, mais: Partial<Apuracao> = {}): Apuracao {
  const limites = { interacoes: [100 * numero, 0], presencas: [10 * numero, 0] };
  const versao = `v${numero}`;
  const rulebook = () => ({ ...v2024, versao });
  return { numero, base: numero - 1, estado, por: 'ana', em: 0, desde: JULHO, versao, rulebook, limites, ...mais };
}

function apuracoes(...todas: Apuracao[]): Apuracoes {
  const nossas = new Apuracoes(base);
  for (const uma of todas) nossas.registra(uma);
  return nossas;
}

const em = (topic: string, partition: number, offset: number) => ({ topic, partition, offset });
const BRUTO = { source: 'crm' };

describe('as apurações', () => {
  it('sem nenhuma, decidem os arquivos do projeto', () => {
    const nenhuma = apuracoes();
    expect(nenhuma.emVigor).toBe(0);
    expect(nenhuma.rulebooksEmVigor).toBe(base);
    expect(nenhuma.doRegistro(em('interacoes', 0, 5), BRUTO)).toBe(0);
  });

  it.each(['em-preparo', 'anunciada', 'abandonada'] as const)('uma %s não decide nada do que chega', (estado) => {
    const uma = apuracoes(apuracao(1, estado));
    expect(uma.emVigor).toBe(0);
    expect(uma.doRegistro(em('interacoes', 0, 500), BRUTO)).toBe(0);
    expect(uma.anunciada?.numero).toBe(estado === 'anunciada' ? 1 : undefined);
  });

  it('a que vigora decide o que está depois do fim que o log tinha; cada partição tem o seu', () => {
    const duas = apuracoes(apuracao(1, 'em-vigor'), apuracao(2, 'em-vigor'));
    const de = (...onde: [string, number, number]) => duas.doRegistro(em(...onde), BRUTO);
    expect([de('interacoes', 0, 99), de('interacoes', 0, 100), de('interacoes', 0, 199)]).toEqual([0, 1, 1]);
    expect([de('interacoes', 0, 200), de('presencas', 0, 19), de('presencas', 0, 20)]).toEqual([2, 1, 2]);
    expect([de('interacoes', 1, 0), de('interacoes', 7, 0)]).toEqual([2, 2]);
  });

  it('uma abandonada no meio não conta: a base é a que vigorava', () => {
    const tres = apuracoes(apuracao(1, 'em-vigor'), apuracao(2, 'abandonada'), apuracao(3, 'em-vigor', { base: 1 }));
    expect(tres.doRegistro(em('interacoes', 0, 299), BRUTO)).toBe(1);
    expect(tres.rulebooksEmVigor.todos().map((r) => r.versao)).toEqual(['v3', '2024-1']);
  });

  it('o que foi derivado é da que o derivou, esteja onde estiver', () => {
    const duas = apuracoes(apuracao(1, 'em-vigor'), apuracao(2, 'em-preparo'));
    const de = (source: string) => duas.doRegistro(em('interacoes', 0, 500), { source });
    expect([de(FONTE_CONSOLIDADOR), de(fonteDaApuracao(1)), de(fonteDaApuracao(2))]).toEqual([0, 1, 2]);
    // Of none that is known: whoever wrote it is no consolidator.
    expect([de(fonteDaApuracao(3)), de(`${FONTE_CONSOLIDADOR}/x`)]).toEqual([1, 1]);
  });

  it('o ilegível é decidido por onde está', () => {
    expect(apuracoes(apuracao(1, 'em-vigor')).doRegistro(em('interacoes', 0, 500), null)).toBe(1);
  });

  it('o rulebook de uma que já não decide nada não é lido, e pode não valer mais', () => {
    const invalido = () => {
      throw new Error('RULEBOOK_INVALIDO');
    };
    const todas = (desde: number) =>
      apuracoes(
        apuracao(1, 'em-vigor', { rulebook: invalido, desde }),
        apuracao(2, 'abandonada', { rulebook: invalido }),
        apuracao(3, 'em-vigor', { base: 1 }),
      );
    expect(
      todas(JULHO)
        .rulebooksEmVigor.todos()
        .map((r) => r.versao),
    ).toEqual(['v3', '2024-1']);
    expect(() => todas(JULHO - 1).rulebooksEmVigor).toThrow('RULEBOOK_INVALIDO');
  });

  it('a data da interação escolhe entre o rulebook aplicado e os de antes', () => {
    const { rulebooksEmVigor } = apuracoes(apuracao(1, 'em-vigor'));
    expect([JULHO - 1, JULHO].map((time) => rulebooksEmVigor.em(time).versao)).toEqual(['2024-1', 'v1']);
  });
});

describe('a fonte do que é derivado', () => {
  it.each([0, 1, 2, 37])('diz a apuração %d, e ninguém pode usá-la', (numero) => {
    const fonte = fonteDaApuracao(numero);
    expect(apuracaoDaFonte(fonte)).toBe(numero);
    expect(fonteReservada(fonte)).toBe(true);
  });

  it.each(['atendido-consolidador/0', 'atendido-consolidador/', 'atendido-consolidador/1e3'])(
    '%s não é de nenhuma',
    (f) => {
      expect([apuracaoDaFonte(f), fonteReservada(f)]).toEqual([null, true]);
    },
  );

  it('outra que começa igual é de quem a tem', () => {
    expect(fonteReservada('atendido-consolidador-2')).toBe(false);
  });
});
