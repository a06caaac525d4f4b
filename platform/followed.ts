import type { InputRecord, Kafka } from './kafka/port.ts';

/** A record of a followed topic. */
export interface Arrived {
  topic: string;
  record: InputRecord;
}

/** What is made of the records of followed topics. */
export interface Intake {
  /** Asked first, of some records in the order they came: what fails here is tried again, with them all. */
  prepare: (arrived: readonly Arrived[]) => Promise<unknown>;
  /** Takes one in; may not wait. */
  apply: (arrived: Arrived) => void;
}

/** Topics in memory, and following. */
export interface Followed {
  /**
   * Resolves when every record acknowledged before the call is taken in.
   * @throws RetryableError Kafka or the registry is away
   */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Reads topics whole and goes on following them: records wait between arrival and the next look. */
export async function followRecords(
  kafka: Pick<Kafka, 'follow'>,
  topics: readonly string[],
  intake: Intake,
): Promise<Followed> {
  let pending: Arrived[] = [];
  /** One at a time, or two would take the same records off. */
  let drained: Promise<void> = Promise.resolve();
  const drain = async (): Promise<void> => {
    const taken = [...pending];
    if (taken.length === 0) return;
    await intake.prepare(taken);
    // Only now, and at once: what failed above is still pending, and what came meanwhile keeps its place behind.
    for (const arrived of taken) intake.apply(arrived);
    pending = pending.slice(taken.length);
  };
  const follower = await kafka.follow(topics, ({ topic }, record) => pending.push({ topic, record }));
  const followed: Followed = {
    async caughtUp() {
      await follower.caughtUp();
      const ours = drained.then(drain);
      // What fails is told to who asked; the next one tries again.
      drained = ours.catch(() => undefined);
      await ours;
    },
    stop: () => follower.stop(),
  };
  try {
    await followed.caughtUp();
  } catch (error) {
    await follower.stop();
    throw error;
  }
  return followed;
}
