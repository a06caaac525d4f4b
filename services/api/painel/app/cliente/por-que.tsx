import { useState } from 'preact/hooks';
import type { PaginaDeEntregas } from '../../../entregas.ts';
import type { EventoDoLog } from '../../evento.ts';
import { mostraDecisao } from '../decisao/escolhido.ts';
import { busca, ErroDaApi } from '../nucleo/api.ts';
import { comConsulta } from '../nucleo/rota.ts';

type Entrega = PaginaDeEntregas['itens'][number];

/** Finds a delivery's event in the log and opens its decision. */
export function PorQue({ cliente, e: { source, evento, time } }: { cliente: string; e: Entrega }) {
  const [estado, muda] = useState<'parado' | 'buscando' | ErroDaApi>('parado');
  const abre = async (): Promise<void> => {
    muda('buscando');
    try {
      const caminho = comConsulta('/painel/dados/evento', { cliente, source, id: evento, time });
      mostraDecisao((await busca<EventoDoLog>(caminho)).evento);
    } catch (erro) {
      if (!(erro instanceof ErroDaApi)) throw erro;
      muda(erro);
    }
  };
  return (
    <>
      <button type="button" disabled={estado === 'buscando'} onClick={() => void abre()}>
        {estado === 'buscando' ? 'Buscando…' : 'Por que contou?'}
      </button>
      {estado instanceof ErroDaApi ? (
        <div class="fraco" role="alert">
          {estado.message} ({estado.codigo})
        </div>
      ) : null}
    </>
  );
}
