import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { takeSecretsFromFiles } from './segredos.ts';

const folder = mkdtempSync(join(tmpdir(), 'atendido-segredos-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('takeSecretsFromFiles', () => {
  it('gives a variable what its file holds, without the line end', () => {
    const env: Record<string, string | undefined> = {
      CLIENT_ID_KEY_FILE: fileOf('key', 'abc def\n'),
      REDIS_URL_FILE: fileOf('redis', 'redis://:s@r:6379'),
      OTHER_FILE: 'stays',
    };
    takeSecretsFromFiles(env);
    expect(env).toEqual({ CLIENT_ID_KEY: 'abc def', REDIS_URL: 'redis://:s@r:6379', OTHER_FILE: 'stays' });
  });

  it('leaves alone what the process does without: the file may be mounted for others only', () => {
    const none = join(folder, 'none');
    const given = { CLIENT_ID_KEY_FILE: none, CLIENT_ID_KEY_ANTERIOR_FILE: none, REDIS_PASSWORD_FILE: none };
    const env: Record<string, string | undefined> = { ...given, KAFKA_SASL_PASSWORD_FILE: fileOf('kafka', 's') };
    takeSecretsFromFiles(env, ['CLIENT_ID_KEY', 'REDIS_URL']);
    expect(env).toEqual({ ...given, KAFKA_SASL_PASSWORD: 's' });
    expect(() => takeSecretsFromFiles(env, ['REDIS_URL'])).toThrow(
      expect.objectContaining({ code: 'SEGREDO_ILEGIVEL', message: expect.stringContaining('CLIENT_ID_KEY') }),
    );
  });

  it('refuses both, naming them', () => {
    const env = { CLIENT_ID_KEY: 'a', CLIENT_ID_KEY_FILE: fileOf('key', 'b') };
    expect(() => takeSecretsFromFiles(env)).toThrow(
      expect.objectContaining({ code: 'SEGREDO_REPETIDO', message: expect.stringContaining('CLIENT_ID_KEY_FILE') }),
    );
  });

  it.each([
    ['is not there', join(folder, 'none')],
    ['is empty', fileOf('empty', '\n')],
  ])('refuses a file that %s, naming the variable and the file', (_, file) => {
    expect(() => takeSecretsFromFiles({ KAFKA_SASL_PASSWORD_FILE: file })).toThrow(
      expect.objectContaining({ code: 'SEGREDO_ILEGIVEL', message: expect.stringContaining(file) }),
    );
  });
});
