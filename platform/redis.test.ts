import { expect, it } from 'vitest';
import { parseRedisUrl, toRetryable } from './redis.ts';

it('reads one address, with credentials and database', () => {
  expect(parseRedisUrl('redis://u:p%40@h:7000/2')).toEqual({
    nodes: [{ host: 'h', port: 7000 }],
    cluster: false,
    options: { username: 'u', password: 'p@', db: 2 },
  });
});

it('reads a cluster, by scheme or by several addresses', () => {
  expect(parseRedisUrl('rediss+cluster://h')).toEqual({
    nodes: [{ host: 'h', port: 6379 }],
    cluster: true,
    options: { tls: {} },
  });
  expect(parseRedisUrl('redis://a:1,redis://b:2')).toMatchObject({
    nodes: [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ],
    cluster: true,
  });
});

it('leaves an error that is a mistake of ours as it is', async () => {
  const mistake = new Error('WRONGTYPE Operation against a key');
  await expect(toRetryable(Promise.reject(mistake))).rejects.toBe(mistake);
});
