import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '#platform/config.ts';

let pasta: string;
beforeEach(() => {
  pasta = mkdtempSync(join(tmpdir(), 'atendido partida '));
});
afterEach(() => rmSync(pasta, { recursive: true }));

describe('bin/atendido e a pasta de dados', () => {
  const home = () => join(pasta, 'dados');
  const ajuda = () => {
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    const saida = execFileSync(join(PROJECT_ROOT, 'bin/atendido'), ['--help'], {
      env: { ...env, ATENDIDO_HOME: home() },
      encoding: 'utf8',
    });
    expect(saida).toContain('atendido');
  };

  it('quem só pede ajuda não a cria: seria de quem a pediu primeiro, e de mais ninguém', () => {
    ajuda();
    expect(existsSync(home())).toBe(false);
  });

  it('onde já há uma, guarda nela o que o Node compilou', () => {
    mkdirSync(home());
    ajuda();
    expect(readdirSync(home())).toEqual(['cache']);
  });
});
