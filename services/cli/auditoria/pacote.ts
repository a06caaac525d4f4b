import type { Lancamento } from '#domain/lancamento.ts';
import { encodeAfter } from '#platform/codec.ts';
import { typeOf } from '#platform/codec-types.ts';

const tipo = typeOf('LoteDeLancamentos');

/** Entries as they go from thread to thread: laid out as bytes, which costs less than a copy of each object. */
export type Pacote = Uint8Array<ArrayBuffer>;

export function empacota(lancamentos: readonly Lancamento[]): Pacote {
  // In memory of its own, which goes over without being copied.
  return Uint8Array.from(encodeAfter([], tipo, { lancamentos }));
}

export function desempacota(pacote: Pacote): Lancamento[] {
  return tipo.fromBuffer(Buffer.from(pacote.buffer)).lancamentos;
}
