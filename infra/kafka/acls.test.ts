import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { topicSpecs } from '#platform/topics.ts';
import { ALL_TOPICS, allAllowed, KAFKA_USERS, type KafkaUser, rightsOf } from './acls.ts';
import { CLASSIFIER, COPIED, MADE_ANEW } from './copy/line.ts';

const list = (names: readonly string[] = []): string =>
  names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(', ');

function row(user: KafkaUser): string {
  const { para, reads, writes, groups = [], transactions } = rightsOf(user);
  return `| \`${user}\` | ${para} | ${list(reads)} | ${list(writes)} | ${list(groups)} | ${list(transactions)} |`;
}

describe('who may do what in Kafka', () => {
  it('is what docs/brokers.md says', () => {
    const page = readFileSync(join(PROJECT_ROOT, 'docs/brokers.md'), 'utf8');
    for (const user of KAFKA_USERS) expect(page).toContain(row(user));
  });

  it('lets the copy of a line read and write all that it copies, change those topics and move the classifier', () => {
    const ofCopy = allAllowed().filter(({ user }) => user === 'copia');
    const may = (operation: string) => ofCopy.filter((one) => one.operation === operation).map(({ name }) => name);
    expect(may('WRITE').sort()).toEqual([...COPIED].sort());
    expect(may('ALTER_CONFIGS').sort()).toEqual([...COPIED].sort());
    expect(may('READ')).toEqual(expect.arrayContaining([...COPIED, ...MADE_ANEW, CLASSIFIER]));
  });

  it('knows every topic there is', () => {
    expect([...ALL_TOPICS].sort()).toEqual(
      topicSpecs(1, 1)
        .map(({ topic }) => topic)
        .sort(),
    );
  });

  it('names nothing twice, and allows nobody all', () => {
    const all = allAllowed().map((one) => JSON.stringify(one));
    expect(new Set(all).size).toBe(all.length);
    expect(allAllowed().filter(({ name }) => name === '' || name === '*')).toEqual([]);
  });

  it('lets nobody but the classifier, who decides, and the operator write decisions, and the door alone keys', () => {
    // Who copies a line to another writes what was decided and given out there; its user is there only meanwhile.
    const writersOf = (topic: string) =>
      KAFKA_USERS.filter((user) => user !== 'copia' && rightsOf(user).writes.some((one) => one === topic));
    expect(writersOf('interacoes-contabilizadas')).toEqual(['classifier', 'operacao']);
    expect(writersOf('lancamentos')).toEqual(['classifier', 'aggregator', 'operacao']);
    expect(writersOf('credenciais')).toEqual(['ingest']);
  });
});
