import type { ErroDaApi } from '../nucleo/api.ts';

/** Why something asked for was not done. */
export function ErroDoPedido({ erro }: { erro: ErroDaApi | null }) {
  if (erro === null) return null;
  return (
    <p class="erro" role="alert">
      {erro.problema.title}: {erro.message} <span class="fraco">({erro.codigo})</span>
    </p>
  );
}
