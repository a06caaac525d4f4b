import { signal } from '@preact/signals';
import type { SessaoVisivel } from '../../rotas.ts';
import { busca, chama, ErroDaApi, envia, quandoASessaoAcaba } from './api.ts';

/** Whose session it is; null: nobody's; undefined: not known yet. */
export const sessao = signal<SessaoVisivel | null | undefined>(undefined);
/** Why it is not known yet; null: it is being asked. */
export const semSessaoPorque = signal<ErroDaApi | null>(null);

const NOVA_TENTATIVA_MS = 1_000;

/** Asks whose session the browser has, until somebody answers. */
export async function descobre(): Promise<void> {
  try {
    sessao.value = await busca<SessaoVisivel>('/painel/sessao');
    semSessaoPorque.value = null;
  } catch (error) {
    if (!(error instanceof ErroDaApi)) throw error;
    if (error.problema.status === 401) sessao.value = null;
    else {
      semSessaoPorque.value = error;
      setTimeout(() => void descobre(), NOVA_TENTATIVA_MS);
    }
  }
}

/** @throws ErroDaApi the key is nobody's, or too many were */
export async function entra(chave: string): Promise<void> {
  sessao.value = await envia<SessaoVisivel>('/painel/sessao', { chave });
}

/** Why the session that a person left still stands; null: it does not, or nobody left. */
export const naoSaiuPorque = signal<ErroDaApi | null>(null);

/** Ends the session. Where nobody answers it still stands, and the person is told: the cookie is the api's to take. */
export async function sai(): Promise<void> {
  naoSaiuPorque.value = null;
  try {
    await chama('/painel/sessao', { method: 'DELETE' });
    sessao.value = null;
  } catch (error) {
    if (!(error instanceof ErroDaApi)) throw error;
    naoSaiuPorque.value = error;
  }
}

quandoASessaoAcaba(() => {
  naoSaiuPorque.value = null;
  sessao.value = null;
});
