import { userInfo } from 'node:os';
import { ocultaCpf } from '#domain/oculta-cpf.ts';

/** Who does it: as told, else the user of the operating system. Whatever looks like a CPF is left out. */
export function autorDe(por: string | undefined): string {
  return ocultaCpf(por ?? userInfo().username);
}
