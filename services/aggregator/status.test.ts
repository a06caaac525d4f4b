import { expect, test } from 'vitest';
import { entregas, estadoVazio, impressao } from '#domain/cliente.ts';
import { mudancasDeStatus } from './status.ts';

function comEntrega(ano: number) {
  const estado = estadoVazio();
  const time = Date.UTC(ano, 5, 1);
  const resto = { unidade: 'SP', modalidade: 'presencial', quantidade: 1, comPj: false, ladoDePf: false };
  const identidade = { source: 's', id: String(ano) };
  estado.portadores.push({ ...identidade, chave: `curso|${ano}`, time, tipoSolucao: 'curso', ...resto });
  return { estado, time, identidade };
}

test('a first delivery makes the year atendido, one taken back undoes it', () => {
  const { estado, time, identidade } = comEntrega(2026);
  const virou = { cliente: 'pf:a', ano: 2026, atendido: true, atendimentos: 1, primeiro: time, ultimo: time };
  const antes = entregas(estado);
  expect(mudancasDeStatus('pf:a', [], antes, estado)).toEqual([virou]);
  estado.estornados.add(impressao(identidade));
  const deixou = { cliente: 'pf:a', ano: 2026, atendido: false, atendimentos: 0, primeiro: null, ultimo: null };
  expect(mudancasDeStatus('pf:a', antes, entregas(estado), estado)).toEqual([deixou]);
});

test('nothing is told of a year that stays as it was, nor of those not identified', () => {
  const { estado } = comEntrega(2026);
  const agora = entregas(estado);
  expect(mudancasDeStatus('pf:a', agora, agora, estado)).toEqual([]);
  expect(mudancasDeStatus('ni:7', [], agora, estado)).toEqual([]);
});
