import type { ComponentChildren } from 'preact';

/** A column: what stands at its head, and whether it holds numbers. */
export interface Coluna {
  titulo: string;
  n?: boolean;
}

interface Props {
  /** What the table is about, for who does not see it. */
  legenda: string;
  colunas: readonly (string | Coluna)[];
  children: ComponentChildren;
}

/** A table that rolls by itself where it is wider than the screen; its rows are the children. */
export function Tabela({ legenda, colunas, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what rolls must roll by keyboard too
    <section class="rola" tabIndex={0} aria-label={legenda}>
      <table>
        <caption class="so-leitor">{legenda}</caption>
        <thead>
          <tr>
            {colunas.map((c) => {
              const { titulo, n = false } = typeof c === 'string' ? { titulo: c } : c;
              return (
                <th key={titulo} scope="col" class={n ? 'n' : undefined}>
                  {titulo}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
