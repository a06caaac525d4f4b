import type { Command } from 'commander';
import type { Conexoes } from '../conexoes.ts';
import type { Etapa, PartesDaReconstrucao } from '../reconstrucao/reconstrucao.ts';

const ENTRE_LINHAS_MS = 3_000;

interface Opcoes {
  json?: boolean;
}

interface OpcoesDoRebuild extends Opcoes {
  acceptDifferences?: boolean;
}

async function comPartes<T>(trabalho: (partes: PartesDaReconstrucao, conexoes: Conexoes) => Promise<T>): Promise<T> {
  const [{ conectado }, { codecFor }] = await Promise.all([import('../conexoes.ts'), import('#platform/codec.ts')]);
  return conectado(async (conexoes) => {
    const { kafka, registry } = conexoes;
    const [lotes, clientesAtendidos, producer] = await Promise.all([
      codecFor(registry, 'lancamentos'),
      codecFor(registry, 'clientes-atendidos'),
      kafka.producer(),
    ]);
    try {
      return await trabalho({ ...conexoes, lotes, clientesAtendidos, producer, topico: 'lancamentos' }, conexoes);
    } finally {
      await producer.close();
    }
  });
}

/** A line where a step begins, and then one every few seconds. */
async function dizOndeEsta(): Promise<(etapa: Etapa, feito: number, total: number | null) => void> {
  const { linhaDaEtapa } = await import('../reconstrucao/texto.ts');
  let [dita, quando] = ['', 0];
  return (etapa, feito, total) => {
    if (etapa === dita && Date.now() - quando < ENTRE_LINHAS_MS) return;
    [dita, quando] = [etapa, Date.now()];
    process.stderr.write(`${linhaDaEtapa(etapa, feito, total)}\n`);
  };
}

/**
 * Ctrl-C ends the work where it is; what was built stays, and nothing that is live stays stopped.
 * @param continua the command that goes on from there
 */
async function interrompivel<T>(continua: string, trabalho: (sinal: AbortSignal) => Promise<T>): Promise<T> {
  const { CodedError } = await import('#platform/errors.ts');
  const parada = new AbortController();
  const para = (): void => {
    const saida = `parei onde estava; \`${continua}\` continua daqui, \`atendido rebuild cancel\` desiste`;
    parada.abort(new CodedError('INTERROMPIDO', saida, { exitCode: 130 }));
  };
  for (const sinal of ['SIGINT', 'SIGTERM'] as const) process.once(sinal, para);
  return trabalho(parada.signal);
}

async function reconstroiOuVolta(opcoes: OpcoesDoRebuild & { volta?: boolean }): Promise<void> {
  const [{ reconstroi }, { textoDaReconstrucao }] = await Promise.all([
    import('../reconstrucao/reconstrucao.ts'),
    import('../reconstrucao/texto.ts'),
  ]);
  const progresso = await dizOndeEsta();
  const { volta = false, acceptDifferences = false } = opcoes;
  const resultado = await interrompivel(volta ? 'atendido rebuild back' : 'atendido rebuild', (sinal) =>
    comPartes((partes) => reconstroi(partes, { volta, aceitaDiferencas: acceptDifferences, sinal, progresso })),
  );
  process.stdout.write(`${opcoes.json ? JSON.stringify(resultado, null, 2) : textoDaReconstrucao(resultado)}\n`);
  if (!resultado.trocada) process.exitCode = 1;
}

async function apaga(papel: 'anterior' | 'nova', opcoes: Opcoes): Promise<void> {
  const [{ descarta }, { textoDoDescarte }] = await Promise.all([
    import('../reconstrucao/reconstrucao.ts'),
    import('../reconstrucao/texto.ts'),
  ]);
  const progresso = await dizOndeEsta();
  const descarte = await comPartes((partes) => descarta(partes, papel, (n) => progresso('limpeza', n, null)));
  process.stdout.write(`${opcoes.json ? JSON.stringify(descarte) : textoDoDescarte(descarte)}\n`);
}

async function situacao(opcoes: Opcoes): Promise<void> {
  const [{ Geracoes }, { textoDaSituacao }] = await Promise.all([
    import('#platform/estado/geracoes.ts'),
    import('../reconstrucao/texto.ts'),
  ]);
  const geracoes = await comPartes(({ redis }) => new Geracoes(redis).situacao());
  process.stdout.write(`${opcoes.json ? JSON.stringify(geracoes, null, 2) : textoDaSituacao(geracoes)}\n`);
}

export function register(program: Command): void {
  const rebuild = program
    .command('rebuild')
    .summary('refaz o estado do Redis a partir de lancamentos, ao lado do que está no ar, e troca')
    .description(
      'Refaz o estado do Redis a partir de lancamentos, ao lado do que está no ar; alcança-o, compara os dois e troca\n' +
        'de uma vez. O antigo fica guardado. Se houver diferenças, mostra-as, não troca e sai com 1.\n' +
        'Interrompido, mesmo com kill -9, continua de onde parou. Veja docs/rebuild.md.',
    );
  rebuild
    .command('run', { isDefault: true })
    .description('constrói ou continua, compara e troca (é o que `atendido rebuild` faz)')
    .option('--accept-differences', 'troca mesmo que o estado refeito seja diferente do que está no ar')
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
    .option('--json', 'escreve JSON')
    .action((opcoes: Opcoes) => reconstroiOuVolta({ ...opcoes, volta: true }));
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
