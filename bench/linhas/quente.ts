import { conectado } from '../../services/cli/conexoes.ts';
import { aquecimentoDe, cargaDeAquecimento, comCarga } from '../cenario.ts';
import { mede } from '../processos.ts';
import { Servicos } from '../servicos.ts';
import { escreve } from '../servidores.ts';

import { type Contexto, confere, type Medida } from './contexto.ts';

/**
 * The backlog end to end in processes that have taken a whole pass before, as the peer's row of the same name: the
 * services take the load that warms, stand still while the one to be measured is written, and go on.
 */
export async function pontaAPontaQuente(contexto: Contexto): Promise<Medida[]> {
  const { pastas, eventos, carga, perfil, diz } = contexto;
  const pilha = await comCarga(pastas, contexto, null);
  const servicos = new Servicos({ pastas, pilha, perfil });
  try {
    await escreve(aquecimentoDe(contexto), await cargaDeAquecimento(pastas, contexto));
    await servicos.sobe(['classifier', 'consolidator', 'aggregator']);
    await servicos.esperaALinha();
    servicos.congela();
    await escreve(contexto, carga);
    const termina = mede(servicos.pids());
    servicos.segue();
    await servicos.esperaALinha();
    const gasto = termina();
    const vazao = eventos / gasto.segundos;
    diz(`  ponta a ponta, quente: ${Math.round(vazao)} eventos/s`);
    await conectado(confere);
    return [{ linha: 'ponta-a-ponta-quente', valor: vazao, gasto, registros: eventos }];
  } finally {
    servicos.segue();
    await servicos.para();
  }
}
