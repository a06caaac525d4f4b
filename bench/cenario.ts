import { runningStack, type StackState } from '#platform/config-stack.ts';
import { conectado } from '../services/cli/conexoes.ts';
import { arquivoDaCarga } from './carga.ts';
import { Servicos } from './servicos.ts';
import { escreve, esvazia, limpa, type Pastas, sobeServidores, type Trafego } from './servidores.ts';

/** The most that goes through the line before anything is measured. */
const AQUECIMENTO_MAXIMO = 500_000;

/** What warms for a load: other events than its own, of other clients, as many where they are not too many. */
export const aquecimentoDe = ({ eventos, semente }: Trafego): Trafego => {
  return { eventos: Math.min(eventos, AQUECIMENTO_MAXIMO), semente: semente + 1 };
};

/** The file of the load that warms. */
export function cargaDeAquecimento(pastas: Pastas, trafego: Trafego): Promise<string> {
  return arquivoDaCarga(pastas.base, { ...aquecimentoDe(trafego), execucao: 'aquecimento' });
}

/** Servers started by this process, and warm. */
let quente: StackState | null = null;

/**
 * Servers of our own, up and warm: a broker's first hundred thousand requests run in code that its JVM has yet to
 * compile, which costs more than the requests. A whole pass goes through the line first, unrecorded, as the peer's does.
 */
async function sobeQuente(pastas: Pastas, trafego: Trafego): Promise<StackState> {
  await limpa(pastas);
  const pilha = await sobeServidores(pastas);
  await escreve(aquecimentoDe(trafego), await cargaDeAquecimento(pastas, trafego));
  const servicos = new Servicos({ pastas, pilha, perfil: null });
  try {
    await servicos.sobe(['classifier', 'consolidator', 'aggregator']);
    await servicos.esperaALinha();
  } finally {
    await servicos.para();
  }
  return pilha;
}

/** Warm servers that hold the portfolio, and the load in the raw topics if one is given, and nothing else. */
export async function comCarga(
  pastas: Pastas,
  trafego: Trafego,
  carga: string | null,
  particoes?: number,
): Promise<StackState> {
  // The peer, when its turn comes, stops them.
  if (quente === null || runningStack(pastas.pilha)?.supervisor.pid !== quente.supervisor.pid) {
    quente = await sobeQuente(pastas, trafego);
  }
  await conectado((conexoes) => esvazia(conexoes, particoes));
  await escreve(trafego, carga);
  return quente;
}
