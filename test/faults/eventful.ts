import { cpf as geraCpf } from 'cpf-cnpj-validator';
import { expect } from 'vitest';
import { anosDe } from '#domain/cliente.ts';
import { pseudonimizador } from '#domain/documento.ts';
import { esperaALinha } from '#platform/linha.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { until } from '../integration/until.ts';
import { asJson, atendido } from '../line/command.ts';
import { cadastra, consultoria, envia, evento } from '../line/events.ts';
import { historiaDe, onde } from '../line/forgetting.ts';
import { FROM_BEFORE_ALL, otherRulebook } from '../line/other-rulebook.ts';
import type { Rig } from './rig.ts';

/** What every process of a line names CPFs by that has had a change of key, or will. */
export const KEYS = {
  CLIENT_ID_KEY: 'a-chave-que-vem-depois-dessa-uma',
  CLIENT_ID_KEY_ANTERIOR: 'a-chave-que-esta-em-uso-na-linha',
};
const before = pseudonimizador(KEYS.CLIENT_ID_KEY_ANTERIOR);

const PATIENCE_MS = 60_000;
const person = (): string => geraCpf.generate(false);
const of = (cpf: string) => ({ cliente: { pf: { cpf } } });
const TALK = { tipoSolucao: 'palestra', solucaoId: 'PA-7', disponibilizacaoId: 'P-7' };
const [ANA, BEA, EVA] = [person(), person(), person()];
/** How far ahead a clock is: more than is let pass, and by the time the line is copied no more than that. */
const AHEAD_MS = 330_000;

export interface Waiting {
  id: string;
  evento: string;
  motivo: string;
}

export async function waiting(): Promise<Waiting[]> {
  return (await asJson('quarantine', 'list')).resultado.registros;
}

async function idOf(name: string): Promise<string> {
  return (await waiting()).find(({ evento: id }) => id === name)?.id ?? '';
}

async function does(...args: string[]): Promise<void> {
  expect(await atendido(args).fim).toMatchObject({ codigo: 0 });
}

const settled = () => conectado(esperaALinha);

/** Once nothing is left to read: all that Redis holds of clients, by their ids. */
export function clients(): Promise<Map<string, unknown>> {
  return conectado(async (connections) => {
    await esperaALinha(connections);
    const all = new Map<string, unknown>();
    for await (const { titular, estado } of connections.leitor.titulares()) all.set(titular, anosDe(estado));
    return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** A line as it is after a year: put right and put back, decided anew, somebody forgotten, the key changed. */
export class Eventful {
  readonly #rig: Rig;
  /** As somebody sends who knows the key of before alone. */
  readonly #deaf: Pick<Rig, 'producer' | 'registry' | 'config'>;
  readonly #forgotten = person();
  readonly #history = historiaDe(this.#forgotten);

  constructor(rig: Rig) {
    this.#rig = rig;
    const config = { ...rig.config, clientIdKey: KEYS.CLIENT_ID_KEY_ANTERIOR };
    this.#deaf = { producer: rig.producer, registry: rig.registry, config };
  }

  /** Whether something in Redis names who was forgotten. */
  named(): Promise<string[]> {
    return conectado(({ redis }) => onde(redis, before(this.#forgotten)));
  }

  /** What the forgotten one did is sent again, to another line. */
  sendAgain(to: Pick<Rig, 'producer' | 'registry' | 'config'>): Promise<void> {
    return envia({ ...this.#deaf, producer: to.producer }, ...this.#history.antes, ...this.#history.depois);
  }

  /** In quarantine: one comes back by itself, two are put right and back, one waits corrected, one waits. */
  async putRight(): Promise<void> {
    const responsaveis = [{ id: 'r1', papel: 'instrutor' }];
    await cadastra(this.#rig, {
      solucoes: [
        { id: 'PA-7', tipoSolucao: 'palestra', nome: 'Palestra' },
        { id: 'CO-7', tipoSolucao: 'consultoria', nome: 'Consultoria' },
      ],
      disponibilizacoes: [{ id: 'P-7', solucaoId: 'PA-7', etapas: 1, responsaveis }],
    });
    const soon = new Date(Date.now() + AHEAD_MS).toISOString();
    await envia(
      this.#deaf,
      evento('k7', 'check-in', { ...TALK, ...of(ANA), canal: 'balcao' }),
      consultoria('c7', 'CO-7', { ...of(ANA), canal: 'pombo' }),
      consultoria('c8', 'CO-7', { ...of(BEA), canal: 'pombo' }),
      consultoria('a7', 'CO-8', of(EVA)),
      { ...consultoria('d7', 'CO-7', of(EVA)), time: soon },
    );
    await settled();
    const [k7, c7, c8] = [await idOf('k7'), await idOf('c7'), await idOf('c8')];
    await does('quarantine', 'fix', k7, '--set', 'canal=agencia', '--set', `cliente.pf.cpf=${BEA}`);
    await does('quarantine', 'fix', c7, '--set', 'canal=agencia');
    await does('quarantine', 'replay', k7, c7, '--apply');
    await does('quarantine', 'fix', c8, '--set', 'canal=agencia');
    await envia(this.#deaf, evento('f7', 'consolidacao-disponibilizacao', { ...TALK, cliente: undefined }));
    await cadastra(this.#rig, { solucoes: [{ id: 'CO-8', tipoSolucao: 'consultoria', nome: 'Outra' }] });
    await until(async () => (await idOf('a7')) === '', 'the portfolio to bring one back', PATIENCE_MS);
    expect((await waiting()).map(({ evento: id }) => id)).toEqual(expect.arrayContaining(['c8', 'd7']));
  }

  /** Another rulebook decides all of it anew; what it sets aside anew is put right and back too. */
  async decideAnew(): Promise<void> {
    const rulebook = otherRulebook(this.#rig.paths.home, 'noventa');
    await does('reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebook, '--apply');
    this.#rig.emVigor = 1;
    await envia(this.#deaf, consultoria('c9', 'CO-7', { ...of(EVA), canal: 'pombo' }));
    await settled();
    await does('quarantine', 'fix', await idOf('c9'), '--set', 'canal=agencia');
    await does('quarantine', 'replay', await idOf('c9'), '--apply');
  }

  async forget(): Promise<void> {
    await cadastra(this.#rig, this.#history.portfolio);
    await envia(this.#deaf, ...this.#history.antes);
    await until(async () => (await this.named()).length > 3, 'the person to be counted', PATIENCE_MS);
    await does('forget', this.#forgotten);
    await envia(this.#deaf, ...this.#history.depois, ...this.#history.denovo());
    await settled();
    await until(async () => (await this.named()).length === 0, 'nothing to name the person', PATIENCE_MS);
  }

  /** The key is changed; somebody new is still sent by the one of before. */
  async changeKey(): Promise<void> {
    await does('key-change', '--pessoa', BEA, '--por', 'ana');
    await envia(this.#deaf, consultoria('s7', 'CO-7', of(person())), consultoria('s8', 'CO-7', of(BEA)));
    await until(async () => (await idOf('s7')) !== '', 'the key of before to be set aside', PATIENCE_MS);
  }
}
