import { randomUUID } from 'node:crypto';
import type { Result } from 'ioredis';
import { CodedError, RetryableError } from '../errors.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import { geracaoInicial, nomeDaGeracao } from './chaves.ts';
import { lua } from './scripts.ts';

/** One hash tag: what is changed together stands in one Cluster slot. */
const GERACOES = '{geracao}';
const TRAVA = `${GERACOES}:trava`;
/** How long a lock outlives a holder that was killed. */
export const TRAVA_MS = 10_000;
const CHAVES_POR_SCAN = 1_000;

const [PAPEIS_LUA, TRAVA_LUA] = [lua('papeis'), lua('trava')];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** platform/estado/papeis.lua */
    mudaPapeis(numeroDeChaves: number, ...chavesEArgumentos: string[]): Result<0 | 1, Context>;
    /** platform/estado/trava.lua */
    estendeTrava(numeroDeChaves: number, ...chavesEArgumentos: (string | number)[]): Result<0 | 1, Context>;
  }
}

/** The generations of the state there are, by name; null: none such. */
export interface SituacaoDasGeracoes {
  /** Read and served. */
  viva: string;
  /** Was live before, and is kept. */
  anterior: string | null;
  /** Being built beside the live one; the same as `anterior`: the one that is gone back to. */
  nova: string | null;
  /** Being removed. */
  descartada: string | null;
}

/** The number of the apuração in force; without any, 0. */
export type EmVigor = () => number;
export const SEM_APURACOES: EmVigor = () => 0;

/** The generation that is read and served now. One HGET. @throws RetryableError */
export async function geracaoViva(redis: RedisConnection, emVigor: EmVigor): Promise<string> {
  return (await toRetryable(redis.hget(GERACOES, 'viva'))) ?? geracaoInicial(emVigor());
}

/** Whether somebody is changing generations just now. @throws RetryableError */
export async function trocaEmCurso(redis: RedisConnection): Promise<boolean> {
  return (await toRetryable(redis.exists(TRAVA))) === 1;
}

type Papel = keyof SituacaoDasGeracoes;

export const perdeuATrava = (): CodedError =>
  new CodedError('RECONSTRUCAO_DESLOCADA', 'outro processo tomou o lugar deste: repita');

/**
 * Which generations of the state there are, and the one pointer that says which is live. Methods throw RetryableError;
 * those that change a generation's role also CodedError RECONSTRUCAO_DESLOCADA, if the lock was lost: nothing changed.
 */
export class Geracoes {
  readonly #redis: RedisConnection;
  readonly #emVigor: EmVigor;
  readonly #quem = randomUUID();

  constructor(redis: RedisConnection, emVigor: EmVigor = SEM_APURACOES) {
    this.#redis = redis;
    this.#emVigor = emVigor;
    redis.defineCommand('mudaPapeis', { lua: PAPEIS_LUA });
    redis.defineCommand('estendeTrava', { lua: TRAVA_LUA });
  }

