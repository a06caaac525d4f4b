import type { Driver } from '../driver.ts';
import type { KafkaConfig } from '../settings.ts';
import { newAdmin } from './admin.ts';
import { Directory } from './directory.ts';
import { PackedSlice } from './encode.ts';
import { GroupMember } from './membership.ts';
import { newSending } from './sending.ts';
import { fence } from './transactions.ts';

/** @platformatic/kafka behind platform/kafka. Nothing connects before one of its methods is called. */
export function driverOf(config: KafkaConfig): Driver<PackedSlice> {
  return {
    maxRecords: Number.POSITIVE_INFINITY,
    slice: (topic, partition) => new PackedSlice(topic, partition),
    staticMembership: true,
    brokers: () => new Directory(config),
    membership: (options, events) => new GroupMember(config, options, events),
    fence: (transactionalId) => fence(config, transactionalId),
    sending: (once) => newSending(config, once),
    admin: () => newAdmin(config),
  };
}
