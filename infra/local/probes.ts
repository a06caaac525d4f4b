import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';

const PROBE_MS = 2_000;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A stranger may have taken the port meanwhile, and answer before ours has found out: nobody is to be sent there. */
const NOT_OURS = 'outro processo responde na sua porta';

/** Where the registry, which does not tell its pid, says which process of all it is. */
export const MARK_HEADER = 'X-Atendido-Processo';

/**
 * Ready when it answers 2xx; a JSON body's `causa` says why it does not.
 * @param ours how the process asked about is known: by the pid that its body names, or the mark in its header
 */
export async function probeHttp(
  url: string,
  ours: { pid: number | undefined } | { mark: string },
): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) });
    const body = (await answer.json().catch(() => null)) as { causa?: unknown; pid?: unknown } | null;
    const isOurs = 'mark' in ours ? answer.headers.get(MARK_HEADER) === ours.mark : body?.pid === ours.pid;
    if (!isOurs) return NOT_OURS;
    if (answer.ok) return null;
    return typeof body?.causa === 'string' ? body.causa : `respondeu ${answer.status}`;
  } catch {
    return 'ainda não responde';
  }
}

/**
 * Ready when the broker answers a metadata request: the port is open some time before.
 * @param cluster the id that its data folder was formatted with
 */
export async function probeKafka(port: number, cluster: string | undefined): Promise<string | null> {
  const admin = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: PROBE_MS,
    requestTimeout: PROBE_MS,
    retry: { retries: 0 },
  }).admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    return (await admin.describeCluster()).clusterId === cluster ? null : NOT_OURS;
  } catch (error) {
    return reasonOf(error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Ready when it answers PING: not while it reads its file back. */
export async function probeRedis(port: number, pid: number | undefined): Promise<string | null> {
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
    return (await redis.info('server')).includes(`\r\nprocess_id:${pid}\r\n`) ? null : NOT_OURS;
  } catch (error) {
    return reasonOf(error);
  } finally {
    redis.disconnect();
  }
}
