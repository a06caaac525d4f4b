import { setTimeout as espera } from 'node:timers/promises';
import { homeOf, resolveClientIdKey } from '#platform/config.ts';
import { runningStack, type StackState } from '#platform/config-stack.ts';
import { CodedError } from '#platform/errors.ts';
import { startStack, stopStack } from '../../../infra/local/stack.ts';

const SINAIS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SAIDA_POR_SINAL = 130;
const SUPERVISOR_APARECE_EM_MS = 10_000;
const OLHA_MS = 100;

/** Brings up what is missing of the stack, saying each step on stderr. */
export async function sobe(): Promise<StackState> {
  resolveClientIdKey();
  const diz = (texto: string): void => void process.stderr.write(texto);
  return startStack({
    home: homeOf(),
    onlyServers: false,
    onDownload: () => diz('Baixando os servidores (só na primeira vez)…\n'),
    onChange: ({ nome, estado, causa }) => {
      if (estado === 'no-ar') diz(`  ${nome} no ar\n`);
      else if (estado === 'caiu') diz(`  ${nome} caiu (${causa})\n`);
    },
  });
}

/** Where the producers of the demo knock. */
export interface Portas {
  /** Of what is sent: ingest's, or that of the api, which forwards. */
  porta: string;
  api: string;
}

/** @throws CodedError PROCESSO_FORA_DO_AR */
function enderecoDe(pilha: StackState, nome: string): string {
  const endereco = pilha.processos.find((p) => p.nome === nome)?.endereco;
  if (endereco) return endereco;
  throw new CodedError('PROCESSO_FORA_DO_AR', `${nome} não está no ar: rode \`atendido status\``);
}

/** Takes everything down, also a stack that was only beginning to come up. */
async function desce(subindo: boolean): Promise<void> {
  const limite = Date.now() + SUPERVISOR_APARECE_EM_MS;
  while (subindo && runningStack(homeOf()) === null && Date.now() < limite) await espera(OLHA_MS);
  await stopStack(homeOf());
}

/**
 * Runs `trabalho` on the stack. With `umaVez` nothing is left running afterwards: not after success, an error, or a
 * signal; without it the stack stays.
 */
export async function naPilha<T>(umaVez: boolean, trabalho: (portas: Portas) => Promise<T>): Promise<T> {
  let subindo = true;
  let saindo = false;
  const sai = async (): Promise<void> => {
    if (saindo) return;
    saindo = true;
    process.stderr.write(umaVez ? '\nParando tudo…\n' : '\nInterrompida. A pilha continua no ar: `atendido down`.\n');
    if (umaVez) await desce(subindo);
    process.exit(SAIDA_POR_SINAL);
  };
  for (const sinal of SINAIS) process.on(sinal, sai);
  try {
    const pilha = await sobe();
    subindo = false;
    return await trabalho({ porta: enderecoDe(pilha, 'ingest'), api: enderecoDe(pilha, 'api') });
  } finally {
    if (umaVez && !saindo) {
      process.stderr.write('Parando tudo…\n');
      await desce(false);
    }
    for (const sinal of SINAIS) process.off(sinal, sai);
  }
}
