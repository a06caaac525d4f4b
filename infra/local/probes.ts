import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';

const PROBE_MS = 2_000;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Ready when it answers 2xx; a JSON body's `causa` says why it does not.
 * @param pid the process asked about, for those that name theirs: two stacks that start together may meet on a port
 */
export async function probeHttp(url: string, pid?: number): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) });
    const body = (await answer.json().catch(() => null)) as { causa?: unknown; pid?: unknown } | null;
    if (pid !== undefined && body?.pid !== pid) return 'outro processo responde na sua porta';
    if (answer.ok) return null;
    return typeof body?.causa === 'string' ? body.causa : `respondeu ${answer.status}`;
  } catch {
    return 'ainda não responde';
  }
}

/** Ready when the broker answers a metadata request: the port is open some time before. */
export async function probeKafka(port: number): Promise<string | null> {
  const admin = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: PROBE_MS,
    requestTimeout: PROBE_MS,
    retry: { retries: 0 },
  }).admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    await admin.listTopics();
    return null;
  } catch (error) {
    return reasonOf(error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Ready when it answers PING: not while it reads its file back. */
export async function probeRedis(port: number): Promise<string | null> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    connectTimeout: PROBE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableReadyCheck: false,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
    return null;
  } catch (error) {
    return reasonOf(error);
  } finally {
    redis.disconnect();
  }
}
