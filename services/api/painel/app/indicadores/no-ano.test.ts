import { expect, it } from 'vitest';
import { notaDosClientes } from './no-ano.ts';

const nota = (clientes: number | null, antes: number | null, noAnoAnterior = 100) =>
  notaDosClientes({
    ateODia: { dia: '2024-02-29', clientes },
    anterior: {
      ...{ periodo: '2023', clientes: noAnoAnterior, atendimentos: noAnoAnterior },
      ateODia: { dia: '2023-02-28', clientes: antes },
    },
  });

it.each([
  [150, 100, 100, '100 até 28/02/2023 (+50%)'],
  [75, 100, 100, '100 até 28/02/2023 (-25%)'],
  [1, 0, 100, '0 até 28/02/2023 (sem base de comparação)'],
  [1, 0, 0, 'sem base de comparação'],
  [0, 0, 0, 'sem base de comparação'],
  [1, null, 100, '? até 28/02/2023 (sem base de comparação)'],
  [null, null, 100, 'desconhecido até que se refaça o estado (atendido rebuild)'],
  [null, 0, 0, 'desconhecido até que se refaça o estado (atendido rebuild)'],
])('%s clients, %s by the same day of a year of %s: %s', (clientes, antes, noAno, texto) => {
  expect(nota(clientes, antes, noAno)).toBe(texto);
});
