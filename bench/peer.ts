import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { PROJECT_ROOT } from '#platform/config.ts';
import { javaCommand } from '../infra/local/download.ts';
import { nomeDaCarga } from './carga.ts';
import type { Contexto, Medida } from './linhas/contexto.ts';
import { escreveCargaDoPeer } from './peer-carga.ts';
import type { Gasto } from './processos.ts';
import { doZero, limpa } from './servidores.ts';

const run = promisify(execFile);
const FONTE = join(PROJECT_ROOT, 'bench/peer');
const SAIDA_MAXIMA = 64 << 20;

/** Cases of the peer, and what each is run with. */
const CASOS = {
  'peer-eos': [],
  'peer-classificador': ['--parte=classificador'],
  // A whole unrecorded pass first, in the same process.
  'peer-eos-quente': ['--aquecer'],
} as const;

const resultado = z.object({
  eventosPorSegundo: z.number(),
  segundos: z.number(),
  cpuApp: z.number(),
  cpuBroker: z.number(),
  cpuOutros: z.number(),
  rssPicoMiB: z.number(),
  conferido: z.literal(true),
});

function carimbo(): string {
  const hash = createHash('sha256');
  const fontes = readdirSync(FONTE, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  for (const arquivo of fontes.map((f) => join(f.parentPath, f.name)).sort()) hash.update(readFileSync(arquivo));
  return hash.digest('hex').slice(0, 12);
}

/** Builds the peer where its source is not the one built last. Returns its class path. */
async function constroi(pasta: string): Promise<string> {
  const alvo = join(pasta, `alvo-${carimbo()}`);
  const caminho = `${join(alvo, 'peer.jar')}:${join(alvo, 'libs')}/*`;
  if (existsSync(join(alvo, 'libs'))) return caminho;
  const copia = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(alvo, 'libs')}`];
  const mvn = ['-q', '-B', '-f', join(FONTE, 'pom.xml'), `-Dpeer.build=${alvo}`, 'package', ...copia];
  await run('mvn', mvn, { maxBuffer: SAIDA_MAXIMA });
  return caminho;
}

/** Runs one of the peer's programs and returns what it said. @throws what it said last, where it failed */
async function java(caminho: string, programa: string, argumentos: readonly string[]): Promise<string> {
  const jvm = ['-Xmx1g', '-Dlog4j2.level=WARN', '-cp', caminho, `peer.${programa}`];
  try {
    return (await run(javaCommand(), [...jvm, ...argumentos], { maxBuffer: SAIDA_MAXIMA })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`o peer falhou em ${programa}: ${`${stdout}${stderr}`.slice(-2_000)}`);
  }
}

function medidaDe(linha: string, eventos: number, saida: string): Medida {
  const json = saida.split('\n').findLast((l) => l.startsWith('RESULTADO '));
  const r = resultado.parse(JSON.parse((json ?? 'RESULTADO null').slice('RESULTADO '.length)));
  const gasto: Gasto = {
    segundos: r.segundos,
    cpu: { streams: r.cpuApp, kafka: r.cpuBroker },
    picoMiB: { streams: r.rssPicoMiB },
    outros: r.cpuOutros,
  };
  return { linha, valor: r.eventosPorSegundo, gasto, registros: eventos };
}

/**
 * The same line on Kafka Streams (bench/peer), over the same events, on a broker configured and started as ours is.
 * Each run ends with the peer's own recount, which must agree.
 */
export async function peer({ pastas, carga, eventos, diz }: Contexto): Promise<Medida[]> {
  const pasta = join(pastas.base, 'peer');
  mkdirSync(pasta, { recursive: true });
  const caminho = await constroi(pasta);
  const nome = `peer-${nomeDaCarga(carga)}`;
  const eventosDoPeer = join(pasta, `${nome}.ndjson`);
  await escreveCargaDoPeer(carga, eventosDoPeer);
  const esperado = join(pasta, `${nome}.properties`);
  if (!existsSync(esperado)) await java(caminho, 'Recontagem', [`--carga=${eventosDoPeer}`, `--saida=${esperado}`]);
  const pilha = await doZero(pastas, nome, async ({ ambiente }) => {
    await java(caminho, 'Carga', [`--servidor=${ambiente.KAFKA_BROKERS}`, `--carga=${eventosDoPeer}`]);
  });
  const pidDoBroker = pilha.processos.find((p) => p.nome === 'kafka')?.processo?.pid ?? 0;
  const comuns = [`--servidor=${pilha.ambiente.KAFKA_BROKERS}`, `--eventos=${eventos}`, `--esperado=${esperado}`];
  const medidas: Medida[] = [];
  for (const [caso, proprios] of [['aquece-broker', []] as const, ...Object.entries(CASOS)]) {
    const estado = join(pasta, `estado-${caso}`);
    rmSync(estado, { recursive: true, force: true });
    const quais = [`--rodada=${caso}`, `--caso=${caso}`, `--estado=${estado}`, `--pidBroker=${pidDoBroker}`];
    const saida = await java(caminho, 'App', [...comuns, ...quais, ...proprios]);
    rmSync(estado, { recursive: true, force: true });
    rmSync(`${estado}-aq`, { recursive: true, force: true });
    if (!(caso in CASOS)) continue;
    const medida = medidaDe(caso, eventos, saida);
    diz(`  ${caso}: ${Math.round(medida.valor)} eventos/s, recontagem do peer confere`);
    medidas.push(medida);
  }
  await limpa(pastas);
  return medidas;
}
