import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import { connectRedis, type RedisConnection, toRetryable } from '#platform/redis.ts';

let ours: RedisConnection;
let other: RedisConnection;

beforeEach(() => {
  [ours, other] = [connectRedis(inject('redisUrl'), 'teste'), connectRedis(inject('redisUrl'), 'outro')];
  for (const one of [ours, other]) one.on('error', () => undefined);
});

afterEach(async () => {
  await other.del('redis-teste');
  for (const one of [ours, other]) one.disconnect();
});

it('fails a write whose connection broke while it was in flight, and does not send it again', async () => {
  await ours.ping();
  const id = await ours.client('ID');
  // Writes wait at the server until the pause ends: the command is sent and not yet done.
  await other.client('PAUSE', 60_000, 'WRITE');
  const answer = toRetryable(ours.incr('redis-teste'));
  const refused = expect(answer).rejects.toBeInstanceOf(RetryableError);
  await expect.poll(async () => String(await other.client('LIST'))).toMatch(/name=atendido-teste .*cmd=incr/);
  await other.client('KILL', 'ID', id);
  await refused;
  await other.client('UNPAUSE');
  // Connected again: the next command goes well, and the lost one was not repeated before it.
  await expect.poll(() => ours.ping().catch(() => 'longe')).toBe('PONG');
  expect(await ours.get('redis-teste')).toBeNull();
});

it('waits for memory where a transaction is refused; a mistake in one is a mistake', async () => {
  await other.config('SET', 'maxmemory', '1');
  try {
    const refused = toRetryable(ours.multi().set('redis-teste', 'x').exec());
    await expect(refused).rejects.toThrow(RetryableError);
    await expect(refused).rejects.toThrow(/OOM/);
    // Redis 6 refuses even one that only reads; later ones answer it.
    const read: unknown = await toRetryable(ours.multi().get('redis-teste').exec()).catch((error: unknown) => error);
    if (read instanceof RetryableError) expect(read.message).toMatch(/OOM/);
    else expect(read).toEqual([[null, null]]);
  } finally {
    await other.config('SET', 'maxmemory', '0');
  }
  const wrong = toRetryable(ours.multi().call('get').exec());
  await expect(wrong).rejects.toThrow(/EXECABORT/);
  await expect(wrong).rejects.not.toThrow(RetryableError);
});

it('waits for memory where a write of a script is refused; a mistake in one is a mistake', async () => {
  const write = "redis.call('SET', KEYS[1], 'x')";
  await other.config('SET', 'maxmemory', '1');
  try {
    const refused = toRetryable(ours.eval(write, 1, 'redis-teste'));
    await expect(refused).rejects.toThrow(RetryableError);
    await expect(refused).rejects.toThrow(/OOM/);
  } finally {
    await other.config('SET', 'maxmemory', '0');
  }
  const wrong = toRetryable(ours.eval(`${write} redis.call('HSET', KEYS[1], 'a', 'b')`, 1, 'redis-teste'));
  await expect(wrong).rejects.toThrow(/WRONGTYPE/);
  await expect(wrong).rejects.not.toThrow(RetryableError);
  await other.del('redis-teste');
});

it.each(['redis', 'redis+cluster'])('waits for one that is not there, also in a transaction (%s)', async (scheme) => {
  const nowhere = connectRedis(`${scheme}://127.0.0.1:1`, 'teste');
  nowhere.on('error', () => undefined);
  await expect(toRetryable(nowhere.get('x'))).rejects.toBeInstanceOf(RetryableError);
  await expect(toRetryable(nowhere.multi().get('x').exec())).rejects.toBeInstanceOf(RetryableError);
  nowhere.disconnect();
});
