import { conectado } from '../../services/cli/conexoes.ts';
import { aquecimentoDe, cargaDeAquecimento, comCarga } from '../cenario.ts';
import { mede } from '../processos.ts';
import { Servicos } from '../servicos.ts';
import { escreve } from '../servidores.ts';

import { type Contexto, confere, type Medida } from './contexto.ts';

/** Each has a thread of its own, and the aggregator's is the busiest: a second one takes the core that the classifier leaves. */
const AGREGADORES = [1, 2];

/**
 * The backlog end to end in processes that have taken a whole pass before, as the peer's row of the same name: the
 * services take the load that warms, stand still while the one to be measured is written, and go on.
 */
async function com(contexto: Contexto, agregadores: number): Promise<Medida> {
  const { pastas, eventos, carga, perfil, diz } = contexto;
  const pilha = await comCarga(pastas, contexto, null);
  const servicos = new Servicos({ pastas, pilha, perfil });
  try {
    await escreve(aquecimentoDe(contexto), await cargaDeAquecimento(pastas, contexto));
    await Promise.all([servicos.sobe(['classifier', 'consolidator']), servicos.sobe(['aggregator'], agregadores)]);
    await servicos.esperaALinha();
    servicos.congela();
    await escreve(contexto, carga);
    const termina = mede(servicos.pids());
    servicos.segue();
    await servicos.esperaALinha();
    const gasto = termina();
    const vazao = eventos / gasto.segundos;
    diz(`  ponta a ponta, quente, aggregators: ${agregadores}: ${Math.round(vazao)} eventos/s`);
    await conectado(confere);
    const linha = agregadores === 1 ? 'ponta-a-ponta-quente' : `ponta-a-ponta-quente-${agregadores}`;
    return { linha, valor: vazao, gasto, registros: eventos };
  } finally {
    servicos.segue();
    await servicos.para();
  }
}

/** With one process of each service, and with two aggregators. */
export async function pontaAPontaQuente(contexto: Contexto): Promise<Medida[]> {
  const medidas: Medida[] = [];
  for (const agregadores of AGREGADORES) medidas.push(await com(contexto, agregadores));
  return medidas;
}
