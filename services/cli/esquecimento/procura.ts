import type { Conexoes } from '../conexoes.ts';
import { lePresencas } from '../exportacao/presencas.ts';
import { leQuarentena } from '../exportacao/quarentena.ts';
import type { Pessoa } from '../exportacao/recorte.ts';
import { codecsDe, leTopicos, type Registro } from '../exportacao/registros.ts';

/** Ends a reading of the log: one is enough. */
class Achado extends Error {}

/**
 * Whether anything is held of somebody: counted, present somewhere, or only in the log, which is then read.
 * @throws RetryableError
 */
export async function haAlgoDe(conexoes: Conexoes, pessoa: Pessoa): Promise<boolean> {
  if ((await conexoes.leitor.cliente(pessoa.id)) !== null) return true;
  if ((await lePresencas(conexoes.redis, pessoa)).length > 0) return true;
  const codecs = await codecsDe(conexoes);
  const acha = async ({ dados }: Registro): Promise<void> => {
    // Whose it is by now what cannot be read does not say: it would have an order made each time.
    if ('ilegivel' in dados && pessoa.ve !== undefined) return;
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