  async situacao(): Promise<SituacaoDasGeracoes> {
    const { viva, anterior, nova, descartada } = await toRetryable(this.#redis.hgetall(GERACOES));
    return {
      viva: viva ?? geracaoInicial(this.#emVigor()),
      anterior: anterior ?? null,
      nova: nova ?? null,
      descartada: descartada ?? null,
    };
  }

  /** Names a new generation, of what an apuração decided; a name is never given twice. */
  async cria(apuracao: number): Promise<string> {
    const nova = nomeDaGeracao(await toRetryable(this.#redis.hincrby(GERACOES, 'numero', 1)), apuracao);
    await this.#muda(['nova', null], { nova });
    return nova;
  }

  /** Writes down which one is live, where that went without saying: another apuração may be in force soon. */
  async fixaViva(): Promise<void> {
    await toRetryable(this.#redis.hsetnx(GERACOES, 'viva', geracaoInicial(this.#emVigor())));
  }

  /** Makes the one kept the new one too, to be brought up to the live one and changed for it. */
  async retomaAnterior(anterior: string): Promise<void> {
    await this.#muda(['nova', null], { nova: anterior });
  }

  /** Undoes {@link retomaAnterior}: it is kept, and may be gone back to later. */
  async desisteDaAnterior(anterior: string): Promise<void> {
    await this.#muda(['nova', anterior], { nova: null });
  }

  /** Makes `nova` the live one in one step, and keeps `viva`. Of an answer lost on its way it asks what is live. */
  async troca(viva: string, nova: string): Promise<void> {
    try {
      await this.#muda(['nova', nova], { viva: nova, anterior: viva, nova: null });
    } catch (error) {
      if (!(error instanceof RetryableError) || (await this.situacao()).viva !== nova) throw error;
    }
  }

  /** Takes the lock that only one changer of generations holds. @returns false: another holds it */
  async toma(): Promise<boolean> {
    return (await toRetryable(this.#redis.set(TRAVA, this.#quem, 'PX', TRAVA_MS, 'NX'))) === 'OK';
  }

  /** Keeps the lock for as long again. @returns false: it was lost */
  async mantem(): Promise<boolean> {
    return (await toRetryable(this.#redis.estendeTrava(1, TRAVA, this.#quem, TRAVA_MS))) === 1;
  }

  async solta(): Promise<void> {
    await toRetryable(this.#redis.estendeTrava(1, TRAVA, this.#quem, 0));
  }

  /**
   * Removes a generation that is not live: first its name, so that nobody goes back to half of it, then its keys.
   * @param progresso told how many keys are gone, before each step; what it throws ends the removal
   */
  async descarta(papel: 'anterior' | 'nova', nome: string, progresso: (chaves: number) => void): Promise<void> {
    await this.#muda([papel, nome], { descartada: nome, [papel]: null });
    await this.apaga(nome, progresso);
  }

  /** Removes the keys of a generation that was discarded, also where a removal was cut short. */
  async apaga(descartada: string, progresso: (chaves: number) => void): Promise<void> {
    let apagadas = 0;
    for await (const chaves of varre(this.#redis, `${descartada}:{*}:*`)) {
      progresso(apagadas);
      // One by one: in a Cluster the keys of a command share a slot.
      await toRetryable(Promise.all(chaves.map((chave) => this.#redis.unlink(chave))));
      apagadas += chaves.length;
    }
    await this.#muda(['descartada', descartada], { descartada: null });
  }

  /** Writes roles if the lock is ours and `papel` is the role of the generation `nome`. */
  async #muda([papel, nome]: [Papel, string | null], papeis: Partial<SituacaoDasGeracoes>): Promise<void> {
    const pares = Object.entries(papeis).flatMap(([qual, dela]) => [qual, dela ?? '']);
    const argumentos = [this.#quem, papel, nome ?? '', ...pares];
    if ((await toRetryable(this.#redis.mudaPapeis(2, GERACOES, TRAVA, ...argumentos))) !== 1) throw perdeuATrava();
  }
}

/** The keys that match, some at a time, of every node; SCAN may give one twice. */
export async function* varre(redis: RedisConnection, padrao: string): AsyncGenerator<string[]> {
  // In a Cluster, every master.
  const nos: readonly Pick<RedisConnection, 'scan'>[] = 'nodes' in redis ? redis.nodes('master') : [redis];
  for (const no of nos) {
    let cursor = '0';
    do {
      const [proximo, chaves] = await toRetryable(no.scan(cursor, 'MATCH', padrao, 'COUNT', CHAVES_POR_SCAN));
      cursor = proximo;
      yield chaves;
    } while (cursor !== '0');
  }
}

/** Of a stopped position, its number; null: not stopped. */
export function posicaoParada(texto: string | null): number | null {
  return texto?.startsWith('#') === true ? Number(texto.slice(1)) : null;
}
