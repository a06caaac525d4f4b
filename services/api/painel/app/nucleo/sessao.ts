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

export async function sai(): Promise<void> {
  await chama('/painel/sessao', { method: 'DELETE' });
  sessao.value = null;
}

quandoASessaoAcaba(() => {
  sessao.value = null;
});
