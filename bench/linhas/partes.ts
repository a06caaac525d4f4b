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

/** One service alone, in so many processes, over what stands before it, until it has read all of it. */
async function sozinho(contexto: Contexto, servicos: Servicos, nome: NomeDeServico, processos: number): Promise<Gasto> {
  await servicos.sobe([nome], processos);
  const termina = mede(servicos.pids());
  await conectado(async (conexoes) => {
    while (await faltam(conexoes, `atendido-${nome}`)) {
      servicos.confere();
      await espera(OLHA_MS);
    }
  });
  const gasto = termina();
  contexto.diz(`  ${nome} sozinho, processos: ${processos}: ${gasto.segundos.toFixed(1)} s`);
  return gasto;
}

/** One has a thread; the peer has two, one for each core. */
const PROCESSOS = [1, 2];

const nomeDaLinha = (nome: string, processos: number): string => (processos === 1 ? nome : `${nome}-${processos}`);

/**
 * The classifier alone over the raw topics, then the aggregator alone over the ledger that it wrote. At the end the
 * whole line reads what is left (what the consolidator derives) and the audit must agree.
 */
async function com(contexto: Contexto, processos: number): Promise<Medida[]> {
  const { pastas, eventos, carga, perfil } = contexto;
  const pilha = await comCarga(pastas, contexto, carga);
  const servicos = new Servicos({ pastas, pilha, perfil });
  try {
    const classificador = await sozinho(contexto, servicos, 'classifier', processos);
    await servicos.para();
    const agregador = await sozinho(contexto, servicos, 'aggregator', processos);
    const lancamentos = await servicos.contador('aggregator', 'atendido_aggregator_lancamentos_total', processos);
    await servicos.sobe(['classifier', 'consolidator']);
    await conectado(confere);
    const medida = (nome: string, gasto: Gasto, registros: number): Medida => {
      return { linha: nomeDaLinha(nome, processos), valor: registros / gasto.segundos, gasto, registros };
    };
    return [medida('classificador', classificador, eventos), medida('agregador', agregador, lancamentos)];
  } finally {
    await servicos.para();
  }
}

/** Classifier and aggregator, each alone, in one process and in two. */
export async function partes(contexto: Contexto): Promise<Medida[]> {
  const medidas: Medida[] = [];
  for (const processos of PROCESSOS) medidas.push(...(await com(contexto, processos)));
  return medidas;
}
