import { useEffect, useState } from 'preact/hooks';
import { busca, ErroDaApi } from './api.ts';
import { type Dados, useDados } from './dados.ts';

/** An answer that comes in pages. */
export interface EmPaginas<I> {
  total: number;
  itens: I[];
  /** Where the next page is; null: there is none. */
  proximo: string | null;
}

/** All that came so far, and how to have more. */
export interface Paginado<P> extends Dados<P> {
  /** null: there is no more. */
  mais: (() => void) | null;
  buscandoMais: boolean;
}

/** Asks for the first page, and for others one by one, which it joins to it. */
export function usePaginas<I, P extends EmPaginas<I>>(caminho: string | null): Paginado<P> {
  const primeira = useDados<P>(caminho);
  const [outras, junta] = useState<{ de: P; itens: I[]; proximo: string | null } | null>(null);
  const [buscandoMais, poeBuscando] = useState(false);
  const [erroDeMais, falhou] = useState<ErroDaApi | null>(null);
  useEffect(() => falhou(null), [caminho]);
  const { valor } = primeira;
  // Of a first page that has come anew the others may be wrong.
  const daqui = outras !== null && outras.de === valor ? outras : null;
  const proximo = daqui === null ? (valor?.proximo ?? null) : daqui.proximo;
  const mais = async (de: P, endereco: string): Promise<void> => {
    poeBuscando(true);
    try {
      const { itens, proximo } = await busca<P>(endereco);
      junta({ de, itens: [...(daqui?.itens ?? []), ...itens], proximo });
      falhou(null);
    } catch (error) {
      if (!(error instanceof ErroDaApi)) throw error;
      falhou(error);
    }
    poeBuscando(false);
  };
  return {
    ...primeira,
    erro: primeira.erro ?? erroDeMais,
    valor: valor === undefined || daqui === null ? valor : { ...valor, itens: [...valor.itens, ...daqui.itens] },
    mais: valor === undefined || proximo === null ? null : () => void mais(valor, proximo),
    buscandoMais,
  };
}
