import { readdirSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectRedis } from '#platform/redis.ts';
import type { Line } from '../line/line.ts';
import type { CpfSearch, Found } from './cpf-search.ts';

/** Every record of every topic: keys, values and headers, as bytes. */
export async function inTopics(line: Line, cpfs: CpfSearch): Promise<Found[]> {
  const found: Found[] = [];
  const dirs = readdirSync(join(line.home, 'dados', 'kafka'), { recursive: true, encoding: 'utf8' });
  const topics = new Set(dirs.flatMap((dir) => /([\w-]+)-\d+$/.exec(dir)?.[1] ?? []));
  if (topics.size < 12) throw new Error(`not all topics: ${[...topics]}`);
  // Its own are Kafka's alone to read; their files are looked through as all are.
  for (const topic of [...topics].filter((name) => !name.startsWith('__'))) {
    await line.kafka.readToEnd(topic, {
      onBatch: ({ records }) => {
        for (const { key: k, value, headers } of records) {
          found.push(...[k, value].flatMap((part) => cpfs.inBytes(`topic ${topic}`, part)));
          const pairs = Object.entries(headers).flat();
          found.push(...pairs.flatMap((part) => cpfs.inBytes(`a header in ${topic}`, part)));
        }
      },
    });
  }
  return found;
}

/** Every key and value, as commands give them and as a dump has them. */
export async function inRedis(line: Line, cpfs: CpfSearch): Promise<Found[]> {
  const redis = connectRedis(line.config.redis, 'test');
  try {
    const found: Found[] = [];
    for (const name of await redis.keysBuffer('*')) {
      found.push(...cpfs.inBytes('a key of Redis', name));
      found.push(...cpfs.inBytes(`Redis, ${name}`, await redis.dumpBuffer(name)));
      const type = await redis.type(name);
      const held = type === 'hash' ? Object.entries(await redis.hgetall(name)).flat() : [];
      if (type === 'string') held.push((await redis.getBuffer(name))?.toString('latin1') ?? '');
      if (type === 'set') held.push(...(await redis.smembers(name)));
      found.push(...held.flatMap((text) => cpfs.inBytes(`Redis, ${name}`, Buffer.from(text, 'latin1'))));
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

/** What a core dump of a process would hold. */
export async function inMemory(name: string, pid: number, cpfs: CpfSearch): Promise<Found[]> {
  const maps = (await readFile(`/proc/${pid}/maps`, 'latin1')).matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm);
  const memory = await open(`/proc/${pid}/mem`, 'r');
  try {
    const found: Found[] = [];
    for (const [, from = '', to = ''] of maps) {
      found.push(...(await cpfs.inHandle(`the memory of ${name}`, memory, parseInt(from, 16), parseInt(to, 16))));
    }
    return found;
  } finally {
    await memory.close();
  }
}
