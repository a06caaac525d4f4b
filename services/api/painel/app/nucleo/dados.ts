import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { busca, ErroDaApi, NOVA_TENTATIVA_MS } from './api.ts';
import { sessao } from './sessao.ts';

/** What a page knows of something it asked for. While it is asked again, what was known stays. */
export interface Dados<T> {
  /** undefined: nothing yet. */
  valor: T | undefined;
  /** Of the last asking; the value, if any, is then of before. */
  erro: ErroDaApi | null;
  carregando: boolean;
  recarrega: () => void;
}

interface Opcoes {
  /** Asks again, as long as the page is seen. */
  cadaMs?: number;
}

/** Asks the api, at once and whenever the address changes; where nobody answers, again and again. null: asks nothing. */
export function useDados<T>(caminho: string | null, { cadaMs }: Opcoes = {}): Dados<T> {
  const [estado, muda] = useState<{ caminho: string | null; valor: T | undefined; erro: ErroDaApi | null }>({
    caminho,
    valor: undefined,
    erro: null,
  });
  const [vez, maisUma] = useState(0);
  const [carregando, carrega] = useState(caminho !== null);
  const recarrega = useCallback(() => maisUma((n) => n + 1), []);
  useEffect(() => {
    if (caminho === null) return;
    const aborta = new AbortController();
    let depois: ReturnType<typeof setTimeout> | undefined;
    const pede = async (): Promise<void> => {
      carrega(true);
      let espera = cadaMs;
      try {
        const valor = await busca<T>(caminho, aborta.signal);
        muda({ caminho, valor, erro: null });
      } catch (error) {
        if (aborta.signal.aborted) return;
        if (!(error instanceof ErroDaApi)) throw error;
        muda((antes) => ({ caminho, valor: antes.caminho === caminho ? antes.valor : undefined, erro: error }));
        espera = error.passa ? (error.espera ?? 0) * 1_000 || NOVA_TENTATIVA_MS : cadaMs;
      }
      carrega(false);
      if (espera !== undefined) depois = setTimeout(quandoVisto, espera);
    };
    // A page nobody looks at asks nothing.
    const quandoVisto = (): void => {
      if (document.visibilityState === 'visible') void pede();
      else document.addEventListener('visibilitychange', quandoVisto, { once: true });
    };
    void pede();
    return () => {
      aborta.abort();
      clearTimeout(depois);
      document.removeEventListener('visibilitychange', quandoVisto);
    };
  }, [caminho, cadaMs, vez]);
  const daqui = estado.caminho === caminho;
  return {
    valor: daqui ? estado.valor : undefined,
    erro: daqui ? estado.erro : null,
    carregando: carregando || (!daqui && caminho !== null),
    recarrega,
  };
}

/** A look of the server, or why it could not look (services/api/painel/ao-vivo.ts). */
type Quadro<T> = { valor: T; em: number } | { causa: string; em: number };

/** Something watched live. */
export interface AoVivo<T> {
  /** The last that was seen; undefined: nothing yet. */
  valor: T | undefined;
  /** When the server saw it, milliseconds since the epoch. */
  em: number | null;
  /** `ao-vivo`; `sem-dados`: the server is there, and cannot look just now; `sem-conexao`: it is not there. */
  estado: 'conectando' | 'ao-vivo' | 'sem-dados' | 'sem-conexao';
  causa: string | null;
}

/** Without a word for so long the connection is given up, and made anew. */
const SILENCIO_MS = 15_000;

/** Watches what the server sends (server-sent events), for ever: through restarts of it and of what it looks at. */
export function useAoVivo<T>(caminho: string): AoVivo<T> {
  const [visto, muda] = useState<AoVivo<T>>({ valor: undefined, em: null, estado: 'conectando', causa: null });
  const refaz = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    let fonte: EventSource | undefined;
    let silencio: ReturnType<typeof setTimeout> | undefined;
    const conecta = (): void => {
      const esta = new EventSource(caminho);
      fonte = esta;
      escuta();
      esta.onmessage = ({ data }: MessageEvent<string>) => {
        escuta();
        const quadro = JSON.parse(data) as Quadro<T>;
        if ('valor' in quadro) muda({ valor: quadro.valor, em: quadro.em, estado: 'ao-vivo', causa: null });
        else muda((antes) => ({ ...antes, estado: 'sem-dados', causa: quadro.causa }));
      };
      esta.onerror = () => {
        muda((antes) => ({ ...antes, estado: 'sem-conexao', causa: null }));
        // Cut, the browser connects again by itself; refused, it gives up.
        if (esta.readyState === EventSource.CLOSED) deNovo();
        // It cannot say why. A session that is over sends the person to the login; anything else passes.
        void busca('/painel/sessao').catch(() => undefined);
      };
    };
    const para = (): void => {
      fonte?.close();
      clearTimeout(silencio);
      clearTimeout(refaz.current);
    };
    const deNovo = (): void => {
      para();
      refaz.current = setTimeout(conecta, NOVA_TENTATIVA_MS / 2);
    };
    const escuta = (): void => {
      clearTimeout(silencio);
      silencio = setTimeout(() => {
        muda((antes) => ({ ...antes, estado: 'sem-conexao', causa: null }));
        deNovo();
      }, SILENCIO_MS);
    };
    // A browser has some six connections to a host in all: a page that nobody looks at leaves its own to the others.
    const quandoMuda = (): void => {
      para();
      if (document.visibilityState !== 'visible') return;
      muda((antes) => ({ ...antes, estado: 'conectando' }));
      conecta();
    };
    if (sessao.value) {
      quandoMuda();
      document.addEventListener('visibilitychange', quandoMuda);
    }
    return () => {
      document.removeEventListener('visibilitychange', quandoMuda);
      para();
    };
  }, [caminho]);
  return visto;
}
