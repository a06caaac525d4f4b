import { Agent, get } from 'node:http';
import { setTimeout as espera } from 'node:timers/promises';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { donoDaChave, padraoDeClientes } from '#platform/estado/chaves.ts';
import { varre } from '#platform/estado/geracoes.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { comCarga } from '../cenario.ts';
import { mede } from '../processos.ts';
import { Servicos } from '../servicos.ts';
import { type Contexto, confere, type Medida } from './contexto.ts';
import { mandaSempre, percentil } from './latencia.ts';

const CONEXOES = 64;
const POR_SEGUNDO = 300;
const AQUECE_MS = 3_000;
const MEDE_MS = 10_000;
const PASSO_MS = 5;
const CLIENTES = 2_000;
/** What the line takes meanwhile, where it is at work. */
const EVENTOS_POR_SEGUNDO = 1_000;
/** The load's present (carga.ts). */
const ANO = '2026';

interface Pergunta {
  tipo: string;
  url: string;
}

/** What people and panels ask for, in about these parts. */
function perguntas(servicos: Servicos, clientes: readonly string[]): (n: number) => Pergunta {
  const api = `${servicos.endereco('api')}/v1`;
  const doAno = `de=${ANO}-01-01&ate=${ANO}-12-31`;
  const indicador = `${api}/indicadores/clientes-atendidos?periodo=${ANO}`;
  const dos: readonly [string, (cliente: string) => string][] = [
    ['cliente', (c) => `${api}/clientes/${c}`],
    ['cliente', (c) => `${api}/clientes/${c}`],
    ['entregas', (c) => `${api}/clientes/${c}/entregas`],
    ['indicador', () => indicador],
    ['cliente', (c) => `${api}/clientes/${c}`],
    ['metricas', () => `${api}/metricas?${doAno}`],
    ['cliente', (c) => `${api}/clientes/${c}`],
    ['indicador', () => `${indicador}&unidade=SP&comparar=anterior`],
    ['entregas', (c) => `${api}/clientes/${c}/entregas?ano=${ANO}&limite=10`],
    ['metricas', () => `${api}/metricas?${doAno}&agrupar=unidade,mes&metrica=atendimento&ordem=nome`],
    ['metricas', () => `${api}/metricas?de=${ANO}-09-01&ate=${ANO}-09-30&agrupar=motivo&comparar=anterior`],
  ];
  return (n) => {
    const [tipo, url] = dos[n % dos.length] ?? ['cliente', (c: string) => c];
    return { tipo, url: url(clientes[n % clientes.length] ?? '') };
  };
}

function pede(url: string, agent: Agent, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const pedido = get(url, { agent, headers }, (resposta) => {
      resposta.resume().once('end', () => {
        if (resposta.statusCode === 200) resolve();
        else reject(new Error(`GET ${url}: ${resposta.statusCode}`));
      });
    });
    pedido.once('error', reject);
  });
}

/** So many a second, whether answered or not: times run from when each was due. By type, in milliseconds. */
async function tempos(pergunta: (n: number) => Pergunta, ms: number): Promise<Map<string, number[]>> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONEXOES });
  const headers = { authorization: `Bearer ${resolveChaveOperacao()}` };
  const porTipo = new Map<string, number[]>();
  const todas: Promise<void>[] = [];
  const inicio = performance.now();
  for (let n = 0; performance.now() - inicio < ms; await espera(PASSO_MS)) {
    const devidas = ((performance.now() - inicio) * POR_SEGUNDO) / 1_000;
    for (; n < devidas; n += 1) {
      const { tipo, url } = pergunta(n);
      const devida = inicio + (n * 1_000) / POR_SEGUNDO;
      const respondida = pede(url, agent, headers).then(() => {
        const dele = porTipo.get(tipo) ?? [];
        dele.push(performance.now() - devida);
        porTipo.set(tipo, dele);
      });
      todas.push(respondida);
    }
  }
  await Promise.all(todas);
  agent.destroy();
  return porTipo;
}

function percentis(nome: string, todos: readonly number[]): Medida[] {
  const ordenados = [...todos].sort((a, b) => a - b);
  return [
    { linha: `${nome}-p50`, valor: percentil(ordenados, 0.5) },
    { linha: `${nome}-p99`, valor: percentil(ordenados, 0.99) },
  ];
}

