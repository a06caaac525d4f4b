import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { codecFor } from '#platform/codec.ts';
import { homeOf } from '#platform/config.ts';
import { runningStack } from '#platform/config-stack.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { type Line, startLine } from '../line/line.ts';
import { attack, installed } from './schemathesis.ts';

const SOURCE = 'fuzz';
const EVENTS = '/v1/eventos';
/** Examples of each call that schemathesis makes in one run: enough for it to vary, few enough that the count is kept to. */
const PER_RUN = 500;
const OF_EVENTS = 1_000;

interface Call {
  call: string;
  status: number;
  accepted: string[];
}

async function put(url: string, body: object): Promise<{ chave: string }> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${resolveChaveOperacao()}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { chave: string };
}

/** A key that may do everything, so that the fuzz gets past the door of every call. */
async function keyOf(api: string): Promise<string> {
  await put(`${api}/v1/fontes/${SOURCE}`, { nome: 'Fuzz', interacoes: ['*', 'contratacao:garantia-fampe'] });
  const papeis = ['produtor', 'operacao', 'bi', 'consulta'];
  return (await put(`${api}/v1/credenciais/${SOURCE}`, { source: SOURCE, papeis })).chave;
}

const callsIn = (file: string): Call[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((l) => l !== '')
    .map((l) => JSON.parse(l) as Call);

async function kept({ kafka, registry }: Line): Promise<Set<string>> {
  const codec = await codecFor(registry, 'interacoes');
  const ids = new Set<string>();
  for (const topic of ['interacoes', 'presencas'] as const) {
    await kafka.readToEnd(topic, {
      onBatch: async ({ records }) => {
        for (const r of records) {
          const i = await codec.decode(r.value);
          if (i.source === SOURCE) ids.add(i.id);
        }
      },
    });
  }
  return ids;
}

/** Figures of the calls, and what is wrong with them. */
function judge(calls: readonly Call[], ids: ReadonlySet<string>, asTheDocumentSays: boolean) {
  const accepted = calls.flatMap((c) => c.accepted);
  const lost = accepted.filter((id) => !ids.has(id));
  const broken = calls.filter((c) => c.status >= 500 && c.status !== 503);
  const turnedAway = calls.filter((c) => c.status === 401).length;
  const byStatus = Object.fromEntries(
    [...Map.groupBy(calls, (c) => c.status)].sort(([a], [b]) => a - b).map(([status, of]) => [status, of.length]),
  );
  // Schemathesis leaves the key out now and then; more often means that the key stopped holding.
  const hadItsKey = turnedAway < calls.length / 100;
  const passedTheDoor = hadItsKey && accepted.length > 0;
  const figures = { calls: calls.length, byStatus, accepted: accepted.length, kept: ids.size, passedTheDoor };
  return { ...figures, lost: lost.slice(0, 20), broken: broken.slice(0, 20).map((c) => c.call), asTheDocumentSays };
}

async function main(): Promise<void> {
  const { calls: wanted, seed } = new Command('fuzz')
    .description('Drives the served OpenAPI document against the line, then looks for every accepted event in Kafka.')
    .option('--calls <n>', 'how many calls, at least', Number, 300)
    .option('--seed <n>', 'the same seed makes the same calls', Number, 1)
    .parse()
    .opts<{ calls: number; seed: number }>();
  const cache = join(homeOf(), 'cache');
  mkdirSync(cache, { recursive: true });
  const program = await installed(cache);
  const file = join(cache, 'fuzz-calls.ndjson');
  rmSync(file, { force: true });
  const line = await startLine();
  try {
    const url = runningStack(line.home)?.processos.find((p) => p.nome === 'api')?.endereco ?? '';
    const one = { program, url, key: await keyOf(url), source: SOURCE, calls: file };
    const first = { ...one, seed, examples: Math.min(PER_RUN, Math.ceil(wanted / 20)) };
    let well = await attack({ ...first, phases: 'examples,coverage,fuzzing', path: null });
    // Examples and coverage are the same with every seed. Every other run is of what takes events, every other of all.
    for (let n = 1; callsIn(file).length < wanted; n += 1) {
      const what = n % 2 === 1 ? { path: EVENTS, examples: OF_EVENTS } : { path: null, examples: PER_RUN };
      well = (await attack({ ...one, ...what, seed: seed + n, phases: 'fuzzing' })) && well;
    }
    const result = judge(callsIn(file), await kept(line), well);
    process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    if (!well || !result.passedTheDoor || result.lost.length > 0 || result.broken.length > 0) process.exitCode = 1;
  } finally {
    await line.stop();
  }
}

await main();
