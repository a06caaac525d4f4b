import type { Apuracoes } from '#domain/apuracao.ts';
import { type Esquecimentos, interacaoSem } from '#domain/esquecimento.ts';
import { type Interacao, pessoasDe, renomeada } from '#domain/interacao.ts';
import type { Codec } from '../codec.ts';
import type { Quarentena } from '../codec-types.ts';
import type { InputRecord, Kafka } from '../kafka/port.ts';
import { leInteracao } from './ensaio.ts';
import { leLote, TOPICO_DA_QUARENTENA } from './registros.ts';

export interface PartesDaProcura {
  kafka: Pick<Kafka, 'readToEnd'>;
  quarentenas: Codec<Quarentena>;
  interacoes: Codec<Interacao>;
  seguidas: {
    apuracoes: Pick<Apuracoes, 'derivadaPor'>;
    esquecimentos: Pick<Esquecimentos, 'nomesDe' | 've'>;
  };
}

/** Ends the reading: one is enough. */
class Achado extends Error {}

/**
 * Whether a record that can be read and was set aside, put back since or not, is of somebody, of whom they have been since
 * they were last forgotten.
 * @param nomes their client ids: the one by which they are known (the first one, where they were forgotten), then those
 * under which others may have told of them
 * @throws RetryableError
 */
export async function estaNaQuarentena(
  { kafka, quarentenas, interacoes, seguidas }: PartesDaProcura,
  [titular, ...outros]: readonly [string, ...string[]],
): Promise<boolean> {
  const { apuracoes, esquecimentos } = seguidas;
  const proprios = esquecimentos.nomesDe(titular);
  const atual = proprios.at(-1) ?? titular;
  const marcas = [...proprios, ...outros].map((id) => Buffer.from(id));
  const marcado = ({ value }: InputRecord): boolean => value !== null && marcas.some((marca) => value.includes(marca));
  const dela = async ({ valor, topico: topic, particao: partition, posicao: offset }: Quarentena): Promise<boolean> => {
    const lida = await leInteracao(interacoes, valor);
    if (lida === null) return false;
    const propria = renomeada(lida, (pf) => (outros.includes(pf) ? titular : pf));
    const origem = { topic, partition, offset, derivadaPor: apuracoes.derivadaPor(lida.source) };
    return [...pessoasDe(interacaoSem(esquecimentos.ve(origem, propria)))].includes(atual);
  };
  try {
    await kafka.readToEnd(TOPICO_DA_QUARENTENA, {
      onBatch: async ({ partition, records }) => {
        for (const { registro } of await leLote(quarentenas, { partition, records: records.filter(marcado) })) {
          if (await dela(registro)) throw new Achado();
        }
      },
    });
    return false;
  } catch (error) {
    if (error instanceof Achado) return true;
    throw error;
  }
}
