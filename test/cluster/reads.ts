import { setTimeout as wait } from 'node:timers/promises';
import { pseudonimizador } from '#domain/documento.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { Clientes } from '../../services/cli/demo/clientes.ts';
import { type Load, probeOf } from '../faults/load.ts';
import type { AnyRig } from '../faults/rig.ts';
import { until } from '../integration/until.ts';

const CLIENTS = 24;
const EVERY_MS = 20;
const PATIENCE_MS = 60_000;
/** Nothing else of the load is of it. */
const YEAR = 2024;

/** What the api is to answer to a question whose answer does not change meanwhile. */
export interface Known {
  path: string;
  answer: string;
}

/** What the api answered while something was broken. */
export interface Answers {
  right: number;
  /** 503, with when to ask again. */
  refused: number;
  /** Anything else. */
  wrong: string[];
}

async function ask(rig: AnyRig, path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${resolveChaveOperacao()}` };
  return fetch(`${rig.url('api')}${path}`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** Clients on every shard, counted before anything is broken, and what the api says of them, and of all of them together. */
export async function knownAnswers(rig: AnyRig, load: Load): Promise<Known[]> {
  const pseudonym = pseudonimizador(rig.config.clientIdKey);
  const cpfs = Array.from({ length: CLIENTS }, (_, n) => new Clientes(YEAR, 0).cpf(70_000_000 + n));
  const then = `${YEAR}-06-15T12:00:00-03:00`;
  await Promise.all(cpfs.map((cpf) => load.send({ ...probeOf(cpf), time: then })));
  const paths = cpfs.map((cpf) => `/v1/clientes/${pseudonym(cpf)}`);
  const counted = async (path: string) => (await ask(rig, path)).ok;
  for (const path of paths) await until(() => counted(path), `${path} to be there`, PATIENCE_MS);
  paths.push(`/v1/indicadores/clientes-atendidos?periodo=${YEAR}&mes=${YEAR}-06`);
  return Promise.all(paths.map(async (path) => ({ path, answer: await (await ask(rig, path)).text() })));
}

/** Asks the api what is known, again and again. @returns what ends it, and says what came of it */
export function keepAsking(rig: AnyRig, known: readonly Known[]): () => Promise<Answers> {
  const answers: Answers = { right: 0, refused: 0, wrong: [] };
  let on = true;
  const once = async ({ path, answer }: Known): Promise<void> => {
    const response = await ask(rig, path).catch((error: unknown) => new Response(String(error), { status: 599 }));
    const body = await response.text();
    const told = response.headers.get('retry-after');
    if (response.status === 200 && body === answer) answers.right++;
    else if (response.status === 503 && /^\d+$/.test(told ?? '') && body.includes('SERVICO_INDISPONIVEL'))
      answers.refused++;
    else answers.wrong.push(`${path}: ${response.status} ${body.slice(0, 200)}`);
  };
  const asking = (async () => {
    for (let n = 0; on; n++) {
      const asked = known[n % known.length];
      if (asked !== undefined) await once(asked);
      // All of them together, half of the time.
      const together = known.at(-1);
      if (together !== undefined) await once(together);
      await wait(EVERY_MS);
    }
  })();
  return async () => {
    on = false;
    await asking;
    return answers;
  };
}
