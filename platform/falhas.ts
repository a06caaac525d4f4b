import { closeSync, openSync } from 'node:fs';
import { isProduction } from './config-key.ts';

/** Between two writes of a step: where a process may be made to break. */
export type PontoDeFalha =
  | 'ingest:guardado'
  | 'transacao:enviada'
  | 'transacao:antes-do-fim'
  | 'transacao:depois-do-fim'
  | 'consolidator:emitida'
  | 'consolidator:guardada'
  | 'consolidator:esquece'
  | 'aggregator:publicada'
  | 'aggregator:esquece'
  | 'aggregator:gravada'
  | 'reprocesso:derivada'
  | 'reprocesso:anunciada'
  | 'reprocesso:em-vigor'
  | 'esquecimento:anunciado'
  | 'esquecimento:em-vigor'
  | 'esquecimento:fim-anunciado'
  | 'esquecimento:fechado'
  | 'esquecimento:encerrado'
  | 'troca:publicada'
  | 'troca:anunciada'
  | 'troca:em-vigor';

/** How it breaks: killed, stopped until someone lets it go on, or by a bug of its own. */
export type ModoDeFalha = 'SIGKILL' | 'SIGSTOP' | 'defeito';

const nada = (): void => {};

/** Of several processes told to break the same way, and of one that comes back, only the first does. */
function primeira(arquivo: string): boolean {
  try {
    closeSync(openSync(arquivo, 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * What breaks a process under test, as `ATENDIDO_FALHA=<ponto> <modo> <arquivo>` says: the first one to pass the point
 * makes the file and breaks. Without the variable, and in production whatever it says, a function that does nothing.
 */
export function falhaDe(env: Readonly<Record<string, string | undefined>>): (ponto: PontoDeFalha) => void {
  const pedida = env.ATENDIDO_FALHA;
  if (!pedida || isProduction(env)) return nada;
  const [onde, modo, arquivo = ''] = pedida.split(' ');
  return (ponto) => {
    if (ponto !== onde || !primeira(arquivo)) return;
    if (modo === 'defeito') throw new TypeError(`defeito pedido em ${ponto}`);
    process.kill(process.pid, modo);
  };
}

/** Passes a point between two writes of a step. */
export const falha = falhaDe(process.env);
