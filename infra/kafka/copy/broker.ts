import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka';
import { toPortError } from '#platform/kafka/platformatic/errors.ts';
import { optionsOf } from '#platform/kafka/platformatic/link.ts';
import type { KafkaConfig } from '#platform/kafka/settings.ts';
import type { Cut } from './cuts.ts';

/** What the copy asks of the new line's brokers beside what every process does. */
export interface Broker {
  /** Whether records of these topics keep the time they are sent with, or have that of the broker, as ever. */
  keepsTimes(topics: readonly string[], keeps: boolean): Promise<void>;
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
    async keepsTimes(topics, keeps) {
      const value = keeps ? 'CreateTime' : 'LogAppendTime';
      const setting = {
        name: 'message.timestamp.type',
        configOperation: IncrementalAlterConfigOperationTypes.SET,
        value,
      };
      const resources = topics.map((resourceName) => {
        return { resourceType: ConfigResourceTypes.TOPIC, resourceName, configs: [setting] };
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
