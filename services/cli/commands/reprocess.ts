import type { Command } from 'commander';
import { instanteDe } from '../instante.ts';

interface Opcoes {
  /** Milliseconds since the epoch. */
  from: number;
  rulebook: string;
  apply?: boolean;
  por?: string;
  json?: boolean;
}

async function ensaia({ from: desde, rulebook: arquivo, json }: Opcoes): Promise<void> {
  const [{ conectado }, { carregaRulebook }, { abreProgresso }, reprocessamento, { textoDoEnsaio }, { Postas }] =
    await Promise.all([
      import('../conexoes.ts'),
      import('../offline.ts'),
      import('../progresso.ts'),
      import('../reprocessamento.ts'),
      import('../reprocessamento-texto.ts'),
      import('#platform/quarentena/postas.ts'),
    ]);
  const { rulebook } = await carregaRulebook(arquivo);
  const ensaio = await conectado((conexoes) => {
    const { kafka, quarentenas, resolucoes } = conexoes;
    const postas = new Postas(kafka, quarentenas, resolucoes);
    const partes = { ...conexoes, rulebooks: conexoes.apuracoes.rulebooksEmVigor, postas };
    return reprocessamento.ensaia(partes, { desde, rulebook }, (total) => abreProgresso('Relendo', total));
  });
  process.stdout.write(`${json ? JSON.stringify(ensaio, null, 2) : textoDoEnsaio(ensaio)}\n`);
}

async function aplica({ from: desde, rulebook: arquivo, por, json }: Opcoes): Promise<void> {
  const [{ conectado }, { carregaRulebook }, { autorDe }, aplicacao, { partesDaAplicacao }, texto, comando] =
    await Promise.all([
      import('../conexoes.ts'),
      import('../offline.ts'),
      import('../autor.ts'),
      import('../apuracao/aplicacao.ts'),
      import('../apuracao/partes.ts'),
      import('../apuracao/texto.ts'),
      import('../em-andamento.ts'),
    ]);
  const pedido = { desde, ...(await carregaRulebook(arquivo)), por: autorDe(por) };
  const progresso = comando.dizOndeEsta(texto.linhaDaEtapa);
  const saida = 'parei; se acima não está dito `Em vigor`, nada mudou; se está, a linha termina por si';
  const feita = await comando.interrompivel(saida, (sinal) =>
    conectado(async (conexoes) => {
      const partes = await partesDaAplicacao(conexoes);
      try {
        return await aplicacao.aplica(partes, pedido, { sinal, progresso });
      } finally {
        await partes.producer.close();
      }
    }),
  );
  process.stdout.write(`${json ? JSON.stringify(feita, null, 2) : texto.textoDaAplicacao(feita)}\n`);
}

async function historico({ json }: { json?: boolean }): Promise<void> {
  const [{ conectado }, { historicoDe, textoDoHistorico }] = await Promise.all([
    import('../conexoes.ts'),
    import('../apuracao/texto.ts'),
  ]);
  const todas = await conectado(async ({ apuracoes }) => historicoDe(apuracoes));
  process.stdout.write(`${json ? JSON.stringify(todas, null, 2) : textoDoHistorico(todas)}\n`);
}

export function register(program: Command): void {
  const reprocess = program
    .command('reprocess')
    .summary('outro rulebook para a história: o que mudaria, e a troca')
    .description(
      'Relê interacoes e presencas e mostra o que mudaria se outro rulebook decidisse as interações que aconteceram ' +
        'desde um instante: por indicador, motivo, tipo e unidade. Sem --apply nada é mudado. Com --apply, a história é ' +
        'decidida de novo ao lado da linha, que não para, e passa a valer. Veja docs/reprocess.md.',
    );
  reprocess
    .command('run', { isDefault: true })
    .description('mostra o que mudaria ou, com --apply, faz valer (é o que `atendido reprocess` faz)')
    .requiredOption('--from <instante>', 'dia (2026-01-01) ou instante com fuso, da própria interação', instanteDe)
    .requiredOption('--rulebook <arquivo>', 'arquivo YAML do outro rulebook')
    .option('--apply', 'faz valer: decide de novo a história e troca o que está no ar')
    .option('--por <nome>', 'quem aplica; sem isto, o usuário do sistema')
    .option('--json', 'escreve JSON')
    .action((opcoes: Opcoes) => (opcoes.apply ? aplica(opcoes) : ensaia(opcoes)));
  reprocess
    .command('history')
    .description('quem aplicou que rulebook, quando, e qual está em vigor')
    .option('--json', 'escreve JSON')
    .action(historico);
}
