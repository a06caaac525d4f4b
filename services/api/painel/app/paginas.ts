import type { ComponentType } from 'preact';
import type { IdDaPagina } from '../paginas.ts';

/** A page's code, loaded when it is first opened. Its file exports one component, `Pagina`. */
export type Carrega = () => Promise<{ Pagina: ComponentType }>;

/** Every page that is built; ../paginas.ts has their titles and roles, and in which order they stand. */
export const CODIGO: Partial<Record<IdDaPagina, Carrega>> = {
  hoje: () => import('./paginas/hoje.tsx'),
  indicadores: () => import('./paginas/indicadores.tsx'),
  cliente: () => import('./paginas/cliente.tsx'),
  'por-que-contou': () => import('./paginas/por-que-contou.tsx'),
  quarentena: () => import('./paginas/quarentena.tsx'),
  operacao: () => import('./paginas/operacao.tsx'),
};
