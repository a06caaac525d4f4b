import { useState } from 'preact/hooks';
import type { EventoDoLog } from '../../evento.ts';
import { busca, ErroDaApi } from '../nucleo/api.ts';
import { mostraDecisao } from './escolhido.ts';

/** Gets an event that the line has and opens its decision. @param caminho where the event is asked for */
export function VerDecisao({ caminho, texto }: { caminho: string; texto: string }) {
  const [estado, muda] = useState<'parado' | 'buscando' | ErroDaApi>('parado');
  const abre = async (): Promise<void> => {
    muda('buscando');
    try {
      mostraDecisao((await busca<EventoDoLog>(caminho)).evento);
    } catch (erro) {
      if (!(erro instanceof ErroDaApi)) throw erro;
      muda(erro);
    }
  };
  return (
    <>
      <button type="button" disabled={estado === 'buscando'} onClick={() => void abre()}>
        {estado === 'buscando' ? 'Buscando…' : texto}
      </button>
      {estado instanceof ErroDaApi ? (
        <div class="fraco" role="alert">
          {estado.message} ({estado.codigo})
        </div>
      ) : null}
    </>
  );
}
