import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { estaEncerrado } from '#domain/esquecimento.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { contaDoLancamento, Reagregacao } from '#domain/reagregacao.ts';
import { Reclassificacao } from '#domain/reclassificacao.ts';
import { Rulebooks } from '#domain/rulebook.ts';
import { codecFor } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { createLogger } from '#platform/logging.ts';
import { connectRedis } from '#platform/redis.ts';
import { connectRegistry } from '#platform/registry.ts';
import { comparaClientes } from './diferencas.ts';
import { esquecimentosDe } from './esquecimentos.ts';
import type { Aviso, Encaminhados, Resultado, Tarefa } from './mensagens.ts';
import { desempacota } from './pacote.ts';
import { Divisao, Leitura } from './parte.ts';

const avisa = (aviso: Aviso): void => parentPort?.postMessage(aviso);

/** Adds up what another thread sends, until it says that there is no more. */
function recebe(porta: MessagePort, reagregacao: Reagregacao): Promise<void> {
  return new Promise((resolve) => {
    porta.on('message', (pacote: Encaminhados) => {
      if (pacote !== null) {
        for (const l of desempacota(pacote)) reagregacao.lanca(contaDoLancamento(l), l);
        return;
      }
      // Not closed: the other end may have something to read yet.
      porta.unref();
      resolve();
    });
  });
}

function esquecidosDe({ esquecimentos, apuracao }: Tarefa): ReadonlySet<string> {
  return new Set(esquecimentos.filter((um) => estaEncerrado(um, apuracao)).map(({ titular }) => titular));
}

async function reconta(tarefa: Tarefa, reagregacao: Reagregacao) {
  const { parte, config, particoes, portas, apuracao } = tarefa;
  const rulebooks = new Rulebooks(tarefa.vigencias);
  const portfolio: Portfolio = {
    solucao: (id) => tarefa.solucoes.get(id),
    disponibilizacao: (id) => tarefa.disponibilizacoes.get(id),
  };
  const reclassificacao = new Reclassificacao(rulebooks, portfolio, {
    derivadasPostasDeLado: tarefa.postosDeLado.derivadas,
    apuracao,
  });
  const recebidos = portas.map((porta) => porta && recebe(porta, reagregacao));
  const kafka = createKafka({ ...config.kafka, clientId: `atendido-cli-${parte}`, log: createLogger('cli', 'silent') });
  const leitura = new Leitura({
    parte,
    divisao: new Divisao(portas.length, particoes.lancamentos),
    interacoes: await codecFor(connectRegistry(config.registryUrl), 'interacoes'),
    reclassificacao,
    reagregacao,
    postosDeLado: tarefa.postosDeLado.registros,
    esquecimentos: esquecimentosDe(tarefa),
    encaminha: (dona, pacote) => portas[dona]?.postMessage(pacote, [pacote.buffer]),
    lidos: (registros, identidades) => avisa({ aviso: 'lidos', registros, identidades }),
  });
  await leitura.topico(kafka, 'interacoes', particoes.interacoes);
  await leitura.topico(kafka, 'presencas', particoes.presencas);
  leitura.termina();
  for (const porta of portas) porta?.postMessage(null);
  await Promise.all(recebidos);
  const indicadores = reagregacao.indicadores(rulebooks);
  return { registros: leitura.registros, quarentena: reclassificacao.quarentena, indicadores };
}

async function trabalha(tarefa: Tarefa): Promise<Resultado> {
  const { parte, config, particoes, portas, apuracao } = tarefa;
  const reagregacao = new Reagregacao();
  const recontado = await reconta(tarefa, reagregacao);
  const redis = connectRedis(config.redis, 'cli');
  // What fails is told by the command that fails.
  redis.on('error', () => undefined);
  try {
    const divisao = new Divisao(portas.length, particoes.lancamentos);
    const shards = Array.from({ length: particoes.lancamentos }, (_, n) => n);
    const nossos = new Set(shards.filter((shard) => divisao.daParticao(shard) === parte));
    const esquecidos = esquecidosDe(tarefa);
    const leitor = leitorDeEstado(redis, { particoes: particoes.lancamentos, emVigor: () => apuracao });
    const [clientes, diferencas] = await comparaClientes(leitor, nossos, { reagregacao, esquecidos });
    return { ...recontado, metricas: reagregacao.metricas, clientes, diferencas };
  } finally {
    redis.disconnect();
  }
}

try {
  avisa({ aviso: 'fim', resultado: await trabalha(workerData as Tarefa) });
} catch (error) {
  if (!(error instanceof RetryableError)) throw error;
  avisa({ aviso: 'fora', mensagem: error.message });
}
