import { driverOf } from '../../platform/kafka/platformatic/index.ts';

/**
 * A member of a group, in a process of its own, that dies as soon as it is told to give partitions up: between the
 * answer to its SyncGroup and the JoinGroup that it would send next.
 * Arguments: brokers, group, topic, name.
 */
const [brokers = '', groupId = '', topic = '', instanceId = ''] = process.argv.slice(2);
let most = 0;
const member = driverOf({ brokers: brokers.split(','), clientId: 'teste' }).membership(
  { groupId, topics: [topic], instanceId },
  {
    assigned: ({ length }) => {
      if (length < most) process.kill(process.pid, 'SIGKILL');
      most = length;
      process.stdout.write(`${length}\n`);
    },
    away: () => undefined,
    fatal: (error) => {
      throw error;
    },
  },
);
await member.join();
