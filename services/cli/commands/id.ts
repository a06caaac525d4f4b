import type { Command } from 'commander';

async function id(documento: string): Promise<void> {
  const [{ cnpjValido, cpfValido, idDaPj, pseudonimizador }, { resolveClientIdKey }, { CodedError }] =
    await Promise.all([import('#domain/documento.ts'), import('#platform/config.ts'), import('#platform/errors.ts')]);
  if (cpfValido(documento)) process.stdout.write(`${pseudonimizador(resolveClientIdKey())(documento)}\n`);
  else if (cnpjValido(documento)) process.stdout.write(`${idDaPj(documento)}\n`);
  else {
    // The document itself stays out of the message: it may be a CPF with one wrong digit.
    throw new CodedError('DOCUMENTO_INVALIDO', 'não é um CPF nem um CNPJ: confira os dígitos', { exitCode: 2 });
  }
}

export function register(program: Command): void {
  program
    .command('id')
    .summary('o id de cliente de um CPF ou CNPJ')
    .description('Escreve o id de cliente de um CPF (pseudônimo, pela CLIENT_ID_KEY) ou de um CNPJ.')
    .argument('<documento>', 'CPF ou CNPJ, com ou sem pontuação')
    .action(id);
}
