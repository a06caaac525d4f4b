import { setTimeout as espera } from 'node:timers/promises';
import { posicoesDaLinha } from '#platform/linha.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { comCarga } from '../cenario.ts';
import { type Gasto, mede } from '../processos.ts';
import { type NomeDeServico, Servicos } from '../servicos.ts';

import { type Contexto, confere, type Medida } from './contexto.ts';

const OLHA_MS = 100;
/** The last offsets of a partition may be markers of transactions, which no position passes. */
const SO_MARCADORES = 4;

async function faltam(conexoes: Conexoes, grupo: string): Promise<boolean> {
  const posicoes = await posicoesDaLinha(conexoes);
  return posicoes.some((p) => p.grupo === grupo && p.fim - (p.posicao ?? 0) > SO_MARCADORES);
}

/** One service alone over what stands before it, until it has read all of it. */
async function sozinho(contexto: Contexto, servicos: Servicos, nome: NomeDeServico): Promise<Gasto> {
  await servicos.sobe([nome]);
  const termina = mede(servicos.pids());
  await conectado(async (conexoes) => {
    while (await faltam(conexoes, `atendido-${nome}`)) {
      servicos.confere();
      await espera(OLHA_MS);
    }
  });
  const gasto = termina();
  contexto.diz(`  ${nome} sozinho: ${gasto.segundos.toFixed(1)} s`);
  return gasto;
}

/**
 * The classifier alone over the raw topics, then the aggregator alone over the ledger that it wrote. At the end the
 * whole line reads what is left (what the consolidator derives) and the audit must agree.
 */
export async function partes(contexto: Contexto): Promise<Medida[]> {
  const { pastas, eventos, carga, perfil } = contexto;
  const pilha = await comCarga(pastas, contexto, carga);
  const servicos = new Servicos({ pastas, pilha, perfil });
  try {
    const classificador = await sozinho(contexto, servicos, 'classifier');
    await servicos.para();
    const agregador = await sozinho(contexto, servicos, 'aggregator');
    const lancamentos = await servicos.contador('aggregator', 'atendido_aggregator_lancamentos_total');
    await servicos.sobe(['classifier', 'consolidator']);
    await conectado(confere);
    return [
      { linha: 'classificador', valor: eventos / classificador.segundos, gasto: classificador, registros: eventos },
      { linha: 'agregador', valor: lancamentos / agregador.segundos, gasto: agregador, registros: lancamentos },
    ];
  } finally {
    await servicos.para();
  }
}
