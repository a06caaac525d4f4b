import type { Command } from 'commander';
import type { Lag } from '#platform/kafka/lag.ts';
import type { Posicao } from '#platform/linha.ts';
import type { Conexoes } from '../conexoes.ts';
import { numero } from '../formato.ts';

const AMOSTRAS = 3;
const INTERVALO_MS = 1_000;

type Linha = Posicao & Lag;

async function medeAtraso(conexoes: Conexoes): Promise<Linha[]> {
  const [{ porLer, posicoesDaLinha }, { lagOf }] = await Promise.all([
    import('#platform/linha.ts'),
    import('#platform/kafka/lag.ts'),
  ]);
  const vistas: { time: number; posicoes: Posicao[] }[] = [];
  for (let n = 0; n < AMOSTRAS; n += 1) {
    if (n > 0) await new Promise((resolve) => setTimeout(resolve, INTERVALO_MS));
    vistas.push({ time: Date.now(), posicoes: await posicoesDaLinha(conexoes) });
  }
  const ultimas = vistas.at(-1)?.posicoes ?? [];
  return Promise.all(
    ultimas.map(async (p, n) => {
      const amostras = vistas.map(({ time, posicoes }) => {
        const { posicao = null, fim = null } = posicoes[n] ?? {};
        return { time, position: posicao, end: fim };
      });
      const [proximo] = await porLer(conexoes, p, Math.min(p.fim, (p.posicao ?? 0) + 1));
      const opcoes = { nextTimestamp: proximo?.timestamp ?? null, transactional: p.topico === 'lancamentos' };
      return { ...p, ...lagOf(amostras, Date.now(), opcoes) };
    }),
  );
}

async function texto(linhas: readonly Linha[]): Promise<string> {
  const { tabela } = await import('../tabela.ts');
  const ordem = linhas.toSorted(
    (a, b) => `${a.grupo} ${a.topico}`.localeCompare(`${b.grupo} ${b.topico}`) || a.particao - b.particao,
  );
  const celulas = ordem.map(({ grupo, topico, particao, records, seconds, state }) => {
    const segundos = seconds === null ? '?' : seconds.toFixed(1).replace('.', ',');
    return [grupo, topico, state, String(particao), records === null ? '?' : numero(records), segundos];
  });
  return tabela(['grupo', 'tópico', 'estado', 'partição', 'registros', 'segundos'], 3, celulas);
}

async function lag(opcoes: { json?: boolean }): Promise<void> {
  const { conectado } = await import('../conexoes.ts');
  const linhas = await conectado(medeAtraso);
  process.stdout.write(`${opcoes.json ? JSON.stringify(linhas, null, 2) : await texto(linhas)}\n`);
}

export function register(program: Command): void {
  program
    .command('lag')
    .summary('quanto cada leitor está atrás, em registros e em segundos')
    .description(
      'Mostra, por grupo e partição, registros e segundos de atraso e o estado: ok, atencao, parado ou desconhecido.',
    )
    .option('--json', 'escreve JSON')
    .action(lag);
}
