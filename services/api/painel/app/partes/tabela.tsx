import type { ComponentChildren } from 'preact';

/** A column: its heading, and what stands in it. */
export interface Coluna<T> {
  titulo: string;
  celula: (linha: T) => ComponentChildren;
  /** A number: to the right. */
  n?: boolean;
}

interface Props<T> {
  /** What the table is about, for who does not see it; shown where there is no title above. */
  legenda: string;
  colunas: readonly Coluna<T>[];
  linhas: readonly T[];
  chave: (linha: T) => string;
  /** What a row is marked with, by which it is found. */
  marca?: (linha: T) => Readonly<Record<`data-${string}`, string>>;
}

/**
 * A table that rolls by itself where the screen is narrower, and on a phone stands as one block a row, each cell below its
 * heading; its first column names the row.
 */
export function Tabela<T>({ legenda, colunas, linhas, chave, marca }: Props<T>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what rolls must be reached by keyboard
    <section class="rola" tabIndex={0} aria-label={legenda}>
      <table>
        <caption class="so-leitor">{legenda}</caption>
        <thead>
          <tr>
            {colunas.map((c) => (
              <th key={c.titulo} scope="col" class={c.n === true ? 'n' : undefined}>
                {c.titulo}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {linhas.map((linha) => (
            <tr key={chave(linha)} {...marca?.(linha)}>
              {colunas.map((c, n) =>
                n === 0 ? (
                  <th key={c.titulo} scope="row" data-coluna={c.titulo}>
                    {c.celula(linha)}
                  </th>
                ) : (
                  <td key={c.titulo} class={c.n === true ? 'n' : undefined} data-coluna={c.titulo}>
                    {c.celula(linha)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
