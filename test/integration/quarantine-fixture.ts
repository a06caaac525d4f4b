import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { chaveDeParticao, INTERACAO_VAZIA, type Interacao, topicoDe } from '#domain/interacao.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { codecFor } from '../../platform/codec.ts';
import { ClassificadaEncoder } from '../../platform/codec-classificada.ts';
import type { InputRecord } from '../../platform/kafka/port.ts';
import { prepare } from '../../platform/prepare.ts';
import { leInteracao } from '../../platform/quarentena/ensaio.ts';
import { leLote, TOPICO_DA_QUARENTENA } from '../../platform/quarentena/registros.ts';
import { Resolucoes } from '../../platform/quarentena/resolucoes.ts';
import type { PartesDaQuarentena } from '../../platform/quarentena/selecao.ts';
import { connectRegistry } from '../../platform/registry.ts';
import { loadRulebooks } from '../../platform/rulebooks.ts';
import { classify } from '../../services/classifier/classify.ts';
import { atendido as comeca } from './comando.ts';
import { kafka } from './kafka-fixture.ts';
import { semApuracoes } from './seguidas.ts';

export const PF = 'pf:AAAAAAAAAAAAAAAAAAAAAA';
export const CHAVE_DO_CPF = 'chave-dos-testes';

/** Counts but for its solution, which no portfolio has yet. */
export const CONSULTORIA: Interacao = {
  ...INTERACAO_VAZIA,
  source: 'crm',
  id: 'c1',
  tipoInteracao: 'atendimento',
  tipoSolucao: 'consultoria',
  solucaoId: 'CO-1',
  time: Date.parse('2026-03-02T10:15:00-03:00'),
  unidade: 'SP',
  canal: 'telefone',
  duracaoMin: 90,
  responsavel: { id: 'r1', papel: 'consultor' },
  cliente: { pf: PF, pj: { id: 'pj:11222333000181', vinculo: 'indicacao' }, naoIdentificado: null },
};

const BIN = new URL('../../bin/atendido', import.meta.url).pathname;

/** The command as an operator runs it, on the servers under test. */
export function atendido(...args: string[]) {
  const env = {
    PATH: process.env.PATH ?? '',
    ATENDIDO_HOME: inject('atendidoHome'),
    KAFKA_BROKERS: inject('kafkaBrokers'),
    SCHEMA_REGISTRY_URL: inject('registryUrl'),
    REDIS_URL: inject('redisUrl'),
    CLIENT_ID_KEY: CHAVE_DO_CPF,
  };
  return comeca(args, env, [BIN]);
}

/** What the classifier is made of, with no portfolio; and what reads what was resolved. */
async function doClassificador() {
  const registry = connectRegistry(inject('registryUrl'));
  await prepare({ kafka, registry, partitions: 6, replicationFactor: 1 });
  const [interacoes, classificadas, quarentenas, resolucoes, rulebooks] = await Promise.all([
    codecFor(registry, 'interacoes'),
    codecFor(registry, 'interacoes-contabilizadas'),
    codecFor(registry, 'interacoes-em-quarentena'),
    codecFor(registry, 'resolucoes-de-quarentena'),
    loadRulebooks(),
  ]);
  const seguidas = semApuracoes(rulebooks);
  const classifier = {
    apuracoes: seguidas.apuracoes,
    portfolio: new PortfolioEmMemoria(),
    esquecimentos: new Esquecimentos(),
    interacoes,
    classificadas: new ClassificadaEncoder(interacoes, classificadas),
    quarentenas,
  };
  return { classifier, seguidas, resolucoes };
}

type Codecs = Pick<Awaited<ReturnType<typeof doClassificador>>['classifier'], 'interacoes' | 'quarentenas'>;

/** What the topics hold, for a read-committed reader. */
function noLog({ interacoes, quarentenas }: Codecs) {
  async function registros(topic: string): Promise<InputRecord[]> {
    const lidos: InputRecord[] = [];
    await kafka.readToEnd(topic, { onBatch: ({ records }) => void lidos.push(...records) });
    return lidos;
  }

  /** The copies of a source's events that a topic holds. */
  async function copias(topic: string, source: string): Promise<{ registro: InputRecord; interacao: Interacao }[]> {
    const lidas = await Promise.all(
      (await registros(topic)).map(async (registro) => {
        return { registro, interacao: await leInteracao(interacoes, registro.value) };
      }),
    );
    return lidas.flatMap(({ registro, interacao }) => (interacao?.source === source ? [{ registro, interacao }] : []));
  }

  /** How often each event of a source stands in `interacoes`. */
  async function vezes(source: string): Promise<number[]> {
    const porId = Map.groupBy(await copias('interacoes', source), ({ interacao }) => interacao.id);
    return [...porId.values()].map((todas) => todas.length);
  }

  /** The ids in quarantine of a source's events. */
  async function ids(source: string): Promise<string[]> {
    const achados: string[] = [];
    await kafka.readToEnd(TOPICO_DA_QUARENTENA, {
      onBatch: async (lote) => {
        const postas = await leLote(quarentenas, lote);
        achados.push(...postas.filter(({ registro }) => registro.source === source).map(({ id }) => id));
      },
    });
    return achados;
  }

  return { copias, vezes, ids };
}

/** The topics of the line without its services: what the classifier would do is done by hand. */
export async function quarentena() {
  const { classifier, seguidas, resolucoes } = await doClassificador();
  const { interacoes, quarentenas, apuracoes, portfolio } = classifier;
  const [producer, admin] = await Promise.all([kafka.producer(), kafka.admin()]);

  /** Sets records aside, as the classifier does with no portfolio; nothing is put in the topic they came from. */
  async function poeDeLado(topic: string, registros: readonly InputRecord[]): Promise<void> {
    const feitos = classify(classifier, { topic, partition: 0, records: registros });
    if (feitos.some(({ kind }) => kind !== 'quarentena')) throw new Error('nem tudo ficou em quarentena');
    await producer.send(feitos.map(({ output }) => output));
  }

  const registroDe = (i: Interacao, headers: InputRecord['headers'] = {}): InputRecord => {
    const key = Buffer.from(chaveDeParticao(i));
    return { offset: 0, timestamp: Date.now(), key, value: interacoes.encode(i), headers };
  };

  return {
    /** What a command is connected to, in this process. */
    partes: (): PartesDaQuarentena => {
      const lidas = { interacoes, quarentenas, resolucoes: new Resolucoes(kafka, resolucoes) };
      return { kafka, admin, ...lidas, seguidas, apuracoes, portfolio };
    },
    /** A source of its own for a test. */
    fonte: () => `crm-${randomUUID().slice(0, 8)}`,
    registroDe,
    poeDeLado,
    /** Sets interactions aside in the topic they belong to. */
    espera: (todas: readonly Interacao[]) => {
      const topico = todas[0] === undefined ? 'interacoes' : topicoDe(todas[0]);
      return poeDeLado(
        topico,
        todas.map((i) => registroDe(i)),
      );
    },
    ...noLog({ interacoes, quarentenas }),
    fecha: async () => {
      await admin.close();
      await producer.close();
    },
  };
}

export type Quarentena = Awaited<ReturnType<typeof quarentena>>;
