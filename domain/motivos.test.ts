import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  MOTIVOS_CONTABILIZA,
  MOTIVOS_DA_CHAVE,
  MOTIVOS_DO_TITULAR,
  MOTIVOS_NAO_CONTABILIZA,
  MOTIVOS_QUARENTENA,
} from './decisao.ts';
import { descricaoDe, MOTIVOS } from './motivos.ts';
import { TESTES_DE_QUARENTENA } from './quarentena.ts';
import { TESTES_DE_CONTAGEM } from './regras.ts';

const TODOS = [
  ...MOTIVOS_QUARENTENA,
  ...MOTIVOS_DA_CHAVE,
  ...MOTIVOS_NAO_CONTABILIZA,
  ...MOTIVOS_DO_TITULAR,
  ...MOTIVOS_CONTABILIZA,
];

describe('os motivos', () => {
  it('são quarenta e sete, cada um uma vez', () => {
    expect(TODOS).toHaveLength(47);
    expect([...MOTIVOS].sort()).toEqual([...TODOS].sort());
  });

  it('são testados na ordem em que estão escritos', () => {
    expect(TESTES_DE_QUARENTENA.flatMap((t) => t.motivos)).toEqual([...MOTIVOS_QUARENTENA]);
    expect(TESTES_DE_CONTAGEM.flatMap((t) => t.motivos)).toEqual([...MOTIVOS_NAO_CONTABILIZA]);
  });

  it('estão todos em docs/motivos.md, com a mesma descrição, a cláusula e o que fazer', () => {
    const pagina = readFileSync(join(import.meta.dirname, '..', 'docs', 'motivos.md'), 'utf8');
    const linhas = pagina.split('\n').filter((l) => /^\| [A-Z_]+ \|/.test(l));
    const celulas = linhas.map((l) => l.split('|').map((c) => c.trim()));
    expect(celulas.map((c) => [c[1], c[2]])).toEqual(TODOS.map((m) => [m, descricaoDe(m)]));
    expect(celulas.filter((c) => !c[3] || !c[4])).toEqual([]);
  });
});
