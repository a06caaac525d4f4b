import { type Command, InvalidArgumentError } from 'commander';

interface Opcoes {
  events: number;
  seed: number;
  once?: boolean;
  json?: boolean;
}

const MAIS_EVENTOS = 100_000_000;

function inteiro(de: number, ate: number): (texto: string) => number {
  return (texto) => {
    const n = Number(texto);
    if (Number.isInteger(n) && n >= de && n <= ate) return n;
    throw new InvalidArgumentError(`precisa ser um número inteiro de ${de} a ${ate}`);
  };
}

async function demo({ events, seed, once = false, json = false }: Opcoes): Promise<void> {
  const [{ naPilha }, { executaDemo }, { textoDaDemo }, { loadRulebooks }] = await Promise.all([
    import('../demo/pilha.ts'),
    import('../demo/executa.ts'),
    import('../demo/texto.ts'),
    import('#platform/rulebooks.ts'),
  ]);
  const opcoes = { eventos: events, semente: seed };
  // Services that run elsewhere, in containers say: nothing to bring up, and nothing of ours to take down.
  const fora = process.env.ATENDIDO_API_URL ? (await import('../api.ts')).enderecoDaApi() : '';
  const resultado = fora
    ? await executaDemo(opcoes, { porta: fora, api: fora })
    : await naPilha(once, (portas) => executaDemo(opcoes, portas));
  if (json) process.stdout.write(`${JSON.stringify(resultado, null, 2)}\n`);
  else {
    const rulebook = (await loadRulebooks()).em(Date.now());
    process.stdout.write(textoDaDemo(resultado, rulebook, !once));
  }
  if (resultado.auditoria.diferencas.length > 0) process.exitCode = 1;
}

export function register(program: Command): void {
  program
    .command('demo')
    .summary('sobe tudo, envia tráfego de mentira e mostra o resultado conferido')
    .description(
      'Sobe a pilha e os serviços se não estiverem no ar, envia interações como as dos sistemas de verdade (parte ' +
        'pela porta HTTP, parte pela biblioteca de produtores), espera que todas passem e mostra indicadores, motivos, ' +
        'quarentena e tempos. No fim reconta tudo em memória e compara: sai com 1 se houver diferença. ' +
        'Com ATENDIDO_API_URL definida usa os serviços que já estão lá, e não sobe nem para nada.',
    )
    .option('--events <n>', 'quantos eventos enviar', inteiro(1, MAIS_EVENTOS), 100_000)
    .option('--seed <n>', 'semente: a mesma dá o mesmo tráfego', inteiro(0, 2_147_483_647), 42)
    .option('--once', 'no fim, ou se algo falhar, não deixa nada no ar')
    .option('--json', 'escreve o resultado em JSON')
    .action(demo);
}
