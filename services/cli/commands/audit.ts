import type { Command } from 'commander';
import { numero } from '../formato.ts';

interface Opcoes {
  json?: boolean;
}

async function audit(opcoes: Opcoes): Promise<void> {
  const [{ conectado }, { confereApuracao }, { esperaALinha }, { audita }, { textoDaAuditoria }] = await Promise.all([
    import('../conexoes.ts'),
    import('#platform/reconstrucao/escolha.ts'),
    import('#platform/linha.ts'),
    import('../auditoria.ts'),
    import('../auditoria-texto.ts'),
  ]);
  const auditoria = await conectado(async (conexoes) => {
    await confereApuracao(conexoes);
    process.stderr.write('Esperando a linha terminar o que tem a ler…\n');
    await esperaALinha(conexoes);
    // One may have been applied meanwhile.
    await confereApuracao(conexoes);
    let dito = 0;
    return audita(conexoes, (registros) => {
      if (registros - dito < 100_000) return;
      dito = registros;
      process.stderr.write(`${numero(registros)} registros recontados…\n`);
    });
  });
  process.stdout.write(`${opcoes.json ? JSON.stringify(auditoria, null, 2) : textoDaAuditoria(auditoria)}\n`);
  if (auditoria.diferencas.length > 0) process.exitCode = 1;
}

export function register(program: Command): void {
  program
    .command('audit')
    .summary('reconta tudo desde o começo e compara com o Redis')
    .description(
      'Relê interacoes e presencas desde o começo, reconta em memória só com as regras, e compara clientes, ' +
        'indicadores, métricas e quarentena com o que os serviços têm. Sai com 1, e as diferenças, se houver alguma.',
    )
    .option('--json', 'escreve JSON')
    .action(audit);
}
