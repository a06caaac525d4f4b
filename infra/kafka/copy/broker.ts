import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka';
import { toPortError } from '#platform/kafka/platformatic/errors.ts';
import { optionsOf } from '#platform/kafka/platformatic/link.ts';
import type { KafkaConfig } from '#platform/kafka/settings.ts';
import { topicSpecs } from '#platform/topics.ts';
import type { Cut } from './cuts.ts';

const { SET } = IncrementalAlterConfigOperationTypes;
/** The largest: what a broker takes of one request, unless told otherwise. */
const WHILE_FILLING = { 'message.timestamp.type': 'CreateTime', 'max.message.bytes': String(100 * 1024 * 1024) };
const NAMES = ['message.timestamp.type', 'max.message.bytes'] as const;

function asEver(topic: string, name: string): string {
  const value = topicSpecs(1, 1).find((spec) => spec.topic === topic)?.config[name];
  if (value === undefined) throw new Error(`${topic} não se prepara`);
  return value;
}

/** What the copy asks of the new line's brokers beside what every process does. */
export interface Broker {
  /**
   * Whether these topics are being filled: their records keep the time they are sent with, and may be of any size (a system
   * that sends straight to Kafka packs as it likes, and what others pack better is larger in ours). Else they are as ever.
   */
  fills(topics: readonly string[], filling: boolean): Promise<void>;
  /** Has a group that has no members go on from there. */
  moveGroup(groupId: string, ends: Readonly<Record<string, Cut>>): Promise<void>;
  close(): Promise<void>;
}

async function ask(question: () => Promise<unknown>): Promise<void> {
  try {
    await question();
  } catch (error) {
    throw toPortError(error);
  }
}

/** @param config of a user who may alter the topics' settings */
export function brokerOf(config: KafkaConfig): Broker {
  const admin = new Admin(optionsOf(config));
  return {
    async fills(topics, filling) {
      const resources = topics.map((resourceName) => {
        const configs = NAMES.map((name) => {
          return { name, configOperation: SET, value: filling ? WHILE_FILLING[name] : asEver(resourceName, name) };
        });
        return { resourceType: ConfigResourceTypes.TOPIC, resourceName, configs };
      });
      await ask(() => admin.incrementalAlterConfigs({ resources }));
    },
    async moveGroup(groupId, ends) {
      const topics = Object.entries(ends).map(([name, offsets]) => {
        const partitionOffsets = offsets.map((offset, partition) => ({ partition, offset: BigInt(offset) }));
        return { name, partitionOffsets };
      });
      await ask(() => admin.alterConsumerGroupOffsets({ groupId, topics }));
    },
    close: () => admin.close(),
  };
}
