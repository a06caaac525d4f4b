import { CodedError } from '../errors.ts';
import { type Brokers, boundsOf, READ_UNCOMMITTED } from './brokers.ts';
import type { GroupOffsets } from './group-offsets.ts';
import type { ConsumerOptions, TopicPartition } from './port.ts';
import type { KafkaLog } from './settings.ts';

/**
 * The offset a partition just assigned begins at: what `positionOf` says, else the group's, else the log's first.
 * Records deleted before they were read cannot be read: that is logged, and the log's first record is next.
 * @throws CodedError POSICAO_FORA_DO_LOG the position is past the end, so this is another log; RetryableError.
 */
export async function startOf(
  { brokers, offsets }: { brokers: Brokers; offsets: Pick<GroupOffsets, 'settled'> },
  options: Pick<ConsumerOptions, 'positionOf'>,
  tp: TopicPartition,
  log: KafkaLog,
): Promise<number> {
  const { topic, partition } = tp;
  const asked = (await (options.positionOf?.({ topic, partition }) ?? offsets.settled(tp))) ?? 0;
  const [bounds] = await boundsOf(brokers, topic, [partition], READ_UNCOMMITTED);
  if (bounds === undefined) return asked;
  const { low, high } = bounds;
  if (asked > high) {
    const what = `${topic}/${partition} termina em ${high}, a posição pedida é ${asked}`;
    throw new CodedError('POSICAO_FORA_DO_LOG', what);
  }
  if (asked < low && asked > 0) log.error({ topic, partition, asked, low }, 'registros apagados antes de lidos');
  return Math.max(asked, low);
}
