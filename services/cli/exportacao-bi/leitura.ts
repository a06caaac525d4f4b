import { type Codec, decodeOrNull } from '#platform/codec.ts';
import type { ValueOf } from '#platform/codec-types.ts';
import { CodedError } from '#platform/errors.ts';
import type { InputRecord, Kafka, PartitionOffsets } from '#platform/kafka/port.ts';
import type { Lido } from './colunas.ts';
import type { Manifesto, PosicaoLida } from './manifesto.ts';
import type { Periodo, Tabela, TopicoExportado } from './tabelas.ts';

/** What is left to read of a partition. */
export interface Trecho {
  topico: TopicoExportado;
  particao: number;
  de: number;
  /** The end of what is committed. */
  fim: number;
}

/** How far the folder is with a partition, from the first record there is. */
export function posicaoDe(
  { posicoes }: Pick<Manifesto, 'posicoes'>,
  topico: TopicoExportado,
  { partition, low }: Pick<PartitionOffsets, 'partition' | 'low'>,
): PosicaoLida {
  const doTopico = posicoes[topico] ?? {};
  const lida = doTopico[partition] ?? { desde: low, posicao: low, ilegiveis: 0 };
  posicoes[topico] = { ...doTopico, [partition]: lida };
  return lida;
}

/** @throws CodedError EXPORTACAO_DESCONTINUA the log does not go on from where the folder ends */
export function trechoDe(
  manifesto: Pick<Manifesto, 'posicoes'>,
  topico: TopicoExportado,
  offsets: PartitionOffsets,
): Trecho {
  const { partition: particao, low, high } = offsets;
  const { posicao: de } = posicaoDe(manifesto, topico, offsets);
  if (de >= low && de <= high) return { topico, particao, de, fim: high };
  const onde = `${topico}/${particao} vai de ${low} a ${high}, e esta pasta parou em ${de}`;
  const porque = 'os registros do meio venceram, ou o Kafka é outro';
  throw new CodedError('EXPORTACAO_DESCONTINUA', `${onde}: ${porque}. Exporte para outra pasta`);
}

/** Some consecutive records of a partition: those of the period, and how many could not be read. */
export interface Lote<N extends TopicoExportado> {
  lidos: Lido<ValueOf<N>>[];
  ilegiveis: number;
  /** The offset after the last of them. */
  ate: number;
}

/** Hands over what a partition has committed, in order, in lots of as many records of the period as `cabem`. */
export async function leTrecho<N extends TopicoExportado>(
  { kafka, codec }: { kafka: Pick<Kafka, 'readToEnd'>; codec: Codec<ValueOf<N>> },
  { topico, noPeriodo }: Pick<Tabela<N>, 'topico' | 'noPeriodo'>,
  { particao, de, fim }: Trecho,
  { periodo, cabem, recebe }: { periodo: Periodo; cabem: () => number; recebe: (lote: Lote<N>) => Promise<void> },
): Promise<void> {
  const toma = async (records: readonly InputRecord[]): Promise<void> => {
    await codec.prepareIds(records.map(({ value }) => value));
    let lote: Lote<N> = { lidos: [], ilegiveis: 0, ate: 0 };
    for (const registro of records) {
      const valor = decodeOrNull(codec, registro.value);
      const lido = valor === null ? null : { topico, particao, registro, valor };
      // Withdrawn, of a person who was forgotten: what was told before is in the folder already, or in no topic.
      const retirado = topico === 'clientes-atendidos' && registro.value === null;
      if (lido === null) lote.ilegiveis += retirado ? 0 : 1;
      else if (noPeriodo(lido, periodo)) lote.lidos.push(lido);
      lote.ate = registro.offset + 1;
      if (lote.lidos.length < cabem()) continue;
      await recebe(lote);
      lote = { lidos: [], ilegiveis: 0, ate: lote.ate };
    }
    await recebe(lote);
  };
  await kafka.readToEnd(topico, {
    partitions: [particao],
    from: new Map([[particao, de]]),
    to: new Map([[particao, fim]]),
    onBatch: ({ records }) => toma(records),
  });
}
