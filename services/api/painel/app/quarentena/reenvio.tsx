import { useEffect, useState } from 'preact/hooks';
import type { ReenvioDaQuarentena } from '../../quarentena.ts';
import { ErroDaApi, envia } from '../nucleo/api.ts';
import { numero, quantos } from '../nucleo/formato.ts';
import { nomeDoMotivo } from '../nucleo/rotulos.ts';
import { ErroDoPedido } from '../partes/erro.tsx';
import { desfecho } from './palavras.ts';

/** What is to be replayed: one record, or all that some filters show. */
export type Selecao = { ids: readonly string[] } | Readonly<Record<string, string>>;

interface Props {
  selecao: Selecao;
  /** Nothing can be asked just now. */
  espera?: boolean;
  /** Told once something was put back. */
  aoReenviar: () => void;
}

function Desfechos({ r }: { r: ReenvioDaQuarentena }) {
  return (
    <ul>
      {Object.entries(r.porDesfecho).map(([de, n]) => {
        const [resultado = '', motivo = ''] = de.split(' ');
        const { classe, texto } = desfecho(resultado, n);
        return (
          <li key={de} data-desfecho={motivo}>
            {numero(n)} <span class={`selo ${classe}`}>{texto}</span> {nomeDoMotivo(motivo)}
          </li>
        );
      })}
    </ul>
  );
}

function Feito({ r }: { r: ReenvioDaQuarentena }) {
  const resto =
    r.naoCabem.length === 0
      ? ''
      : ` ${quantos(r.naoCabem.length, 'não cabe no tópico: corrija-o', 'não cabem no tópico: corrija-os')}.`;
  if (!r.aplicado) {
    return (
      <div role="status" data-ensaio={r.selecionadas}>
        <p>{r.selecionadas === 0 ? 'Nada do que se pediu espera.' : `Ensaio: nada foi enviado.${resto}`}</p>
        <Desfechos r={r} />
      </div>
    );
  }
  return (
    <p role="status" data-reenviadas={r.reenviadas}>
      {numero(r.reenviadas)} de {quantos(r.selecionadas, 'registro reenviado', 'registros reenviados')}.{resto}
    </p>
  );
}

/** Replays what is selected: first a dry run, then, if it is wanted, in earnest. */
export function Reenvio({ selecao, espera = false, aoReenviar }: Props) {
  const [prontas, soProntas] = useState(false);
  const [feito, mostra] = useState<ReenvioDaQuarentena | null>(null);
  const [erro, falhou] = useState<ErroDaApi | null>(null);
  const [ocupado, ocupa] = useState(false);
  const qual = JSON.stringify(selecao);
  // What was rehearsed of another selection is no rehearsal of this.
  useEffect(() => mostra(null), [qual, prontas]);
  const pede = async (aplica: boolean): Promise<void> => {
    ocupa(true);
    falhou(null);
    // No more than was rehearsed, though more has come since.
    const ate = aplica && feito !== null ? { ate: feito.ate } : {};
    try {
      const pedido = { ...selecao, prontas, aplica, ...ate };
      mostra(await envia<ReenvioDaQuarentena>('/painel/dados/quarentena/reenvio', pedido));
      if (aplica) aoReenviar();
    } catch (error) {
      if (!(error instanceof ErroDaApi)) throw error;
      falhou(error);
    }
    ocupa(false);
  };
  const ensaiadas = feito === null || feito.aplicado ? 0 : feito.selecionadas - feito.naoCabem.length;
  return (
    <div class="reenvio">
      {'ids' in selecao ? null : (
        <label class="marca-de">
          <input type="checkbox" checked={prontas} onChange={(e) => soProntas(e.currentTarget.checked)} /> só os que
          hoje não voltariam à quarentena
        </label>
      )}
      <div class="filtros">
        <button type="button" disabled={ocupado || espera} onClick={() => void pede(false)}>
          Ensaiar reenvio
        </button>
        {ensaiadas === 0 ? null : (
          <button type="button" class="principal" disabled={ocupado || espera} onClick={() => void pede(true)}>
            Reenviar {numero(ensaiadas)}
          </button>
        )}
      </div>
      <ErroDoPedido erro={erro} />
      {feito === null ? null : <Feito r={feito} />}
    </div>
  );
}
