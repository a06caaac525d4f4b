import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { cpfOf } from '../faults/interactions.ts';
import { keysFor } from '../faults/load.ts';
import { Rig, type ServiceName } from '../faults/rig.ts';
import { Prometheus } from './prometheus.ts';

/** How long something that Prometheus is to see may take, on a busy machine. */
export const PATIENCE_MS = 120_000;

/** A whole line of a test file's own, a real Prometheus that scrapes it, and a system that sends to its door. */
export interface WatchedLine {
  rig: Rig;
  prometheus: Prometheus;
  /** Posts JSON as the system `sonda`. @returns the status it was answered with */
  post(path: string, type: string, body: unknown, headers?: Record<string, string>): Promise<number>;
  /** Posts events in one call. @returns the status it was answered with */
  send(events: readonly object[]): Promise<number>;
}

/** Brings one up before the file's tests, and takes it down after them. Nothing of it may be asked for before. */
export function watchedLine(): WatchedLine {
  let key = '';
  const line = {
    post: async (path: string, type: string, body: unknown, more: Record<string, string> = {}) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': type, ...more };
      const answer = await fetch(`${line.rig.url('api')}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      await answer.body?.cancel();
      return answer.status;
    },
    send: (events: readonly object[]) => line.post('/v1/eventos', 'application/cloudevents-batch+json', events),
  } as WatchedLine;
  beforeAll(async () => {
    line.rig = await Rig.line();
    line.prometheus = await Prometheus.start((service) => line.rig.ports[service as ServiceName]);
    key = (await keysFor(line.rig)).get('sonda') ?? '';
  });
  afterAll(async () => {
    // Where it did not come up, what came up of it.
    await line.prometheus?.stop();
    await line.rig?.stop();
  });
  return line;
}

/** An interaction of somebody, of a kind; `data` takes the place of what it says. */
export function event(type: string, data: object = {}): object {
  const cliente = { pf: { cpf: cpfOf(Math.floor(Math.random() * 1_000)) } };
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: 'sonda',
    type: `br.com.sebrae.interacao.${type}`,
    time: new Date().toISOString(),
    data: { unidade: 'SP', canal: 'telefone', cliente, ...data },
  };
}

/** One that counts. */
export const counts = (data: object = {}): object =>
  event('atendimento', { tipoSolucao: 'orientacao-tecnica', ...data });
