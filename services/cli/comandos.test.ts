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
