import { expect, it } from 'vitest';
import { dobra, type EstadoCliente, estadoVazio, publicoDe } from './cliente.ts';
import { somaMetricas } from './indicadores.ts';
import type { Lancamento } from './lancamento.ts';
import { contaDoLancamento, Reagregacao } from './reagregacao.ts';

const HORA = 3_600_000;

/** Of 3,000 clients, in an order in which those of one come far apart; some do not count, some are taken back. */
function lancamento(n: number): Lancamento {
  const conta = n % 5 !== 0;
  return {
    ...{ cliente: `pf:${(n * 7) % 3_000}`, source: `s${n % 3}`, id: `e-${n}`, time: n * HORA, principal: n % 4 !== 0 },
    ...{ metrica: conta ? 'atendimento' : 'jornada', motivo: 'M', tipoSolucao: 'curso', unidade: `u${n % 11}` },
    ...{ canal: null, modalidade: 'presencial' },
    credito: conta ? { chave: `curso|${n}`, quantidade: 1, comPj: n % 2 === 0, ladoDePf: false } : null,
    estornada: n % 35 === 0 ? { source: `s${(n - 3_000) % 3}`, id: `e-${n - 3_000}` } : null,
  };
}

it('what is known of thousands of clients is what each is folded to, and so are the counters', () => {
  const reagregacao = new Reagregacao();
  const estados = new Map<string, EstadoCliente>();
  const metricas = new Map<string, number>();
  for (let n = 0; n < 20_000; n += 1) {
    const l = lancamento(n);
    const titular = l.cliente ?? '';
    reagregacao.lanca(titular, l);
    const estado = estados.get(titular) ?? estadoVazio();
    estados.set(titular, estado);
    somaMetricas(metricas, dobra(estado, [l]).novos);
  }
  expect([...reagregacao.titulares()].sort()).toEqual([...estados.keys()].sort());
  expect(metricas.size).toBeGreaterThan(5_000);
  expect(reagregacao.metricas).toEqual(metricas);
  for (const [titular, { portadores, outrasMetricas }] of estados) {
    const conta = reagregacao.conta(titular);
    expect(new Set(conta?.portadores)).toEqual(new Set(portadores));
    expect(new Set(conta?.outrasMetricas)).toEqual(new Set(outrasMetricas));
    expect(reagregacao.ehIgual(titular, { portadores, outrasMetricas })).toBe(true);
  }
});

it('where nobody is identified an event, its copies and what takes it back meet in one account, and there are some of these', () => {
  const contas = new Set<string>();
  for (let n = 0; n < 500; n += 1) {
    const evento = { ...lancamento(n), cliente: null, estornada: null };
    const conta = contaDoLancamento(evento);
    contas.add(conta);
    expect(contaDoLancamento({ ...evento, unidade: 'outra' })).toBe(conta);
    expect(contaDoLancamento({ ...evento, id: `de-${n}`, estornada: { source: evento.source, id: evento.id } })).toBe(
      conta,
    );
    expect(contaDoLancamento({ ...evento, cliente: 'pf:a' })).toBe('pf:a');
  }
  expect(contas.size).toBeGreaterThan(300);
  for (const conta of contas) expect(publicoDe(conta)).toBe('nao-identificado');
});
