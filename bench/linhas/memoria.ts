import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { ChavesDoShard } from '#platform/estado/chaves.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { esperaALinha } from '#platform/linha.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { solucoesDe } from '../../services/cli/demo/catalogo.ts';
import { comCarga } from '../cenario.ts';
import { mede } from '../processos.ts';
import { Servicos } from '../servicos.ts';

import { type Contexto, confere, type Medida } from './contexto.ts';
import { bytesDeDados, comRedis } from './redis.ts';

const POR_ENVIO = 10_000;
const CURSOS = solucoesDe('curso-autoinstrucional');

/** The n-th client's start of the c-th course: each counts once. */
function inicioDeCurso(n: number, c: number): Interacao {
  const pf = `pf:${n.toString(36).padStart(22, 'ABCDEFGHIJKLMNOPQRSTUV')}`;
  return {
    ...INTERACAO_VAZIA,
    source: 'lms-ead',
    id: `mem-${n.toString(36)}-${c}`,
    tipoInteracao: 'momento-digital',
    time: Date.parse('2026-03-03T10:00:00-03:00') + (n % 10_000) * 60_000 + c * 86_400_000,
    unidade: 'SP',
    tipoSolucao: 'curso-autoinstrucional',
    solucaoId: CURSOS[c % CURSOS.length]?.id ?? CURSOS[0].id,
    canal: 'ead',
    cliente: { pf, pj: null, naoIdentificado: null },
    momento: 'inicio',
  };
}

async function manda({ kafka, interacoes }: Conexoes, total: number, faz: (i: number) => Interacao): Promise<void> {
  const producer = await kafka.producer();
  for (let de = 0; de < total; de += POR_ENVIO) {
    const quantos = Math.min(POR_ENVIO, total - de);
    const lote = Array.from({ length: quantos }, (_, i) => faz(de + i));
    await producer.send(
      lote.map((i) => ({ topic: 'interacoes', key: i.cliente?.pf ?? null, value: interacoes.encode(i) })),
    );
  }
  await producer.close();
}

/** What Redis itself says one key takes, name and all. */
async function deUmaChave(url: string, particoes: number): Promise<number> {
  const titular = inicioDeCurso(1, 0).cliente?.pf ?? '';
  const chave = new ChavesDoShard(murmur2Partition(titular, particoes)).cliente(titular);
  return comRedis(url, async (redis) => Number(await redis.memory('USAGE', chave)));
}

/** Clients with two counted deliveries each, through the line: bytes of data in Redis for each. */
export async function memoriaPorCliente(contexto: Contexto): Promise<Medida[]> {
  const { pastas, eventos } = contexto;
  const clientes = Math.min(100_000, Math.ceil(eventos / 5));
  const pilha = await comCarga(pastas, contexto, null);
  const url = pilha.ambiente.REDIS_URL;
  const antes = await comRedis(url, bytesDeDados);
  const servicos = new Servicos({ pastas, pilha, perfil: null });
  try {
    await servicos.sobe(['classifier', 'aggregator']);
    return await conectado(async (conexoes) => {
      await manda(conexoes, 2 * clientes, (i) => inicioDeCurso(Math.floor(i / 2), i % 2));
      await confere(conexoes);
      const depois = await comRedis(url, bytesDeDados);
      const particoes = await conexoes.admin.partitionCount('lancamentos');
      return [
        { linha: 'redis-por-cliente', valor: (depois - antes) / clientes, registros: clientes },
        { linha: 'redis-de-uma-chave', valor: await deUmaChave(url, particoes) },
      ];
    });
  } finally {
    await servicos.para();
  }
}

const MEDIDOS = 300_000;
/** A stride that visits clients in no order that caches like. */
const PASSO = 7_654_321;

/** CPU of the whole line (servers included) for one event, microseconds, with `clientes` clients in Redis. */
async function custo(contexto: Contexto, clientes: number): Promise<Medida> {
  const { pastas, diz } = contexto;
  const pilha = await comCarga(pastas, contexto, null);
  const servicos = new Servicos({ pastas, pilha, perfil: null });
  try {
    await servicos.sobe(['classifier', 'aggregator']);
    return await conectado(async (conexoes) => {
      await manda(conexoes, clientes, (i) => inicioDeCurso(i, 0));
      await esperaALinha(conexoes);
      diz(`  ${clientes} clientes no Redis`);
      await servicos.para();
      await manda(conexoes, MEDIDOS, (i) => inicioDeCurso((i * PASSO) % clientes, 1 + Math.floor(i / clientes)));
      await servicos.sobe(['classifier', 'aggregator']);
      const termina = mede(servicos.pids());
      await esperaALinha(conexoes);
      const gasto = termina();
      await confere(conexoes);
      const cpu = Object.values(gasto.cpu).reduce((a, b) => a + b, 0);
      return { linha: `custo-${clientes}`, valor: (cpu / MEDIDOS) * 1e6, gasto, registros: MEDIDOS };
    });
  } finally {
    await servicos.para();
  }
}

/** The cost of an event with few and with many clients known. */
export async function custoPorTamanho(contexto: Contexto): Promise<Medida[]> {
  return [await custo(contexto, 200_000), await custo(contexto, 5_000_000)];
}
