import type { Command } from 'commander';
import type { LagState } from '#platform/lag/lag.ts';
import type { GroupLag, PartitionLag } from '#platform/lag/monitor.ts';
import type { Conexoes } from '../conexoes.ts';
import { duracaoDe } from '../duracao.ts';
import { numero } from '../formato.ts';

const INTERVALO_MS = 1_000;
const POR_EXTENSO: Record<LagState, string> = {
  ok: 'ok',
  atencao: 'atenção',
  parado: 'parado',
  desconhecido: 'desconhecido',
};

interface Opcoes {
  observar: number;
  json?: boolean;
}

/** Of a reader of which nothing was ever seen: its partitions are unknown too. */
type Linha = Omit<PartitionLag, 'particao'> & { particao: number | null };

async function medeAtraso(conexoes: Conexoes, segundos: number): Promise<Linha[]> {
  const { LagMonitor } = await import('#platform/lag/monitor.ts');
  const monitor = new LagMonitor(conexoes);
  const ate = Date.now() + segundos * 1_000;
  let [causa] = await monitor.look();
  while (Date.now() < ate) {
    await new Promise((resolve) => setTimeout(resolve, INTERVALO_MS));
    [causa] = await monitor.look();
  }
  const vistas = monitor.partitions();
  if (vistas.length === 0 && causa !== undefined) throw causa;
  const visto = ({ grupo, topico }: GroupLag) => vistas.some((p) => p.grupo === grupo && p.topico === topico);
  const nada = { particao: null, posicao: null, confirmada: null, fim: null };
  return [...vistas, ...monitor.groups().flatMap((grupo) => (visto(grupo) ? [] : [{ ...grupo, ...nada }]))];
}

async function texto(linhas: readonly Linha[]): Promise<string> {
  const { tabela } = await import('../tabela.ts');
  const ordem = linhas.toSorted(
    (a, b) =>
      `${a.grupo} ${a.topico}`.localeCompare(`${b.grupo} ${b.topico}`) || Number(a.particao) - Number(b.particao),
  );
  const celulas = ordem.map(({ grupo, topico, particao, records, seconds, state }) => {
    const segundos = seconds === null ? '?' : seconds.toFixed(1).replace('.', ',');
    const registros = records === null ? '?' : numero(records);
    return [grupo, topico, POR_EXTENSO[state], particao === null ? '?' : String(particao), registros, segundos];
  });
  return tabela(['grupo', 'tópico', 'estado', 'partição', 'registros', 'segundos'], 3, celulas);
}

async function lag({ observar, json }: Opcoes): Promise<void> {
  const { conectado } = await import('../conexoes.ts');
  const linhas = await conectado((conexoes) => medeAtraso(conexoes, observar));
  process.stdout.write(`${json ? JSON.stringify(linhas, null, 2) : await texto(linhas)}\n`);
}

export function register(program: Command): void {
  program
    .command('lag')
    .summary('quanto cada leitor está atrás, em registros e em segundos')
    .description(
      `Mostra, por grupo e partição, registros e segundos de atraso e o estado:
  ok            em dia, ou atrás e avançando
  atenção       o atraso só cresce, ou o leitor não andou enquanto se olhou
  parado        há o que ler, e o leitor não sai do lugar há um minuto
  desconhecido  não se sabe (servidor fora, ou leitor nunca visto): nunca é zero
A posição do aggregator é a do Redis. O estado vem do que se vê: para distinguir parado de atenção, observe por \
mais de um minuto (--observar 70s); o painel e o Prometheus observam sempre.`,
    )
    .option('--observar <duração>', 'por quanto tempo olhar', duracaoDe, 2)
    .option('--json', 'escreve JSON')
    .action(lag);
}
