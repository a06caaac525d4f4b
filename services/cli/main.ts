import { Command, CommanderError, Help } from 'commander';
import { CodedError } from '#platform/errors.ts';
import { ptBr } from './portuguese.ts';

/**
 * The subcommands, in the order `--help` shows them. ADD ONE LINE EACH: the name, and its module, which exports
 * `register(program: Command): void`. Modules are small: what is heavy they import inside their action.
 */
const COMMANDS: readonly (() => Promise<{ register(program: Command): void }>)[] = [
  () => import('./commands/up.ts'),
  () => import('./commands/down.ts'),
  () => import('./commands/status.ts'),
];

/** Exit codes: 1 the command failed, 2 it was not asked for rightly. */
const FAILED = 1;
const MISUSED = 2;

async function build(): Promise<Command> {
  const program = new Command('atendido')
    .description('Decide quais interações tornam um cliente do Sebrae atendido, e conta cada uma uma só vez.')
    .usage('COMANDO [OPÇÕES]')
    .version('0.1.0', '-V, --version', 'mostra a versão')
    .exitOverride();
  ptBr(program);
  for (const load of COMMANDS) (await load()).register(program);
  // Settings made before do not reach commands registered by their own modules otherwise.
  for (const command of program.commands) ptBr(command.exitOverride());
  return program;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
  if (error instanceof CodedError) {
    process.stderr.write(`${error.code}: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`ERRO_INTERNO: ${error instanceof Error ? error.stack : String(error)}\n`);
  return FAILED;
}

const program = await build();
if (process.argv.length <= 2) {
  process.stderr.write(new Help().formatHelp(program, program.createHelp()));
  process.exitCode = MISUSED;
} else {
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}
