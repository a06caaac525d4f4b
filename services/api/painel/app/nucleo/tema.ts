import { signal } from '@preact/signals';

export type Tema = 'claro' | 'escuro';

const COOKIE = 'atendido-tema';
const UM_ANO_S = 31_536_000;

const doSistema = window.matchMedia('(prefers-color-scheme: dark)');

function escolhido(): Tema | null {
  const dito = document.documentElement.dataset.tema;
  return dito === 'claro' || dito === 'escuro' ? dito : null;
}

function atual(): Tema {
  return escolhido() ?? (doSistema.matches ? 'escuro' : 'claro');
}

/** What the panel is drawn in: what the person chose, else what the system asks for. */
export const tema = signal<Tema>(atual());

doSistema.addEventListener('change', () => {
  tema.value = atual();
});

/** Changes to the other one, and remembers it: by a cookie, so that the next page comes in it. */
export function trocaTema(): void {
  const novo: Tema = tema.value === 'claro' ? 'escuro' : 'claro';
  document.documentElement.dataset.tema = novo;
  // biome-ignore lint/suspicious/noDocumentCookie: the server reads it before it sends the page; no secret
  document.cookie = `${COOKIE}=${novo}; path=/painel; max-age=${UM_ANO_S}; samesite=strict`;
  tema.value = novo;
}
