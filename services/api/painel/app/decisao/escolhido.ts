import { signal } from '@preact/signals';
import { enderecoDe, vai } from '../nucleo/rota.ts';

/** The event that another page sent here, as text; in memory alone: an address would stay in the browser's history. */
export const escolhido = signal<string | null>(null);

/** Opens *Por que contou?* with an event. */
export function mostraDecisao(evento: object): void {
  escolhido.value = JSON.stringify(evento, null, 2);
  vai(enderecoDe('por-que-contou'));
}
