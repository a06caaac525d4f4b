import { conectado } from '../../services/cli/conexoes.ts';
import { comCarga } from '../cenario.ts';
import { Servicos } from '../servicos.ts';

import { type Contexto, confere, type Medida } from './contexto.ts';
import { passada } from './ponta-a-ponta.ts';

const PARTICOES = [1, 6, 24];
const PROCESSOS = [1, 2, 4];

/** The backlog end to end, with so many partitions of every topic and so many processes of every service. */
async function com(contexto: Contexto, particoes: number, processos: number): Promise<Medida> {
  const { pastas, eventos, carga, diz } = contexto;
  const pilha = await comCarga(pastas, contexto, carga, particoes);
  const servicos = new Servicos({ pastas, pilha, perfil: null });
  try {
    const gasto = await passada(servicos, processos);
    const vazao = eventos / gasto.segundos;
    diz(`  ${particoes} partições, ${processos} processos por serviço: ${Math.round(vazao)} eventos/s`);
    await conectado(confere);
    return { linha: `escala-${particoes}-${processos}`, valor: vazao, gasto, registros: eventos };
  } finally {
    await servicos.para();
  }
}

/** Every number of partitions with every number of processes that it can keep busy. */
export async function escala(contexto: Contexto): Promise<Medida[]> {
  const medidas: Medida[] = [];
  for (const particoes of PARTICOES) {
    for (const processos of PROCESSOS.filter((n) => n <= particoes)) {
      medidas.push(await com(contexto, particoes, processos));
    }
  }
  return medidas;
}
