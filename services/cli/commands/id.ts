import type { Command } from 'commander';

async function escreveId(documento: string): Promise<void> {
  const [{ cpfValido, idDoDocumento, pseudonimizador }, config, { CodedError }] = await Promise.all([
    import('#domain/documento.ts'),
    import('#platform/config.ts'),
    import('#platform/errors.ts'),
  ]);
  // A CNPJ needs no key.
  // With the key of before too, whose name it is depends on who was known when the key was changed.
  const trocada = cpfValido(documento) && config.resolvePreviousClientIdKey() !== null;
  const id = trocada
    ? await (await import('../conexoes.ts')).conectado(async ({ nomes }) => nomes.procura(documento))
    : idDoDocumento(documento, (cpf) => pseudonimizador(config.resolveClientIdKey())(cpf));
  // The document itself stays out of the message: it may be a CPF with one wrong digit.
  if (id === null)
    throw new CodedError('DOCUMENTO_INVALIDO', 'não é um CPF nem um CNPJ: confira os dígitos', { exitCode: 2 });
  process.stdout.write(`${id}\n`);
}

export function register(program: Command): void {
  program
    .command('id')
    .summary('o id de cliente de um CPF ou CNPJ')
    .description('Escreve o id de cliente de um CPF (pseudônimo, pela CLIENT_ID_KEY) ou de um CNPJ.')
    .argument('<documento>', 'CPF ou CNPJ, com ou sem pontuação')
    .action(escreveId);
}
