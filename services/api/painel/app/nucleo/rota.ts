import { signal } from '@preact/signals';

const BASE = '/painel/';

/** Where the person is: a page and what its address asks of it. */
export interface Rota {
  /** Id of the page; empty at /painel itself. */
  pagina: string;
  consulta: URLSearchParams;
}

function atual(): Rota {
  const { pathname, search } = window.location;
  return {
    pagina: pathname.startsWith(BASE) ? pathname.slice(BASE.length) : '',
    consulta: new URLSearchParams(search),
  };
}

export const rota = signal<Rota>(atual());

/** An address and what is asked of it; what is undefined or empty is left out. */
export function comConsulta(caminho: string, consulta: Readonly<Record<string, string | undefined>>): string {
  const pares = Object.entries(consulta).filter((par): par is [string, string] => Boolean(par[1]));
  const texto = new URLSearchParams(pares).toString();
  return texto === '' ? caminho : `${caminho}?${texto}`;
}

/** The address of a page. */
export function enderecoDe(pagina: string, consulta: Readonly<Record<string, string | undefined>> = {}): string {
  return comConsulta(`${BASE}${pagina}`, consulta);
}

/** Goes to an address of the panel. @param troca leaves no step in the history */
export function vai(endereco: string, troca = false): void {
  if (troca) window.history.replaceState(null, '', endereco);
  else window.history.pushState(null, '', endereco);
  rota.value = atual();
}

function daPagina(evento: MouseEvent): string | null {
  if (evento.defaultPrevented || evento.button !== 0) return null;
  if (evento.metaKey || evento.ctrlKey || evento.shiftKey || evento.altKey) return null;
  const ancora = evento.target instanceof Element ? evento.target.closest('a') : null;
  if (ancora === null || ancora.target !== '' || ancora.hasAttribute('download')) return null;
  const destino = new URL(ancora.href);
  // A place in this page, like the one that is skipped to, is the browser's to find.
  if (destino.hash !== '') return null;
  const nossa = destino.origin === window.location.origin && destino.pathname.startsWith(BASE);
  return nossa ? destino.pathname + destino.search : null;
}

/** Links between pages load nothing anew. */
export function segueLinks(): void {
  window.addEventListener('popstate', () => {
    rota.value = atual();
  });
  document.addEventListener('click', (evento) => {
    const destino = daPagina(evento);
    if (destino === null) return;
    evento.preventDefault();
    vai(destino);
  });
}
