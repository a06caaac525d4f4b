import type { Conexoes } from '../conexoes.ts';
import { lePresencas } from '../exportacao/presencas.ts';
import { leQuarentena } from '../exportacao/quarentena.ts';
import type { Pessoa } from '../exportacao/recorte.ts';
import { codecsDe, leTopicos } from '../exportacao/registros.ts';

/** Ends a reading of the log: one is enough. */
class Achado extends Error {}

/**
 * Whether anything is held of a client: counted, present somewhere, or only in the log, which is then read.
 * @throws RetryableError
 */
export async function haAlgoDe(conexoes: Conexoes, id: string): Promise<boolean> {
  if ((await conexoes.leitor.cliente(id)) !== null) return true;
  const pessoa: Pessoa = { id, ids: new Set([id]), cpf: null };
  if ((await lePresencas(conexoes.redis, pessoa)).length > 0) return true;
  const codecs = await codecsDe(conexoes);
  const acha = async (): Promise<void> => {
    throw new Achado();
  };
  try {
    await leTopicos({ ...conexoes, codecs }, pessoa, acha, () => {});
    await leQuarentena(conexoes, pessoa, acha, () => {});
    return false;
  } catch (error) {
    if (error instanceof Achado) return true;
    throw error;
  }
}
