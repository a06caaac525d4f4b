import { expect, test } from 'vitest';
import { anosDe } from '#domain/cliente.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { Bancada, emLotes, le, sorteiaLancamentos } from './aggregator-fixture.ts';

const [log = []] = emLotes(sorteiaLancamentos(600, 7), 1, 20);
const INTERACAO: Lancamento = {
  source: 's',
  id: '',
  cliente: null,
  time: Date.UTC(2026, 2, 2),
  principal: true,
  metrica: '',
  motivo: '',
  tipoSolucao: 'palestra',
  unidade: 'SP',
  canal: 'portal',
  modalidade: 'a-distancia',
  credito: null,
  estornada: null,
};

test('changes of status are published once each way, and end in what the state says', async () => {
  const bancada = new Bancada(1);
  const publicados: OutputRecord[] = [];
  const aoPublicar = (registros: readonly OutputRecord[]) => void publicados.push(...registros);
  await le(bancada.aggregator(), log, { porVez: 1, aoPublicar });
  const ultimo = new Map(publicados.map((r) => [String(r.key), JSON.parse(String(r.value))]));
  expect(publicados.some((r) => JSON.parse(String(r.value)).atendido === false)).toBe(true);
  expect(publicados.some((r) => String(r.key).startsWith('ni:'))).toBe(false);
  const anos: Record<string, boolean> = {};
  for await (const { titular, estado } of bancada.leitor.titulares()) {
    if (titular.startsWith('ni:')) continue;
    for (const [ano, { atendido }] of Object.entries(anosDe(estado))) {
      if (atendido || ultimo.has(`${titular}|${ano}`)) anos[`${titular}|${ano}`] = atendido;
    }
  }
  expect(Object.fromEntries([...ultimo].map(([chave, v]) => [chave, v.atendido]))).toEqual(anos);
  expect(publicados.every((r) => JSON.parse(String(r.value)).particao === 0)).toBe(true);
});

test('a status told before Redis lost its tail is told anew, also where the run that follows leaves it as it was', async () => {
  const bancada = new Bancada(1);
  const credito = { chave: 'palestra|disponibilizacaoId=O1', quantidade: 1, comPj: false, ladoDePf: false };
  const evento = { ...INTERACAO, cliente: 'pf:a', id: '1', metrica: 'atendimento', credito };
  const estorno = { ...INTERACAO, cliente: 'pf:a', id: '2', metrica: 'jornada', estornada: { source: 's', id: '1' } };
  const [registros = []] = emLotes([evento, estorno], 1, 1);
  const contados: boolean[] = [];
  const aoPublicar = (publicados: readonly OutputRecord[]) => {
    for (const { value } of publicados) contados.push(JSON.parse(String(value)).atendido);
  };
  const aggregator = bancada.aggregator();
  await le(aggregator, registros.slice(0, 1), { aoPublicar });
  expect(contados).toEqual([true]);
  await bancada.esvazia();
  await le(aggregator, registros, { porVez: 2, aoPublicar });
  expect(contados).toEqual([true, false]);
});
