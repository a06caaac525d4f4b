import { numero } from '../nucleo/formato.ts';

/** One bar: what it is called, and how much. */
export interface Barra {
  nome: string;
  n: number;
  /** A second line under the name. */
  nota?: string;
}

interface Props {
  /** What the table is about, for who does not see it. */
  legenda: string;
  colunas: readonly [string, string];
  barras: readonly Barra[];
  /** The most rows; the rest are added up in one. */
  maximo?: number;
}

function comResto(barras: readonly Barra[], maximo: number): Barra[] {
  const ordem = barras.toSorted((a, b) => b.n - a.n || a.nome.localeCompare(b.nome, 'pt-BR'));
  if (ordem.length <= maximo) return ordem;
  const resto = ordem.slice(maximo - 1);
  const n = resto.reduce((soma, b) => soma + b.n, 0);
  return [...ordem.slice(0, maximo - 1), { nome: `outros ${resto.length}`, n }];
}

/** Ranked bars: a table, so that it is read as well as seen. */
export function Barras({ legenda, colunas, barras, maximo = 30 }: Props) {
  const linhas = comResto(barras, maximo);
  const maior = Math.max(1, ...linhas.map((b) => b.n));
  return (
    <table class="barras">
      <caption class="so-leitor">{legenda}</caption>
      <thead class="so-leitor">
        <tr>
          <th scope="col">{colunas[0]}</th>
          <th scope="col">{colunas[1]}</th>
        </tr>
      </thead>
      <tbody>
        {linhas.map((b) => (
          <tr key={b.nome}>
            <th scope="row">
              {b.nome}
              {b.nota === undefined ? null : <span class="fraco"> {b.nota}</span>}
            </th>
            <td>
              <div class="medida">
                <div class="trilho" aria-hidden="true">
                  <div class="barra" style={{ width: `${(100 * Math.max(0, b.n)) / maior}%` }} />
                </div>
                {numero(b.n)}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
