import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anosDe, dobra, type EstadoCliente, estadoVazio, publicoDe, titularDe } from '#domain/cliente.ts';
import { consolida } from '#domain/consolidacao.ts';
import { decide } from '#domain/decidir.ts';
import { acumulaDiferenca, type Contadores, contadorDe, contribuicoes, somaMetricas } from '#domain/indicadores.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { lancamentosDe } from '#domain/lancar.ts';
import { ofertaVazia } from '#domain/presenca.ts';
import { Recontagem } from '#domain/recontagem.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { portfolioDosCasos } from './carrega.ts';
import { AGORA, avulsas, entregue, estornoDe, presencas, umaAvulsa } from './geradores.ts';
import { oraculo } from './oraculo.ts';

const rulebooks = await loadRulebooks();
const portfolio = portfolioDosCasos();
const ctx = { rulebooks, portfolio, registradaEm: AGORA, apuracao: 0 };
const duracaoMinimaMin = rulebooks.em(AGORA).tiposSolucao.consultoria?.contabiliza?.atendimento?.duracaoMinimaMin ?? 0;
const RODADAS = { numRuns: 400 };

function recontagemDe(eventos: readonly Interacao[]): Recontagem {
  const recontagem = new Recontagem(rulebooks, portfolio);
  for (const interacao of eventos) recontagem.registra({ interacao, registradaEm: AGORA });
  return recontagem;
}

const ordenado = (contadores: Contadores) => [...contadores].sort(([a], [b]) => (a < b ? -1 : 1));

/** What must not depend on how events arrived, the derived ones among them. */
function totais(recontagem: Recontagem) {
  const clientes = recontagem.clientes().map(({ id, anos }) => ({
    id,
    anos: Object.entries(anos)
      .map(([ano, { outrasMetricas: _, ...resto }]) => ({ ano, ...resto }))
      .filter((a) => a.atendido),
  }));
  return { indicadores: ordenado(recontagem.indicadores()), clientes: clientes.filter((c) => c.anos.length > 0) };
}

/** And, where nothing is derived, everything. */
const tudo = (r: Recontagem) => ({
  ...totais(r),
  clientes: r.clientes(),
  metricas: ordenado(r.metricas),
  quarentena: [...r.quarentena],
});

function lancamentosDosEventos(eventos: readonly Interacao[]): Lancamento[] {
  return eventos.flatMap((interacao) =>
    lancamentosDe(
      interacao,
      decide({ interacao, rulebook: rulebooks.em(interacao.time), portfolio, registradaEm: AGORA }),
    ),
  );
}

