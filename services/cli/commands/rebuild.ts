import type { Command } from 'commander';
import type { PartesDaReconstrucao } from '#platform/reconstrucao/reconstrucao.ts';

interface Opcoes {
  json?: boolean;
}

interface OpcoesDoRebuild extends Opcoes {
  por?: string;
  acceptDifferences?: boolean;
}

async function comPartes<T>(trabalho: (partes: PartesDaReconstrucao) => Promise<T>): Promise<T> {
  const [{ conectado }, { partesDaReconstrucao }] = await Promise.all([
    import('../conexoes.ts'),
    import('../reconstrucao/partes.ts'),
  ]);
  return conectado(async (conexoes) => {
    const partes = await partesDaReconstrucao(conexoes);
    try {
      return await trabalho(partes);
    } finally {
      await partes.producer.close();
    }
  });
}

async function reconstroiOuVolta(opcoes: OpcoesDoRebuild & { volta?: boolean }): Promise<void> {
  const [{ reconstroi }, { linhaDaEtapa, textoDaReconstrucao }, { dizOndeEsta, interrompivel }, { autorDe }] =
    await Promise.all([
      import('#platform/reconstrucao/reconstrucao.ts'),
      import('../reconstrucao/texto.ts'),
      import('../em-andamento.ts'),
      import('../autor.ts'),
    ]);
  const progresso = dizOndeEsta(linhaDaEtapa);
  const { volta = false, acceptDifferences = false } = opcoes;
  const continua = volta ? 'atendido rebuild back' : 'atendido rebuild';
  const saida = `parei onde estava; \`${continua}\` continua daqui, \`atendido rebuild cancel\` desiste`;
  const pedido = { volta, aceitaDiferencas: acceptDifferences, por: autorDe(opcoes.por) };
  const resultado = await interrompivel(saida, (sinal) =>
    comPartes((partes) => reconstroi(partes, { ...pedido, sinal, progresso })),
  );
  process.stdout.write(`${opcoes.json ? JSON.stringify(resultado, null, 2) : textoDaReconstrucao(resultado)}\n`);
  if (!resultado.trocada) process.exitCode = 1;
}

async function apaga(papel: 'anterior' | 'nova', opcoes: Opcoes): Promise<void> {
  const [{ descarta }, { linhaDaEtapa, textoDoDescarte }, { dizOndeEsta }] = await Promise.all([
    import('#platform/reconstrucao/reconstrucao.ts'),
    import('../reconstrucao/texto.ts'),
    import('../em-andamento.ts'),
  ]);
  const progresso = dizOndeEsta(linhaDaEtapa);
  const descarte = await comPartes((partes) => descarta(partes, papel, (n) => progresso('limpeza', n, null)));
  process.stdout.write(`${opcoes.json ? JSON.stringify(descarte) : textoDoDescarte(descarte)}\n`);
}

async function situacao(opcoes: Opcoes): Promise<void> {
  const [{ Geracoes }, { textoDaSituacao }] = await Promise.all([
    import('#platform/estado/geracoes.ts'),
    import('../reconstrucao/texto.ts'),
  ]);
  const geracoes = await comPartes(({ redis, seguidas }) =>
    new Geracoes(redis, () => seguidas.apuracoes.emVigor).situacao(),
  );
  process.stdout.write(`${opcoes.json ? JSON.stringify(geracoes, null, 2) : textoDaSituacao(geracoes)}\n`);
}

export function register(program: Command): void {
  const rebuild = program
    .command('rebuild')
    .summary('refaz o estado do Redis a partir de lancamentos, ao lado do que está no ar, e troca')
    .description(
      'Refaz o estado do Redis a partir de lancamentos, ao lado do que está no ar; alcança-o, compara os dois e troca ' +
        'de uma vez. O antigo fica guardado. Se houver diferenças, mostra-as, não troca e sai com 1. ' +
        'Interrompido, mesmo com kill -9, continua de onde parou. Veja docs/rebuild.md.',
    );
  rebuild
    .command('run', { isDefault: true })
    .description('constrói ou continua, compara e troca (é o que `atendido rebuild` faz)')
    .option('--accept-differences', 'troca mesmo que o estado refeito seja diferente do que está no ar')
    .option('--por <quem>', 'quem troca; sem ele, o usuário do sistema')
    .option('--json', 'escreve JSON')
    .action(reconstroiOuVolta);
  rebuild
    .command('status')
    .description('mostra que gerações do estado há')
    .option('--json', 'escreve JSON')
    .action(situacao);
  rebuild
    .command('back')
    .description('volta à geração anterior, depois de trazê-la até onde está a do ar')
    .option('--por <quem>', 'quem volta; sem ele, o usuário do sistema')
    .option('--json', 'escreve JSON')
    .action((opcoes: OpcoesDoRebuild) => reconstroiOuVolta({ ...opcoes, volta: true }));
  rebuild
    .command('discard-old')
    .description('apaga a geração anterior e libera a memória')
    .option('--json', 'escreve JSON')
    .action((opcoes: Opcoes) => apaga('anterior', opcoes));
  rebuild
    .command('cancel')
    .description('apaga a geração em construção; de uma volta inacabada, só desiste: a anterior segue guardada')
    .option('--json', 'escreve JSON')
    .action((opcoes: Opcoes) => apaga('nova', opcoes));
}
