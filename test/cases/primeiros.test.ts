import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ContaDoCliente, type EstadoCliente, entregas, estadoVazio, titularDe } from '#domain/cliente.ts';
import { dobraTrecho, type EstadosDoTrecho, porTitular } from '#domain/dobra-trecho.ts';
import {
  acumulaContadores,
  type Contadores,
  contadorDe,
  contribuicoes,
  indicadoresDoCliente,
  nomeDoContador,
} from '#domain/indicadores.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { Reagregacao } from '#domain/reagregacao.ts';
import { type Rulebook, Rulebooks } from '#domain/rulebook.ts';
import { SomaDosIndicadores } from '#domain/soma-dos-indicadores.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';

/** Few of everything, so that deliveries of a client meet on a day, in a year, under one key. */
const CLIENTES = ['pf:A', 'pf:B', 'pj:C', null];
const DIAS = ['2025-12-30', '2025-12-31', '2026-01-01', '2026-01-02', '2026-02-03', '2026-02-04'];
const TIPOS = ['palestra', 'curso', 'feira'];

const [versao] = (await loadRulebooks()).todos() as [Rulebook];
/** Beside those by year some by month; and one that is by month from a day on, and leaves a type out before. */
const comOutros = (nome: string, outros: Rulebook['indicadores']): Rulebook => {
  return { ...versao, versao: nome, indicadores: { ...versao.indicadores, ...outros } };
};
const deMes = { nome: 'M', publico: ['pf', 'pj'], periodo: 'mes' } as const satisfies Rulebook['indicadores'][string];
const rulebooks = new Rulebooks([
  {
    desde: Number.NEGATIVE_INFINITY,
    rulebook: comOutros('dias-1', { deMes, muda: { ...deMes, periodo: 'ano', excluiTipos: ['curso'] } }),
  },
  { desde: Date.parse('2026-01-02T00:00:00-03:00'), rulebook: comOutros('dias-2', { deMes, muda: deMes }) },
]);

const base = { principal: true, unidade: 'SP', canal: 'portal', modalidade: 'presencial' };
const quando = fc
  .tuple(fc.constantFrom(...DIAS), fc.constantFrom('00:30', '12:00', '23:30'))
  .map(([dia, hora]) => Date.parse(`${dia}T${hora}:00-03:00`));

const entrega = fc
  .tuple(fc.constantFrom(...CLIENTES), quando, fc.constantFrom(...TIPOS), fc.nat(3), fc.boolean())
  .map(([cliente, time, tipoSolucao, oferta, comPj]) => ({
    ...{ ...base, source: 's', cliente, time, tipoSolucao, metrica: 'atendimento', motivo: 'CONTA', estornada: null },
    credito: { chave: `${tipoSolucao}|${cliente === null ? time : oferta}`, quantidade: 1, comPj, ladoDePf: false },
  }));

/** Deliveries, some of them taken back by who may come before them, and the same in another order, some twice. */
const lancamentos = fc
  .tuple(fc.array(entrega, { maxLength: 14 }), fc.array(fc.nat(13), { maxLength: 6 }))
  .map(([entregas, estornos]): Lancamento[] => {
    const numeradas = entregas.map((e, n) => ({ ...e, id: `e${n}` }));
    const desfazem = estornos
      .flatMap((n) => numeradas[n] ?? [])
      .map((e) => {
        const estornada = { source: e.source, id: e.id };
        return { ...e, id: `x${e.id}`, metrica: 'jornada', motivo: 'ESTORNO', credito: null, estornada };
      });
    return [...numeradas, ...desfazem];
  });
const emOutraOrdem = lancamentos.chain((todos) =>
  fc.tuple(
    fc.constant(todos),
    fc.tuple(fc.shuffledSubarray(todos, { minLength: todos.length }), fc.subarray(todos)).map(([a, b]) => [...a, ...b]),
  ),
);

