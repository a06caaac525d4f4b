import { pseudonimizador } from '#domain/documento.ts';
import { examinaEvento } from '#platform/exame.ts';
import type { CloudEvent } from '#producer/index.ts';
import { type ErroDaLinha, errosDaPorta } from './recusas.ts';

/** Nobody keeps the client's id that it makes: the real key is the door's business. */
const pseudonimo = pseudonimizador('exame');

/** Everything the door would refuse an event for, but for what its key may not send. */
export function errosDoEvento(evento: CloudEvent, colunaDe: (campo: string) => string | null): ErroDaLinha[] {
  const exame = examinaEvento(evento, pseudonimo);
  return 'recusa' in exame ? errosDaPorta(exame.recusa.motivo, exame.recusa.detalhe, colunaDe) : [];
}

const nomeDo = ({ campo }: ErroDaLinha): string => (campo ?? '').replace(/^data\./, '').replace(/^type$/, 'tipo');

/** What is wrong in the rest of a line that has errors already: of the fields that have one no more is said. */
export function eMais(
  erros: readonly [ErroDaLinha, ...ErroDaLinha[]],
  parcial: CloudEvent,
  colunaDe: (campo: string) => string | null,
): [ErroDaLinha, ...ErroDaLinha[]] {
  const ditos = new Set(erros.map(nomeDo));
  const [primeiro, ...outros] = erros;
  return [primeiro, ...outros, ...errosDoEvento(parcial, colunaDe).filter((e) => !ditos.has(nomeDo(e)))];
}
