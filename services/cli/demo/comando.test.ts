import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { comoSeChama } from './comando.ts';
import { comoSeguir } from './texto.ts';

const BIN = join(PROJECT_ROOT, 'bin');
const SEM = tmpdir();

it('só onde está no PATH o comando se chama pelo nome; depois de um clone, pelo caminho', () => {
  expect(comoSeChama(PROJECT_ROOT, SEM)).toBe(join('bin', 'atendido'));
  expect(comoSeChama(PROJECT_ROOT, [SEM, BIN].join(delimiter))).toBe('atendido');
  for (const pasta of [PROJECT_ROOT, BIN, SEM, join(PROJECT_ROOT, 'docs')]) {
    const dito = execFileSync('/bin/sh', ['-c', `${comoSeChama(pasta, SEM)} --version`], {
      cwd: pasta,
      encoding: 'utf8',
    });
    expect(dito, pasta).toMatch(/^\d/);
  }
});

it('é assim que a demonstração diz o que fazer a seguir', () => {
  vi.stubEnv('PATH', SEM);
  for (const ficou of [true, false]) {
    const texto = comoSeguir({ api: 'http://127.0.0.1:1', clienteDeExemplo: 'pf:x' }, ficou).join('\n');
    expect(texto).toContain(ficou ? '  bin/atendido client pf:x ' : '`bin/atendido demo`');
    expect(texto).not.toMatch(/(?<!bin\/)atendido (demo|report|client|status|lag|audit|down)/);
  }
  vi.unstubAllEnvs();
});