/** The aggregator's fold: lots of some size, the difference of each touched client's counters added to the total. */
function emLotes(lancamentos: readonly Lancamento[], tamanho: number) {
  const estados = new Map<string, EstadoCliente>();
  const indicadores: Contadores = new Map();
  const metricas: Contadores = new Map();
  for (let n = 0; n < lancamentos.length; n += tamanho) {
    const porTitular = Map.groupBy(lancamentos.slice(n, n + tamanho), titularDe);
    for (const [titular, lote] of porTitular) {
      const estado = estados.get(titular) ?? estadoVazio();
      estados.set(titular, estado);
      const antes = contribuicoes(titular, estado, rulebooks);
      somaMetricas(metricas, dobra(estado, lote).novos);
      acumulaDiferenca(indicadores, antes, contribuicoes(titular, estado, rulebooks));
    }
  }
  const clientes = [...estados]
    .filter(([titular]) => publicoDe(titular) !== 'nao-identificado')
    .map(([id, estado]) => ({ id, anos: anosDe(estado) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return { indicadores: ordenado(indicadores), metricas: ordenado(metricas), clientes };
}

/** Totals by year of the indicators the oracle knows. */
function resumo(recontagem: Recontagem) {
  const soma: Record<string, Record<string, { clientes: number; atendimentos: number }>> = {
    'clientes-atendidos': {},
    'pequenos-negocios-atendidos': {},
    'potenciais-empreendedores-atendidos': {},
  };
  for (const [nome, n] of recontagem.indicadores()) {
    const { indicador, periodo, unidade, dimensao, medida } = contadorDe(nome);
    const anos = soma[indicador];
    if (anos === undefined || unidade !== '*' || dimensao !== 'total') continue;
    anos[periodo] = { clientes: 0, atendimentos: 0, ...anos[periodo], [medida]: n };
  }
  return soma;
}

const comEntrega = (eventos: fc.Arbitrary<Interacao[]>) =>
  eventos.chain((lista) => fc.tuple(fc.constant(lista), entregue(lista)));
const misturadas = fc.tuple(avulsas, presencas).map(([a, b]) => [...a, ...b]);

describe('o que se conta não depende de como chegou', () => {
  it('ordem e reentregas, tudo, onde nada se deriva', () => {
    fc.assert(
      fc.property(comEntrega(avulsas), ([reta, torta]) => {
        expect(tudo(recontagemDe(torta))).toEqual(tudo(recontagemDe(reta)));
      }),
      RODADAS,
    );
  });

  it('lotes de qualquer tamanho', () => {
    fc.assert(
      fc.property(comEntrega(avulsas), fc.integer({ min: 1, max: 20 }), ([reta, torta], tamanho) => {
        const { indicadores, metricas, clientes } = tudo(recontagemDe(reta));
        expect(emLotes(lancamentosDosEventos(torta), tamanho)).toEqual({ indicadores, metricas, clientes });
      }),
      RODADAS,
    );
  });

  it('check-ins, encerramentos, listas e estornos, em qualquer ordem', () => {
    fc.assert(
      fc.property(comEntrega(misturadas), ([reta, torta]) => {
        expect(totais(recontagemDe(torta))).toEqual(totais(recontagemDe(reta)));
      }),
      { numRuns: 1000 },
    );
  });

  it('um oráculo que olha tudo de uma vez chega aos mesmos números', () => {
    fc.assert(
      fc.property(misturadas, (eventos) => {
        expect(resumo(recontagemDe(eventos))).toEqual(oraculo(eventos, { portfolio, duracaoMinimaMin }));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('o estorno é o inverso exato', () => {
  it('com e sem, antes ou depois, reentregue', () => {
    fc.assert(
      fc.property(misturadas, umaAvulsa, fc.nat(100), fc.nat(100), (eventos, extra, onde, onde2) => {
        const estorno = estornoDe(extra, 'estorno-extra');
        const com = eventos.toSpliced(onde % (eventos.length + 1), 0, extra);
        const final = [...com.toSpliced(onde2 % (com.length + 1), 0, estorno), estorno, extra];
        expect(totais(recontagemDe(final))).toEqual(totais(recontagemDe(eventos)));
      }),
      RODADAS,
    );
  });
});

describe('a consolidação repetida', () => {
  const emitidas = (eventos: readonly Interacao[]) => {
    const oferta = ofertaVazia('OFI-1-A');
    return eventos.map((e) => consolida(oferta, e, ctx));
  };

  it('emite o mesmo, com os mesmos ids', () => {
    fc.assert(
      fc.property(comEntrega(presencas), ([, eventos]) => {
        expect(emitidas(eventos)).toEqual(emitidas(eventos));
      }),
      RODADAS,
    );
  });

  it('não emite nada numa reentrega, nem um id duas vezes', () => {
    fc.assert(
      fc.property(presencas, (eventos) => {
        const saida = emitidas([...eventos, ...eventos]);
        expect(saida.slice(eventos.length).flat()).toEqual([]);
        const ids = saida.flat().map((i) => i.id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      RODADAS,
    );
  });

  it('uma participação viva de cada vez: cada uma é estornada antes da seguinte', () => {
    fc.assert(
      fc.property(comEntrega(presencas), ([, eventos]) => {
        const vivas = new Map<string, string>();
        for (const i of emitidas(eventos).flat()) {
          const [oferta, nome] = (i.estornada?.id ?? i.id).split('/');
          const participante = `${oferta}/${nome}`;
          const entrada = { interacao: i, rulebook: rulebooks.em(i.time), portfolio, registradaEm: AGORA };
          if (i.estornada !== null) {
            expect(vivas.get(participante)).toBe(i.estornada.id);
            vivas.delete(participante);
          } else if (decide(entrada).resultado === 'contabiliza') {
            expect(vivas.has(participante)).toBe(false);
            vivas.set(participante, i.id);
          }
        }
      }),
      RODADAS,
    );
  });
});
