import { readdirSync } from 'node:fs';
import { Command } from 'commander';
import { beforeAll, expect, it } from 'vitest';
import { ptBr } from './portuguese.ts';

const program = new Command('atendido');
beforeAll(async () => {
  const pasta = new URL('./commands/', import.meta.url);
  for (const nome of readdirSync(pasta)) {
    const { register }: { register(p: Command): void } = await import(new URL(nome, pasta).pathname);
    register(program);
  }
  ptBr(program);
});

/** Commands that do something: a group only holds others. */
function folhas(comando: Command, nome = ''): [nome: string, comando: Command][] {
  if (comando.commands.length === 0) return [[nome.trim(), comando]];
  return comando.commands.flatMap((sub) => folhas(sub, `${nome} ${sub.name()}`));
}

it('o que um grupo faz sem subcomando, a sua ajuda mostra com que opções', () => {
  const grupos = program.commands.filter(({ commands }) => commands.some((c) => c.name() === 'run'));
  expect(grupos.map((g) => g.name())).toEqual(['rebuild', 'reprocess']);
  for (const grupo of grupos) {
    const ajuda = grupo.helpInformation();
    const padrao = grupo.commands.find((c) => c.name() === 'run');
    for (const { flags } of padrao?.options ?? []) expect(ajuda, grupo.name()).toContain(`  ${flags} `);
    expect(ajuda.match(/--help/g)).toHaveLength(1);
  }
});

it('a ajuda não traz palavras da biblioteca', () => {
  for (const comando of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
    expect(comando.helpInformation(), comando.name()).not.toMatch(/\[(options|command)\]|display help/);
  }
});

it('cada parágrafo é uma linha, que a ajuda quebra onde o terminal acaba; as descrições começam e acabam iguais', () => {
  for (const comando of program.commands.flatMap((c) => [c, ...c.commands])) {
    const nome = comando.name();
    const linhas = comando.description().split('\n');
    for (const linha of linhas.filter((l) => linhas.length > 1 && l !== '')) {
      // What is drawn in columns fits; a paragraph ends where a sentence does.
      if (linha.startsWith('  ')) expect(linha.length, linha).toBeLessThanOrEqual(80);
      else expect(linha, nome).toMatch(/[.:]$/);
    }
    expect(comando.summary() || comando.description(), nome).toMatch(/^[a-záéíóú]/);
    expect(comando.helpInformation().split('\n')[2], nome).toMatch(/^\p{Lu}/u);
  }
});

it('todo comando tem --help e, como todos escrevem algum resultado, --json', () => {
  const todos = folhas(program);
  expect(todos.length).toBeGreaterThan(25);
  const sem = todos.filter(([, c]) => !c.options.some(({ long }) => long === '--json')).map(([nome]) => nome);
  expect(sem).toEqual([]);
  for (const [nome, comando] of todos) {
    expect(comando.helpInformation(), nome).toMatch(/--help +mostra/);
    expect(comando.description(), nome).not.toBe('');
  }
});
