import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { DEFAULT_CLIENT } from '#platform/kafka/index.ts';
import { conectado } from '../services/cli/conexoes.ts';
import { arquivoDaCarga } from './carga.ts';
import { comCarga } from './cenario.ts';
import { confere } from './linhas/contexto.ts';
import { passada } from './linhas/ponta-a-ponta.ts';
import { cpuTotal, type Gasto } from './processos.ts';
import { Servicos } from './servicos.ts';
import { limpa, type Pastas, preparaPastas } from './servidores.ts';

/**
 * `npm run bench:guard`: fails where the line became half as fast as it was, not where the machine is slow or busy. What
 * it compares is a ratio: the quick bench to a fixed sort of work that needs nothing but a core, run in the same minute.
 * `--grava` writes a new reference.
 */
const TRAFEGO = { eventos: 60_000, semente: 42 };
const SEGUNDOS_DE_TRABALHO = 2;
const NUCLEOS = Math.min(2, availableParallelism());
/** A halving gives 0.5; what noise was seen to take away leaves more than this. */
const LIMITE = 0.6;
const TENTATIVAS = 3;
const CLIENTE = process.env.ATENDIDO_KAFKA_CLIENTE || DEFAULT_CLIENT;
const REFERENCIA = new URL('./guarda-referencia.json', import.meta.url);

const referencia = z.object({
  comoFoiMedida: z.string(),
  /** A library makes half of the difference: of another one nothing can be said. */
  cliente: z.string(),
  /** Events/s of the line for each unit/s of pure work. */
  eventosPorUnidade: z.number().positive(),
  /** CPU that an event takes, all processes, in units of pure work. */
  custoEmUnidades: z.number().positive(),
});

interface Trabalho {
  unidadesPorSegundo: number;
  cpuPorUnidade: number;
}

async function umNucleo(): Promise<number> {
  const worker = new Worker(new URL('./trabalho.ts', import.meta.url), {
    workerData: { segundos: SEGUNDOS_DE_TRABALHO },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', ({ unidades }: { unidades: number }) => resolve(unidades));
    worker.once('error', reject);
  });
}

/** How much pure work this machine does just now, on as many cores as the line keeps busy. */
async function trabalhaPuro(): Promise<Trabalho> {
  const antes = process.cpuUsage();
  const unidades = (await Promise.all(Array.from({ length: NUCLEOS }, umNucleo))).reduce((a, b) => a + b, 0);
  const { user, system } = process.cpuUsage(antes);
  return { unidadesPorSegundo: unidades / SEGUNDOS_DE_TRABALHO, cpuPorUnidade: (user + system) / 1e6 / unidades };
}

const media = (a: number, b: number): number => (a + b) / 2;

async function mede(pastas: Pastas): Promise<{ eventosPorUnidade: number; custoEmUnidades: number }> {
  const carga = await arquivoDaCarga(pastas.base, { ...TRAFEGO, execucao: 'b' });
  const pilha = await comCarga(pastas, TRAFEGO, carga);
  const servicos = new Servicos({ pastas, pilha, perfil: null });
  try {
    const antes = await trabalhaPuro();
    const gasto: Gasto = await passada(servicos);
    const depois = await trabalhaPuro();
    await conectado(confere);
    const vazao = TRAFEGO.eventos / gasto.segundos;
    const porEvento = cpuTotal(gasto) / TRAFEGO.eventos;
    process.stdout.write(`${Math.round(vazao)} eventos/s, ${(porEvento * 1e6).toFixed(0)} µs de CPU por evento\n`);
    return {
      eventosPorUnidade: vazao / media(antes.unidadesPorSegundo, depois.unidadesPorSegundo),
      custoEmUnidades: porEvento / media(antes.cpuPorUnidade, depois.cpuPorUnidade),
    };
  } finally {
    await servicos.para();
    await limpa(pastas);
  }
}

async function grava(pastas: Pastas): Promise<void> {
  const medida = await mede(pastas);
  const maquina = `${cpus().length} × ${cpus()[0]?.model.trim() ?? '?'}, Node ${process.version}`;
  const comoFoiMedida = `npm run bench:guard -- --grava, ${new Date().toISOString().slice(0, 10)}, ${maquina}`;
  writeFileSync(REFERENCIA, `${JSON.stringify({ comoFoiMedida, cliente: CLIENTE, ...medida }, null, 2)}\n`);
}

const porcento = (n: number): string => `${(100 * n).toFixed(0)}%`;

/** The best of some attempts: a neighbour only ever makes one slower. */
async function guarda(pastas: Pastas): Promise<boolean> {
  const antes = referencia.parse(JSON.parse(readFileSync(REFERENCIA, 'utf8')));
  if (antes.cliente !== CLIENTE) throw new Error(`a referência é de ${antes.cliente}, e o cliente em uso é ${CLIENTE}`);
  for (let tentativa = 1; tentativa <= TENTATIVAS; tentativa += 1) {
    const agora = await mede(pastas);
    const vazao = agora.eventosPorUnidade / antes.eventosPorUnidade;
    const economia = antes.custoEmUnidades / agora.custoEmUnidades;
    process.stdout.write(
      `vazão ${porcento(vazao)} e economia de CPU ${porcento(economia)} da referência (${antes.comoFoiMedida})\n`,
    );
    if (vazao >= LIMITE && economia >= LIMITE) return true;
  }
  process.stdout.write(`a linha ficou bem mais lenta que a referência: o mínimo é ${porcento(LIMITE)}\n`);
  return false;
}

const pastas = await preparaPastas();
if (process.argv.includes('--grava')) await grava(pastas);
else if (!(await guarda(pastas))) process.exitCode = 1;
