import type { ComponentChildren } from 'preact';
import type { AoVivo, Dados } from '../nucleo/dados.ts';
import { horaComSegundos } from '../nucleo/formato.ts';

/** Something is on its way. */
export function Carregando({ texto = 'Carregando…' }: { texto?: string }) {
  return (
    <p class="carregando" role="status">
      {texto}
    </p>
  );
}

/** Nothing is wrong, and there is nothing. */
export function Vazio({ children }: { children: ComponentChildren }) {
  return <p class="vazio">{children}</p>;
}

/** Something a person must know, instead of what they came for. */
export function Aviso({ titulo, children }: { titulo: string; children: ComponentChildren }) {
  return (
    <div class="aviso" role="alert">
      <h2>{titulo}</h2>
      <p>{children}</p>
    </div>
  );
}

/** What was asked for: loading, refused, or there; old values stay, with a word that they are old. */
export function Mostra<T>({ dados, children }: { dados: Dados<T>; children: (valor: T) => ComponentChildren }) {
  const { valor, erro, recarrega } = dados;
  if (valor === undefined && erro === null) return <Carregando />;
  return (
    <>
      {erro === null ? null : (
        <div class="aviso" role="alert">
          <h3>{erro.problema.title}</h3>
          <p>
            {erro.message} <span class="fraco">({erro.codigo})</span>{' '}
            {valor === undefined ? '' : 'O que se vê abaixo é de antes.'}
          </p>
          <button type="button" onClick={recarrega}>
            Tentar de novo
          </button>
        </div>
      )}
      {valor === undefined ? null : children(valor)}
    </>
  );
}

const PALAVRAS: Record<AoVivo<unknown>['estado'], string> = {
  conectando: 'conectando…',
  'ao-vivo': 'ao vivo',
  'sem-dados': 'sem dados agora',
  'sem-conexao': 'sem conexão: tentando de novo…',
};

/** Whether what is watched is live, and since when not. */
export function Ligacao({ visto: { estado, em, causa } }: { visto: AoVivo<unknown> }) {
  const desde = estado !== 'ao-vivo' && em !== null ? ` · o que se vê é de ${horaComSegundos(em)}` : '';
  return (
    <p class={`ligacao ${estado}`} role="status" data-estado={estado} title={causa ?? undefined}>
      {PALAVRAS[estado]}
      {desde}
    </p>
  );
}
