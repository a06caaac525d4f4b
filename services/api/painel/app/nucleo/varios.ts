import { useCallback, useEffect, useState } from 'preact/hooks';
import { busca, ErroDaApi, NOVA_TENTATIVA_MS } from './api.ts';
import type { Dados } from './dados.ts';

/** Asks for several at once, which are shown together or not at all. */
export function useVarios<T>(caminhos: readonly string[]): Dados<T[]> {
  const quais = caminhos.join('\n');
  const [estado, muda] = useState<{ de: string; valor?: T[]; erro: ErroDaApi | null }>({ de: quais, erro: null });
  const [vez, maisUma] = useState(0);
  useEffect(() => {
    const aborta = new AbortController();
    let depois: ReturnType<typeof setTimeout> | undefined;
    const pede = async (): Promise<void> => {
      try {
        const todos = quais === '' ? [] : quais.split('\n');
        const valor = await Promise.all(todos.map((caminho) => busca<T>(caminho, aborta.signal)));
        muda({ de: quais, valor, erro: null });
      } catch (error) {
        if (aborta.signal.aborted) return;
        if (!(error instanceof ErroDaApi)) throw error;
        muda({ de: quais, erro: error });
        // A service that starts again is asked again.
        if (error.passa) depois = setTimeout(() => void pede(), NOVA_TENTATIVA_MS);
      }
    };
    void pede();
    return () => {
      aborta.abort();
      clearTimeout(depois);
    };
  }, [quais, vez]);
  const daqui = estado.de === quais;
  const [valor, erro] = daqui ? [estado.valor, estado.erro] : [undefined, null];
  const recarrega = useCallback(() => maisUma((n) => n + 1), []);
  return { valor, erro, carregando: valor === undefined && erro === null, recarrega };
}
