import { Command, CommanderError, Help } from 'commander';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import { CodedError, RetryableError } from '#platform/errors.ts';
import { takeSecretsFromFiles } from '#platform/segredos.ts';
import { ptBr } from './portuguese.ts';

/**
 * The subcommands, in the order `--help` shows them. ADD ONE LINE EACH: the name, and its module, which exports
 * `register(program: Command): void`. Modules are small: what is heavy they import inside their action.
 */
const COMMANDS: readonly (() => Promise<{ register(program: Command): void }>)[] = [
  () => import('./commands/up.ts'),
  () => import('./commands/down.ts'),
  () => import('./commands/status.ts'),
  () => import('./commands/demo.ts'),
  () => import('./commands/classify.ts'),
  () => import('./commands/explain.ts'),
  () => import('./commands/recount.ts'),
  () => import('./commands/id.ts'),
  () => import('./commands/import.ts'),
  () => import('./commands/client.ts'),
  () => import('./commands/export.ts'),
  () => import('./commands/forget.ts'),
  () => import('./commands/report.ts'),
  () => import('./commands/key.ts'),
  () => import('./commands/key-change.ts'),
  () => import('./commands/acts.ts'),
  () => import('./commands/audit.ts'),
  () => import('./commands/quarantine.ts'),
  () => import('./commands/lag.ts'),
  () => import('./commands/rebuild.ts'),
  () => import('./commands/reprocess.ts'),
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
  for (const load of COMMANDS) (await load()).register(program);
  ptBr(program);
  return program;
}

/** Errors quote what they were given, which may be a CPF: as an argument, a file's name, an id. */
function tell(text: string): void {
  process.stderr.write(`${ocultaCpf(text)}\n`);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
  if (error instanceof CodedError) {
    tell(`${error.code}: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof RetryableError) {
    tell(`SERVIDOR_FORA: um servidor não responde: ${error.message}`);
    return FAILED;
  }
  tell(`ERRO_INTERNO: ${error instanceof Error ? error.stack : String(error)}`);
  return FAILED;
}

// `atendido … | head`: the reader has had enough, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = await build();
if (process.argv.length <= 2) {
  process.stderr.write(new Help().formatHelp(program, program.createHelp()));
  process.exitCode = MISUSED;
} else {
  try {
    takeSecretsFromFiles();
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}
