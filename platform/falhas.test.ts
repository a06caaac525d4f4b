import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { falhaDe } from './falhas.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atendido-falhas-'));
  file = join(folder, 'feita');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('breaks at the point asked for, once', () => {
  const falha = falhaDe({ ATENDIDO_FALHA: `aggregator:publicada defeito ${file}` });
  falha('aggregator:gravada');
  expect(() => falha('aggregator:publicada')).toThrow(TypeError);
  falha('aggregator:publicada');
});

it('is the same function that does nothing where nobody asks, and in production', () => {
  const asked = { ATENDIDO_FALHA: `aggregator:publicada defeito ${file}` };
  const none = falhaDe({});
  expect(falhaDe({ ...asked, ATENDIDO_MODO: 'producao' })).toBe(none);
  expect(falhaDe({ ...asked, NODE_ENV: 'production' })).toBe(none);
  none('aggregator:publicada');
  expect(existsSync(file)).toBe(false);
});