/** By name, the counters of first days alone. */
const primeiros = (contadores: Iterable<[string, number]>) =>
  Object.fromEntries(
    [...contadores].filter(([nome]) => contadorDe(nome).dimensao === 'primeiro').sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The line's own: lots of some size, folded one after the other. */
function pelaDobra(todos: readonly Lancamento[], tamanho: number): Contadores {
  const estados = new Map<string, EstadoCliente>();
  const guardados: EstadosDoTrecho = {
    le: (titular) => estados.get(titular) ?? estadoVazio(),
    guarda: (titular, estado) => estados.set(titular, estado),
  };
  const total: Contadores = new Map();
  for (let n = 0; n < todos.length; n += tamanho) {
    const trecho = porTitular([todos.slice(n, n + tamanho)]);
    acumulaContadores(total, new Map(dobraTrecho(trecho, guardados, rulebooks).indicadores));
  }
  return new Map([...total].filter(([, n]) => n !== 0));
}

function reagregados(todos: readonly Lancamento[]): Reagregacao {
  const reagregacao = new Reagregacao();
  for (const l of todos) reagregacao.lanca(titularDe(l), l);
  return reagregacao;
}

function contasDe(reagregacao: Reagregacao): [titular: string, conta: ContaDoCliente][] {
  return [...reagregacao.titulares()].map((titular) => [titular, reagregacao.conta(titular) ?? estadoVazio()]);
}

/** How many clients had a delivery in a year by a day, looking at everything at once. */
function atendidosAte(todos: readonly Lancamento[], ano: string, dia: string): number {
  const desfeitas = new Set(todos.flatMap((l) => (l.estornada === null ? [] : [`${l.cliente} ${l.estornada.id}`])));
  const porChave = new Map<string, { cliente: string; dia: string }>();
  const emOrdem = todos.toSorted((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  for (const { cliente, id, time, credito } of emOrdem) {
    if (cliente === null || credito === null || desfeitas.has(`${cliente} ${id}`)) continue;
    const chave = `${cliente} ${credito.chave}`;
    const local = new Date(time - 3 * 3_600_000).toISOString().slice(0, 10);
    if (!porChave.has(chave)) porChave.set(chave, { cliente, dia: local });
  }
  const ate = [...porChave.values()].filter((e) => e.dia.startsWith(ano) && e.dia <= dia);
  return new Set(ate.map((e) => e.cliente)).size;
}

it('whatever comes in whatever order and lots, those whose first day is by a day are the clients there were by it', () => {
  fc.assert(
    fc.property(emOutraOrdem, fc.integer({ min: 1, max: 8 }), ([todos, chegada], tamanho) => {
      const contados = pelaDobra(chegada, tamanho);
      for (const dia of DIAS) {
        const ano = dia.slice(0, 4);
        let soma = 0;
        for (const [nome, n] of contados) {
          const c = contadorDe(nome);
          const noAno = c.indicador === 'clientes-atendidos' && c.periodo === ano && c.dimensao === 'primeiro';
          if (noAno && c.valor <= dia) soma += n;
        }
        expect([dia, soma]).toEqual([dia, atendidosAte(todos, ano, dia)]);
      }
    }),
    { numRuns: 1_000 },
  );
});

it("the fold's, the recount's and a single client's are the same, of indicators by year and by month", () => {
  fc.assert(
    fc.property(emOutraOrdem, fc.integer({ min: 1, max: 8 }), ([todos, chegada], tamanho) => {
      const recontados = reagregados(todos);
      const deCadaUm: Contadores = new Map();
      for (const [titular, estado] of contasDe(recontados)) {
        acumulaContadores(deCadaUm, contribuicoes(titular, estado, rulebooks));
      }
      const esperados = primeiros(deCadaUm);
      expect(primeiros(recontados.indicadores(rulebooks))).toEqual(esperados);
      expect(primeiros(pelaDobra(chegada, tamanho))).toEqual(esperados);
    }),
    { numRuns: 1_000 },
  );
});

it('all the days of a period together are its clients', () => {
  fc.assert(
    fc.property(emOutraOrdem, fc.integer({ min: 1, max: 8 }), ([, chegada], tamanho) => {
      const contados = pelaDobra(chegada, tamanho);
      const porPeriodo: Record<string, number> = {};
      const clientes: Record<string, number> = {};
      for (const [nome, n] of contados) {
        const { indicador, periodo, unidade, dimensao, medida } = contadorDe(nome);
        const chave = `${indicador}|${periodo}`;
        if (dimensao === 'primeiro') porPeriodo[chave] = (porPeriodo[chave] ?? 0) + n;
        if (dimensao === 'total' && unidade === '*' && medida === 'clientes') clientes[chave] = n;
      }
      expect(porPeriodo).toEqual(clientes);
    }),
    { numRuns: 500 },
  );
});

it('the indicators of a client are those of its counters over all units', () => {
  fc.assert(
    fc.property(lancamentos, (todos) => {
      for (const [titular, estado] of contasDe(reagregados(todos))) {
        if (!/^p[fj]:/.test(titular)) continue;
        const contadores = contribuicoes(titular, estado, rulebooks);
        const total = [...contadores.keys()].map(contadorDe).filter((c) => {
          return c.unidade === '*' && c.dimensao === 'total' && c.medida === 'clientes';
        });
        const esperados = total.map((c) => ({
          ...{ codigo: c.indicador, periodo: c.periodo },
          atendimentos: contadores.get(nomeDoContador({ ...c, medida: 'atendimentos' })) ?? 0,
        }));
        const obtidos = indicadoresDoCliente(titular, estado, rulebooks);
        expect(new Set(obtidos)).toEqual(new Set(esperados));
        expect(obtidos).toHaveLength(esperados.length);
      }
    }),
  );
});

it('the sum over all clients is that of each, every counter, and the same when it is asked for again', () => {
  fc.assert(
    fc.property(lancamentos, (todos) => {
      const deCadaUm: Contadores = new Map();
      const soma = new SomaDosIndicadores(rulebooks);
      for (const [titular, estado] of contasDe(reagregados(todos))) {
        acumulaContadores(deCadaUm, contribuicoes(titular, estado, rulebooks));
        soma.soma(titular, entregas(estado));
      }
      const esperados = Object.fromEntries(deCadaUm);
      expect(Object.fromEntries(soma.contadores())).toEqual(esperados);
      expect(Object.fromEntries(soma.contadores())).toEqual(esperados);
    }),
    { numRuns: 200 },
  );
});
