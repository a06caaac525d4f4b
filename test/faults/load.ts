import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { pseudonimizador } from '#domain/documento.ts';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { Produtor, transporteHttp } from '#producer/index.ts';
import { ofertaDoAno, portfolioDaDemo, solucoesDe } from '../../services/cli/demo/catalogo.ts';
import { Clientes } from '../../services/cli/demo/clientes.ts';
import { FONTES, type NomeDaFonte } from '../../services/cli/demo/fontes.ts';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { sendPortfolio } from '../line/line.ts';
import { type AnyRig, retried } from './rig.ts';

export const PROBE = 'sonda';
/** More than any fault lasts: an event not answered by then fails the case. */
const PATIENCE_MS = 180_000;
const TICK_MS = 100;
/** More than a case sends. */
const MOST_EVENTS = 40_000;

async function put(url: string, key: string, body: object): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A key of this name, with the operator's. */
export async function keyOf(rig: AnyRig, id: string, of: { source?: string; papeis: string[] }): Promise<string> {
  const made = await put(`${rig.url('ingest')}/v1/credenciais/${id}`, resolveChaveOperacao(), of);
  return (made as { chave: string }).chave;
}

/** A key for each source, and for the probe. */
async function keysOf(rig: AnyRig): Promise<Map<string, string>> {
  const [url, operator] = [`${rig.url('ingest')}/v1`, resolveChaveOperacao()];
  const keys = new Map<string, string>();
  const sources = [...Object.keys(FONTES), PROBE];
  for (const source of sources) {
    const guarantees = source === 'fampe-nacional' ? ['contratacao:garantia-fampe'] : [];
    await put(`${url}/fontes/${source}`, operator, { nome: source, interacoes: ['*', ...guarantees] });
    keys.set(source, await keyOf(rig, source, { source, papeis: ['produtor'] }));
  }
  return keys;
}

const keysByRig = new WeakMap<AnyRig, Promise<Map<string, string>>>();

/** The keys of all sources on this rig, made once. */
export function keysFor(rig: AnyRig): Promise<Map<string, string>> {
  const known = keysByRig.get(rig) ?? keysOf(rig);
  keysByRig.set(rig, known);
  return known;
}

const nameOf = ({ source, id }: { source: string; id: string }): string => `${source} ${id}`;

export interface LoadOptions {
  seed: number;
  /** Events a second. */
  rate?: number;
}

/**
 * The demo's traffic, through the real doors: half of the sources by the api, half straight to ingest. Remembers what was
 * accepted, by source and id; whatever was not is sent again until it is answered.
 */
export class Load {
  readonly accepted = new Set<string>();
  readonly seed: number;
  readonly #rig: AnyRig;
  readonly #producers = new Map<string, Produtor>();
  readonly #failures: unknown[] = [];
  #on = true;
  #running: Promise<void> = Promise.resolve();
  #probed = 0;

  private constructor(rig: AnyRig, keys: ReadonlyMap<string, string>, { seed, rate = 300 }: LoadOptions) {
    this.#rig = rig;
    this.seed = seed;
    for (const [n, source] of [...Object.keys(FONTES), PROBE].entries()) {
      const url = rig.url(n % 2 === 0 ? 'api' : 'ingest');
      const transporte = transporteHttp({ url, chave: keys.get(source) ?? '', pacienciaMs: PATIENCE_MS });
      this.#producers.set(source, new Produtor({ source, transporte, esperaMs: TICK_MS }));
    }
    this.#running = this.#run(seed, rate);
  }

  static async start(rig: AnyRig, options: LoadOptions): Promise<Load> {
    const { seed: semente } = options;
    const portfolio = lePortfolio(portfolioDaDemo({ semente, eventos: MOST_EVENTS }));
    if (!portfolio.ok) throw new Error('o portfólio da carga não é válido');
    await retried(() => sendPortfolio(rig, portfolio.valor));
    return new Load(rig, await keysFor(rig), options);
  }

  /** Sends one event, and again until it is answered. */
  async send(event: Parameters<Produtor['forward']>[0]): Promise<void> {
    try {
      const result = await this.#producers.get(event.source)?.forward(event);
      if (result?.estado === 'aceito') this.accepted.add(nameOf(event));
    } catch (error) {
      this.#failures.push(error);
    }
  }

  async #run(semente: number, rate: number): Promise<void> {
    const options = { semente, eventos: MOST_EVENTS, execucao: `f${semente}`, agora: Date.now() };
    const waiting: Promise<void>[] = [];
    let credit = 0;
    let last = performance.now();
    for (const { fonte, evento } of geraEventos(options)) {
      while (credit < 1 && this.#on) {
        await wait(TICK_MS);
        // Of a pause no more than a second is made up for.
        credit = Math.min(rate, credit + ((performance.now() - last) * rate) / 1_000);
        last = performance.now();
      }
      if (!this.#on) break;
      credit -= 1;
      const producer = this.#producers.get(fonte satisfies NomeDaFonte);
      await producer?.ready();
      waiting.push(this.send(evento));
    }
    await Promise.all(waiting);
  }

  /** Sends an event of a client never seen before for each partition. Returns the clients' ids, once all are accepted. */
  async probe(): Promise<string[]> {
    const { config } = this.#rig;
    const pseudonym = pseudonimizador(config.clientIdKey);
    const clients = new Clientes(this.seed, 0);
    const ids = new Map<number, { id: string; cpf: string }>();
    while (ids.size < config.partitions) {
      const cpf = clients.cpf(50_000_000 + this.#probed++);
      const id = pseudonym(cpf);
      const partition = murmur2Partition(id, config.partitions);
      if (!ids.has(partition)) ids.set(partition, { id, cpf });
    }
    await Promise.all([...ids.values()].map(({ cpf }) => this.send(probeOf(cpf))));
    return [...ids.values()].map(({ id }) => id);
  }

  /** Sends no more. */
  end(): void {
    this.#on = false;
  }

  /** Sends no more, and waits until all that was sent is answered. @throws what a door answered for good */
  async stop(): Promise<void> {
    this.end();
    await this.#running;
    await Promise.all([...this.#producers.values()].map((one) => one.close()));
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}

/** An event of somebody who did something, as it is sent by the probe. */
export function probeOf(cpf: string) {
  const solution = solucoesDe('ferramenta')[0];
  return {
    specversion: '1.0' as const,
    id: randomUUID(),
    source: PROBE,
    type: 'br.com.sebrae.interacao.momento-digital',
    time: new Date().toISOString(),
    datacontenttype: 'application/json' as const,
    data: {
      tipoSolucao: solution.tipoSolucao,
      solucaoId: solution.id,
      disponibilizacaoId: ofertaDoAno(solution, 2026),
      unidade: 'NA',
      canal: 'portal',
      cliente: { pf: { cpf } },
      momento: 'concluiu',
    },
  };
}
