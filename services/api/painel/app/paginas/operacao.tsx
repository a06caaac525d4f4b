import { Vazio } from '../partes/estado.tsx';

export function Pagina() {
  return <Vazio>…</Vazio>;
}
