import type { Command } from 'commander';
import { instanteDe } from '../instante.ts';

interface Opcoes {
  /** Milliseconds since the epoch. */
  from: number;
  rulebook: string;
  json?: boolean;
}

async function reprocess({ from: desde, rulebook: arquivo, json }: Opcoes): Promise<void> {
  const [{ conectado }, { carregaRulebook }, { abreProgresso }, { ensaia }, { textoDoEnsaio }] = await Promise.all([
    import('../conexoes.ts'),
    import('../offline.ts'),
    import('../demo/progresso.ts'),
    import('../reprocessamento.ts'),
    import('../reprocessamento-texto.ts'),
  ]);
  const aPartir = { desde, rulebook: await carregaRulebook(arquivo) };
  const ensaio = await conectado((conexoes) => ensaia(conexoes, aPartir, (total) => abreProgresso('Relendo', total)));
  process.stdout.write(`${json ? JSON.stringify(ensaio, null, 2) : textoDoEnsaio(ensaio)}\n`);
}

export function register(program: Command): void {
  program
    .command('reprocess')
    .summary('o que mudaria se outro rulebook decidisse a história')
    .description(
      'Relê interacoes e presencas e mostra o que mudaria se outro rulebook decidisse as interações que aconteceram\n' +
        'desde um instante: por indicador, motivo, tipo e unidade. Nada é mudado, e a linha não espera.\n' +
        'Veja docs/reprocess.md.',
    )
    .requiredOption('--from <instante>', 'dia (2026-01-01) ou instante com fuso, da própria interação', instanteDe)
    .requiredOption('--rulebook <arquivo>', 'arquivo YAML do outro rulebook')
    .option('--json', 'escreve JSON')
    .action(reprocess);
}
