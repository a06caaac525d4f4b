import { Attempts } from '../attempts.ts';
import type { Sending } from '../driver.ts';
import type { KafkaConfig } from '../settings.ts';
import type { PackedSlice } from './encode.ts';
import { Link } from './link.ts';
import { produce } from './produce.ts';

const ATTEMPTS = 6;

export async function newSending(config: KafkaConfig, once: boolean): Promise<Sending<PackedSlice>> {
  const link = new Link(config);
  await link.ask(() => link.topics([]));
  const attempts = new Attempts(once ? 1 : ATTEMPTS);
  return {
    send: (round) => {
      return attempts.make(
        () => link.ask(() => produce(link, round, null)),
        async () => undefined,
      );
    },
    close: async () => {
      attempts.end();
      await link.close();
    },
  };
}
