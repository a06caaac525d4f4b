import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  titulo: string;
  /** Beside the title: a state, a choice. */
  ao_lado?: ComponentChildren;
  /** As wide as the page. */
  largo?: boolean;
  children: ComponentChildren;
}

/** A titled part of a page. */
export function Cartao({ titulo, ao_lado = null, largo = false, children }: Props) {
  const id = useId();
  return (
    <section class={largo ? 'cartao largo' : 'cartao'} aria-labelledby={id}>
      <div class="cabeca">
        <h2 id={id}>{titulo}</h2>
        {ao_lado}
      </div>
      {children}
    </section>
  );
}

/** A number to be seen from afar, what it is, and beside what it stands. */
export function Numero({ valor, rotulo, nota }: { valor: string; rotulo: string; nota?: ComponentChildren }) {
  return (
    <div class="numero">
      <span class="valor">{valor}</span>
      <span class="rotulo">{rotulo}</span>
      {nota === undefined ? null : <span class="fraco">{nota}</span>}
    </div>
  );
}
