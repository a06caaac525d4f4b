import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#platform/config-home.ts';

/** What a command said, and how it ended; `sinal`: what killed it. */
export interface Saida {
  codigo: number | null;
  sinal: NodeJS.Signals | null;
  saida: string;
  erros: string;
}

const DIRETO = [process.execPath, '--disable-warning=ExperimentalWarning', join(PROJECT_ROOT, 'services/cli/main.ts')];

/**
 * Starts `atendido` in a process of its own, which a signal reaches.
 * @param programa how it is started; default: by Node itself
 */
export function atendido(args: readonly string[], env: NodeJS.ProcessEnv, programa: readonly string[] = DIRETO) {
  const [executavel = '', ...opcoes] = programa;
  const processo = spawn(executavel, [...opcoes, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const [saida, erros]: [string[], string[]] = [[], []];
  processo.stdout.setEncoding('utf8').on('data', (texto: string) => saida.push(texto));
  processo.stderr.setEncoding('utf8').on('data', (texto: string) => erros.push(texto));
  const fim = once(processo, 'close').then(([codigo, sinal]): Saida => {
    return { codigo, sinal, saida: saida.join(''), erros: erros.join('') };
  });
  return { processo, erros: () => erros.join(''), fim };
}
