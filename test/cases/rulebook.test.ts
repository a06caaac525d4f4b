import { describe, expect, it } from 'vitest';
import { decide, explica } from '#domain/decidir.ts';
import { MOTIVOS_CONTABILIZA, MOTIVOS_NAO_CONTABILIZA, MOTIVOS_QUARENTENA } from '#domain/decisao.ts';
import { leEvento } from '#domain/evento.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { type CasoDeDecisao, carregaCasos, versoesComCasos } from './carrega.ts';
import { pseudonimo, totaisDe } from './totais.ts';

const rulebooks = await loadRulebooks();

function decisaoDe(caso: CasoDeDecisao, portfolio: Portfolio) {
  const lido = leEvento(caso.evento, pseudonimo);
  if (!lido.ok) return { resultado: 'quarentena', motivo: 'ESQUEMA_INVALIDO' };
  const rulebook = rulebooks.em(lido.interacao.time);
  const decisao = decide({ ...lido, rulebook, portfolio, registradaEm: caso.agora });
  return { ...decisao, creditos: decisao.creditos.map((c) => c.split(':')[0]) };
}

/** The order written, its reverse, and a rotation by each half. */
function ordens<T>(itens: readonly T[]): T[][] {
  const meio = Math.ceil(itens.length / 2);
  return [[...itens], [...itens].reverse(), [...itens.slice(meio), ...itens.slice(0, meio)]];
}

describe.each(versoesComCasos())('rulebook %s', (versao) => {
  const { portfolio, decisoes, contagens } = carregaCasos(versao);

  describe('uma decisão por caso', () => {
    it.each(decisoes.map((caso) => [caso.nome, caso] as const))('%s', (_, caso) => {
      expect(decisaoDe(caso, portfolio)).toMatchObject({
        resultado: caso.resultado,
        motivo: caso.motivo,
        ...caso.resto,
      });
    });
  });

  it('a explicação de cada decisão chega à mesma decisão, no último passo', () => {
    for (const caso of decisoes) {
      const lido = leEvento(caso.evento, pseudonimo);
      if (!lido.ok) continue;
      const entrada = { ...lido, rulebook: rulebooks.em(lido.interacao.time), portfolio, registradaEm: caso.agora };
      const { decisao, passos } = explica(entrada);
      expect(decisao).toEqual(decide(entrada));
      expect(passos.at(-1)?.motivo).toBe(decisao.resultado === 'contabiliza' ? null : decisao.motivo);
      expect(passos.slice(0, -1).every((p) => p.motivo === null)).toBe(true);
    }
  });

  describe('os totais de cada sequência', () => {
    it.each(contagens.map((caso) => [caso.nome, caso] as const))('%s', (_, caso) => {
      for (const [n, eventos] of ordens(caso.eventos).entries()) {
        const totais = totaisDe(eventos, rulebooks, portfolio, caso.agora);
        for (const [indicador, [clientes, atendimentos]] of Object.entries(caso.espera)) {
          const veio = totais.indicadores[indicador]?.[caso.periodo] ?? { clientes: 0, atendimentos: 0 };
          expect({ ordem: n, indicador, ...veio }).toEqual({ ordem: n, indicador, clientes, atendimentos });
        }
        if (n > 0) continue;
        expect(totais.metricas).toMatchObject(caso.metricas);
        expect(totais.quarentena).toEqual(caso.quarentena);
      }
    });
  });

  describe('nada sem caso', () => {
    const rulebook = rulebooks.todos().find((r) => r.versao === versao);
    const ditos = (campo: (c: CasoDeDecisao) => unknown) => new Set(decisoes.map(campo));

    it.each(['contabiliza', 'nao-contabiliza', 'quarentena'] as const)('todo motivo de %s', (resultado) => {
      const todos = {
        contabiliza: MOTIVOS_CONTABILIZA,
        'nao-contabiliza': MOTIVOS_NAO_CONTABILIZA,
        quarentena: MOTIVOS_QUARENTENA,
      }[resultado];
      const provados = ditos((c) => (c.resultado === resultado ? c.motivo : null));
      expect(todos.filter((m) => !provados.has(m))).toEqual([]);
    });

    it('todo canal do rulebook', () => {
      const provados = ditos((c) => c.canal);
      expect(Object.keys(rulebook?.canais ?? {}).filter((c) => !provados.has(c))).toEqual([]);
    });

    it('todo par de tipo e interação que contabiliza, contando', () => {
      const provados = ditos((c) => (c.resultado === 'contabiliza' ? `${c.tipoSolucao} ${c.evento.type}` : null));
      const pares = Object.entries(rulebook?.tiposSolucao ?? {}).flatMap(([tipo, t]) =>
        Object.keys(t.contabiliza ?? {}).map((i) => `${tipo} br.com.sebrae.interacao.${i}`),
      );
      expect(pares.filter((p) => !provados.has(p))).toEqual([]);
    });

    it('todo tipo, contando ou não, e recusado onde a interação não lhe cabe', () => {
      const provados = ditos((c) => (c.resultado === 'quarentena' ? null : c.tipoSolucao));
      const recusados = ditos((c) => (c.motivo === 'INTERACAO_INCOMPATIVEL' ? c.tipoSolucao : null));
      const tipos = Object.keys(rulebook?.tiposSolucao ?? {});
      expect(tipos.filter((t) => !provados.has(t) || !recusados.has(t))).toEqual([]);
    });

    it('nenhum nome de caso repetido', () => {
      const nomes = [...decisoes, ...contagens].map((c) => c.nome);
      expect(nomes.filter((n, i) => nomes.indexOf(n) !== i)).toEqual([]);
    });
  });
});

it('toda versão do rulebook tem seus casos', () => {
  const versoes = rulebooks.todos().map((r) => r.versao);
  expect(versoesComCasos()).toEqual(versoes.sort());
});
