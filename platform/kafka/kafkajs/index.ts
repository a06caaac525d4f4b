import type { Driver } from '../driver.ts';
import type { KafkaConfig } from '../settings.ts';
import { newAdmin } from './admin.ts';
import { Directory } from './directory.ts';
import { GroupMember } from './membership.ts';
import { MessageSlice } from './records.ts';
import { newSending } from './sending.ts';
import { fence } from './transactions.ts';

/** kafkajs encodes the records of one partition in time quadratic to their number. */
const MAX_RECORDS = 500;

/** kafkajs behind platform/kafka. Nothing connects before one of its methods is called. */
export function driverOf(config: KafkaConfig): Driver<MessageSlice> {
  return {
    maxRecords: MAX_RECORDS,
    slice: (topic, partition) => new MessageSlice(topic, partition),
    staticMembership: false,
    brokers: () => new Directory(config),
    membership: (options, events) => new GroupMember(config, options, events),
    fence: (transactionalId) => fence(config, transactionalId),
    sending: (once) => newSending(config, once),
    admin: () => newAdmin(config),
  };
}
