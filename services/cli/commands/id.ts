import type { Command } from 'commander';
import type { Pseudonimizador } from '#domain/documento.ts';

/** How CPFs are named: as Kafka says where there is one, else by the key alone, as `classify` does. */
async function nomeador(): Promise<Pseudonimizador> {
  const [config, { connectLocal }, { CodedError }] = await Promise.all([
    import('#platform/config.ts'),
    import('#platform/config-stack.ts'),
    import('#platform/errors.ts'),
  ]);
  const { pseudonimizador } = await import('#domain/documento.ts');
  let local: ReturnType<typeof connectLocal>;
  try {
    local = connectLocal();
  } catch (error) {
    // With the key of before too, whose name it is depends on who was known when the key was changed.
    const conhecida = error instanceof CodedError && error.code === 'PILHA_PARADA';
    if (!conhecida || config.resolvePreviousClientIdKey() !== null) throw error;
    return pseudonimizador(config.resolveClientIdKey());
  }
  const [{ createKafka }, { createLogger }, { followNomes }] = await Promise.all([
    import('#platform/kafka/index.ts'),
    import('#platform/logging.ts'),
    import('#platform/nomes.ts'),
  ]);
  const kafka = createKafka({ ...local.kafka, clientId: 'atendido-cli', log: createLogger('cli', 'silent') });
  const { nomes, stop } = await followNomes(kafka, local);
  await stop();
  return nomes.procura;
}

async function escreveId(documento: string, { json }: { json?: boolean }): Promise<void> {
  const [{ cpfValido, idDoDocumento }, { CodedError }] = await Promise.all([
    import('#domain/documento.ts'),
    import('#platform/errors.ts'),
  ]);
  // A CNPJ needs no key.
  const id = cpfValido(documento) ? (await nomeador())(documento) : idDoDocumento(documento, () => '');
  // The document itself stays out of the message: it may be a CPF with one wrong digit.
  if (id === null)
    throw new CodedError('DOCUMENTO_INVALIDO', 'não é um CPF nem um CNPJ: confira os dígitos', { exitCode: 2 });
  process.stdout.write(`${json ? JSON.stringify({ id }) : id}\n`);
}

export function register(program: Command): void {
  program
    .command('id')
    .summary('o id de cliente de um CPF ou CNPJ')
    .description(
      'Escreve o id de cliente de um CPF (pseudônimo, pela CLIENT_ID_KEY) ou de um CNPJ. De um CPF pergunta ao Kafka, onde há ' +
        'um, se a chave foi trocada, e é a que está em uso; onde não há, vale a chave dada.',
    )
    .argument('<documento>', 'CPF ou CNPJ, com ou sem pontuação')
    .option('--json', 'escreve JSON: {"id"}')
    .action(escreveId);
}
