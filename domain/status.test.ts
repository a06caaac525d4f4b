import { expect, test } from 'vitest';
import { dobra, entregas, estadoVazio } from './cliente.ts';
import type { Lancamento } from './lancamento.ts';
import { mudancasDeStatus } from './status.ts';

const BASE: Lancamento = {
  ...{ source: 's', id: '1', cliente: 'pf:a', time: Date.UTC(2026, 5, 1), principal: true, metrica: 'atendimento' },
  ...{ motivo: 'MOMENTO_INICIO', tipoSolucao: 'curso', unidade: 'SP', canal: 'ead', modalidade: 'a-distancia' },
  credito: { chave: 'curso|1', quantidade: 1, comPj: false, ladoDePf: false },
  estornada: null,
};

function comEntrega() {
  const estado = estadoVazio();
  dobra(estado, [BASE]);
  return estado;
}

test('a first delivery makes the year atendido, one taken back undoes it', () => {
  const estado = comEntrega();
  const { time } = BASE;
  const virou = { cliente: 'pf:a', ano: 2026, atendido: true, atendimentos: 1, primeiro: time, ultimo: time };
  const antes = entregas(estado);
  expect(mudancasDeStatus('pf:a', [], antes)).toEqual([virou]);
  dobra(estado, [{ ...BASE, id: 'e', metrica: 'jornada', credito: null, estornada: { source: 's', id: '1' } }]);
  const deixou = { cliente: 'pf:a', ano: 2026, atendido: false, atendimentos: 0, primeiro: null, ultimo: null };
  expect(mudancasDeStatus('pf:a', antes, entregas(estado))).toEqual([deixou]);
});

test('nothing is told of a year that stays as it was, nor of those not identified', () => {
  const agora = entregas(comEntrega());
  expect(mudancasDeStatus('pf:a', agora, agora)).toEqual([]);
  expect(mudancasDeStatus('ni:7', [], agora)).toEqual([]);
});

test('a year that turns is told of whatever stands before it, and one that had others is not', () => {
  const emAno = (id: string, ano: number) => ({
    ...{ ...BASE, id, time: Date.UTC(ano, 5, 1) },
    credito: { chave: id, quantidade: 1, comPj: false, ladoDePf: false },
  });
  const estado = estadoVazio();
  dobra(estado, [emAno('a', 2024), emAno('b', 2025), emAno('c', 2025)]);
  const antes = entregas(estado);
  dobra(estado, [emAno('d', 2025), emAno('e', 2026), emAno('f', 2026)]);
  const depois = entregas(estado);
  expect(mudancasDeStatus('pf:a', antes, depois)).toMatchObject([{ ano: 2026, atendido: true, atendimentos: 2 }]);
  dobra(estado, [{ ...BASE, id: 'x', metrica: 'jornada', credito: null, estornada: { source: 's', id: 'a' } }]);
  expect(mudancasDeStatus('pf:a', depois, entregas(estado))).toMatchObject([{ ano: 2024, atendido: false }]);
});
