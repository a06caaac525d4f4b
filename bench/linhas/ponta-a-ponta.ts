import { conectado } from '../../services/cli/conexoes.ts';
import { comCarga } from '../cenario.ts';
import { type Gasto, mede } from '../processos.ts';
import { Servicos } from '../servicos.ts';

import { type Contexto, confere, type Medida } from './contexto.ts';
import { mede as medeLatencia } from './latencia.ts';
import { bytesDeDados, comRedis } from './redis.ts';

/** The audit: whether it agrees, how fast it recounts, and how many clients share the memory that the load took. */
async function audita(contexto: Contexto, bytes: number): Promise<Medida[]> {
  const { registros, segundos, clientes } = await conectado(confere);
  contexto.diz(`  auditoria confere: ${registros} registros, ${clientes} clientes`);
  return [
    { linha: 'auditoria', valor: registros / segundos, registros },
    { linha: 'redis-por-cliente-da-carga', valor: bytes / clientes, registros: clientes },
  ];
}

/**
 * Raw topics full, all services at once: from when the last of them is ready to when nothing is left to read and Redis
 * stands at the end of the ledger.
 * @param servicos none of them up yet; all of them are at the end
 * @param processos of each service
 */
export async function passada(servicos: Servicos, processos = 1): Promise<Gasto> {
  await servicos.sobe(['classifier', 'consolidator', 'aggregator'], processos);
  const termina = mede(servicos.pids());
  await servicos.esperaALinha();
  return termina();
}

/** The backlog, then the time to status under a steady flow, then the audit over all of it. */
export async function pontaAPonta(contexto: Contexto): Promise<Medida[]> {
  const { pastas, eventos, carga, perfil, diz } = contexto;
  const pilha = await comCarga(pastas, contexto, carga);
  const url = pilha.ambiente.REDIS_URL;
  const antes = await comRedis(url, bytesDeDados);
  const servicos = new Servicos({ pastas, pilha, perfil });
  try {
    const gasto = await passada(servicos);
    const vazao: Medida = { linha: 'ponta-a-ponta', valor: eventos / gasto.segundos, gasto, registros: eventos };
    diz(`  ponta a ponta: ${Math.round(vazao.valor)} eventos/s`);
    const memoria = Math.max(...['classifier', 'consolidator', 'aggregator'].map((nome) => gasto.picoMiB[nome] ?? 0));
    const bytes = (await comRedis(url, bytesDeDados)) - antes;
    const terminaFluxo = mede(servicos.pids());
    const latencia = contexto.segundosDeLatencia > 0 ? await medeLatencia(contexto) : [];
    const fluxo = terminaFluxo();
    for (const medida of latencia) if (medida.linha === 'status-ritmo') medida.gasto = fluxo;
    return [vazao, { linha: 'memoria-do-servico', valor: memoria }, ...latencia, ...(await audita(contexto, bytes))];
  } finally {
    await servicos.para();
  }
}