async function algunsClientes({ redis }: Conexoes): Promise<{ ids: string[]; chaves: string[] }> {
  const chaves: string[] = [];
  for await (const algumas of varre(redis, padraoDeClientes('at'))) {
    chaves.push(...algumas.filter((chave) => donoDaChave(chave).titular.startsWith('p')));
    if (chaves.length >= CLIENTES) break;
  }
  return { ids: chaves.map((chave) => donoDaChave(chave).titular), chaves };
}

/** Times of all answers, with what they took, after some that are not measured. */
async function medidasDe(servicos: Servicos, pergunta: (n: number) => Pergunta, nome: string) {
  await tempos(pergunta, AQUECE_MS);
  const termina = mede(servicos.pids());
  const porTipo = await tempos(pergunta, MEDE_MS);
  const gasto = termina();
  const todos = [...porTipo.values()].flat();
  const [p50, p99] = percentis(nome, todos).map((medida) => ({ ...medida, gasto, registros: todos.length }));
  return { porTipo, medidas: [p50, p99].filter((medida) => medida !== undefined) };
}

/** The api's answers by what they are of, and of all together. */
async function daApi(servicos: Servicos, ids: readonly string[], nome: string): Promise<Medida[]> {
  const { porTipo, medidas } = await medidasDe(servicos, perguntas(servicos, ids), nome);
  return [...medidas, ...[...porTipo].flatMap(([tipo, dele]) => percentis(`${nome}-${tipo}`, dele))];
}

async function nua(servicos: Servicos, chaves: readonly string[]): Promise<Medida[]> {
  const pergunta = (n: number): Pergunta => {
    const chave = encodeURIComponent(chaves[n % chaves.length] ?? '');
    return { tipo: 'nua', url: `${servicos.endereco('leitura-nua')}/nua?chave=${chave}` };
  };
  return (await medidasDe(servicos, pergunta, 'leitura-nua')).medidas;
}

const valorDe = (medidas: readonly Medida[], linha: string): number =>
  medidas.find((m) => m.linha === linha)?.valor ?? Number.NaN;

/** As `daApi`, while the line takes events: numbers change between any two answers. */
async function emMarcha(contexto: Contexto, servicos: Servicos, conexoes: Conexoes, ids: readonly string[]) {
  await servicos.sobe(['classifier', 'consolidator', 'aggregator']);
  const producer = await conexoes.kafka.producer();
  const fim = performance.now() + AQUECE_MS + MEDE_MS + PASSO_MS;
  const enviando = mandaSempre(conexoes, producer, {
    arquivo: contexto.cargaContinua,
    fim,
    ritmo: EVENTOS_POR_SEGUNDO,
  });
  const medidas = await daApi(servicos, ids, 'leitura-em-marcha');
  await enviando;
  await producer.close();
  return medidas;
}

/**
 * The read side over a state that the line made, beside a bare fastify that reads one key: so many requests a second, in
 * turns from the same caller. Then again while the line is at work.
 */
export async function leitura(contexto: Contexto): Promise<Medida[]> {
  const { pastas, carga, perfil, diz } = contexto;
  const pilha = await comCarga(pastas, contexto, carga);
  const servicos = new Servicos({ pastas, pilha, perfil });
  try {
    await servicos.sobe(['classifier', 'consolidator', 'aggregator']);
    await conectado(confere);
    await servicos.para();
    return await conectado(async (conexoes) => {
      const { ids, chaves } = await algunsClientes(conexoes);
      await servicos.sobe(['api', 'leitura-nua']);
      const medidas = [...(await nua(servicos, chaves)), ...(await daApi(servicos, ids, 'leitura'))];
      for (const p of ['p50', 'p99']) {
        const razao = valorDe(medidas, `leitura-${p}`) / valorDe(medidas, `leitura-nua-${p}`);
        medidas.push({ linha: `leitura-razao-${p}`, valor: razao });
      }
      medidas.push(...(await emMarcha(contexto, servicos, conexoes, ids)));
      for (const { linha, valor } of medidas) diz(`  ${linha}: ${valor.toFixed(2)}`);
      return medidas;
    });
  } finally {
    await servicos.para();
  }
}
