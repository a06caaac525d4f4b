import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { chaveDeParticao, topicoDe } from '#domain/interacao.ts';
import { codecFor } from '#platform/codec.ts';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { esperaALinha } from '#platform/linha.ts';
import { startStack, stopStack } from '../../infra/local/stack.ts';
import { audita } from '../../services/cli/auditoria.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { until } from '../integration/until.ts';
import type { Line } from '../line/line.ts';

/** A service of its own beside the line's, with other keys. @returns its exit code and what it said */
export async function sobe(
  { config, home }: Line,
  servico: 'ingest' | 'api',
  chaves: Record<string, string>,
): Promise<[number | null, string]> {
  const processo = spawn(process.execPath, [join(PROJECT_ROOT, `services/${servico}/main.ts`)], {
    env: {
      ...{ PATH: process.env.PATH, ATENDIDO_HOME: home, PORT: '0' },
      ...{ KAFKA_BROKERS: config.kafka.brokers.join(), SCHEMA_REGISTRY_URL: config.registryUrl },
      ...{ REDIS_URL: config.redis.url, ...chaves },
    },
  });
  let dito = '';
  for (const saida of [processo.stdout, processo.stderr]) saida.on('data', (texto) => (dito += texto));
  const [codigo] = await once(processo, 'close');
  return [codigo, dito];
}

/** As an LMS does: what the door cannot take yet is sent again. @returns how often it was asked to wait */
export async function iniciaUmCurso(
  { ingest, segredo }: { ingest: string; segredo: string },
  cpf: string,
): Promise<number> {
  const statement = {
    actor: { account: { homePage: 'https://sebrae.com.br/cpf', name: cpf } },
    verb: { id: 'http://adlnet.gov/expapi/verbs/initialized' },
    object: { id: 'CUR' },
    timestamp: '2026-03-02T10:15:00-03:00',
    context: { extensions: { 'https://sebrae.com.br/xapi/unidade': 'SP' } },
  };
  let esperas = 0;
  await until(
    async () => {
      const resposta = await fetch(`${ingest}/xapi/statements`, {
        method: 'POST',
        headers: {
          ...{ authorization: `Bearer ${segredo}`, 'content-type': 'application/json' },
          'x-experience-api-version': '1.0.3',
        },
        body: JSON.stringify(statement),
      });
      if (resposta.status === 503) {
        expect(resposta.headers.get('retry-after')).not.toBeNull();
        esperas += 1;
        return false;
      }
      expect(resposta.status, await resposta.text()).toBe(200);
      return true;
    },
    'the door to take a statement',
    60_000,
  );
  return esperas;
}

/** Puts events in Kafka, past the door, under whichever names. */
export async function enviaSob(
  { registry, producer }: Pick<Line, 'registry' | 'producer'>,
  nomeia: Pseudonimizador,
  ...eventos: object[]
): Promise<void> {
  const codec = await codecFor(registry, 'interacoes');
  const registros = eventos.map((um) => {
    const lido = leEvento(um, nomeia);
    if (!lido.ok) throw new Error(JSON.stringify(lido));
    const { interacao } = lido;
    return { topic: topicoDe(interacao), key: chaveDeParticao(interacao), value: codec.encode(interacao) };
  });
  await producer.send(registros);
}

/** Every process of the line anew, with other keys: data and addresses stay. */
export async function reinicia({ home }: Pick<Line, 'home'>, chaves: Record<string, string>): Promise<void> {
  await stopStack(home);
  await startStack({ home, onlyServers: false, env: chaves });
}

/** Its totals, once the line has nothing left to read, and the audit has found them right. */
export function situacao() {
  return conectado(async (conexoes) => {
    await esperaALinha(conexoes);
    const { diferencas } = await audita(conexoes);
    expect(diferencas).toEqual([]);
    const { indicadores } = await conexoes.leitor.contadores();
    return Object.fromEntries([...indicadores].filter(([nome]) => nome.includes('|*|total|')).sort());
  });
}
