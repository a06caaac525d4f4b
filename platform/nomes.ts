import { type Pseudonimizador, pseudonimizador } from '#domain/documento.ts';
import {
  impressaoDaChave,
  pseudonimizadorDaTroca,
  pseudonimizadorSelado,
  type TrocaEmVigor,
  TrocasDeChave,
} from '#domain/troca-de-chave.ts';
import { CodedError, RetryableError } from './errors.ts';
import type { Follower, Kafka } from './kafka/port.ts';
import { KEY_CHANGES_TOPIC } from './topics.ts';
import { LeituraDasTrocas } from './trocas.ts';

export interface Chaves {
  /** CLIENT_ID_KEY. */
  clientIdKey: string;
  /** CLIENT_ID_KEY_ANTERIOR: while a change of key is prepared, and ever after. */
  clientIdKeyAnterior: string | null;
}

/** What is wrong with the keys, now that a change is in force; null: nothing. */
function problemaDas({ clientIdKey, clientIdKeyAnterior }: Chaves, { anterior, nova }: TrocaEmVigor): string | null {
  if (impressaoDaChave(clientIdKey) !== nova) return 'CLIENT_ID_KEY precisa ser a chave nova';
  if (clientIdKeyAnterior === null) return 'falta CLIENT_ID_KEY_ANTERIOR, a chave de antes da troca';
  return impressaoDaChave(clientIdKeyAnterior) === anterior ? null : 'CLIENT_ID_KEY_ANTERIOR não é a chave de antes';
}

/** How CPFs are named: by the keys, and by what is known of changes of them. */
export class Nomes {
  readonly #chaves: Chaves;
  readonly #trocas: TrocasDeChave;
  readonly #semTroca: Pseudonimizador;
  #daTroca: { troca: TrocaEmVigor; nomeia: Pseudonimizador } | null = null;

  constructor(chaves: Chaves, trocas: TrocasDeChave) {
    this.#chaves = chaves;
    this.#trocas = trocas;
    // Until a change is in force everybody has the name of the key of before.
    this.#semTroca = pseudonimizador(chaves.clientIdKeyAnterior ?? chaves.clientIdKey);
  }

  /** @throws CodedError CHAVE_SUPERADA: a change is in force, and the keys are not its keys */
  confere(): void {
    const { emVigor } = this.#trocas;
    const problema = emVigor === null ? null : problemaDas(this.#chaves, emVigor);
    if (problema === null) return;
    throw new CodedError('CHAVE_SUPERADA', `a CLIENT_ID_KEY foi trocada: ${problema} (docs/privacy.md)`);
  }

  /** Names who is asked for. @throws CodedError CHAVE_SUPERADA */
  readonly procura: Pseudonimizador = (cpf) => {
    const { emVigor } = this.#trocas;
    if (emVigor === null) return this.#semTroca(cpf);
    if (this.#daTroca?.troca !== emVigor) this.#daTroca = { troca: emVigor, nomeia: this.#nomeadorDa(emVigor) };
    return this.#daTroca.nomeia(cpf);
  };

  /**
   * Every client id that records of a CPF may stand under: the one they have, first; then those by which who did not hear
   * of a change sends of them, which is set aside.
   * @throws CodedError CHAVE_SUPERADA
   */
  readonly todos = (cpf: string): [string, ...string[]] => {
    const id = this.procura(cpf);
    const { clientIdKey, clientIdKeyAnterior: anterior } = this.#chaves;
    if (this.#trocas.emVigor === null || anterior === null) return [id];
    const outros = [pseudonimizador(anterior), pseudonimizador(clientIdKey), pseudonimizadorSelado(clientIdKey)];
    return [id, ...outros.map((nomeia) => nomeia(cpf)).filter((outro) => outro !== id)];
  };

  /** Names who is told of. @throws RetryableError a change is coming into force, or came, and the keys are not its keys */
  readonly registra: Pseudonimizador = (cpf) => {
    if (this.#trocas.anunciada !== null) throw new RetryableError('a CLIENT_ID_KEY está sendo trocada');
    try {
      return this.procura(cpf);
    } catch (error) {
      // Who sends is not to blame: sent again, once the keys are right, it is taken.
      if (error instanceof CodedError) throw new RetryableError(`${error.code}: ${error.message}`, { cause: error });
      throw error;
    }
  };

  /**
   * Sends what was named just now. What Kafka took while a change came into force may stand behind its offsets, where it
   * would be set aside: it is refused, and sent again under the right name it counts once.
   * @throws RetryableError
   */
  async enviando<T>(envio: () => Promise<T>): Promise<T> {
    const { emVigor } = this.#trocas;
    const feito = await envio();
    if (this.#trocas.anunciada === null && this.#trocas.emVigor === emVigor) return feito;
    throw new RetryableError('a CLIENT_ID_KEY foi trocada durante o envio');
  }

  #nomeadorDa(troca: TrocaEmVigor): Pseudonimizador {
    this.confere();
    const { clientIdKey: nova, clientIdKeyAnterior: anterior } = this.#chaves;
    return pseudonimizadorDaTroca({ nova, anterior: anterior ?? '' }, troca);
  }
}

/** The same, for who follows nothing else. */
export interface NomesSeguidos {
  readonly nomes: Nomes;
  /** Resolves when every record acknowledged before the call is known. @throws RetryableError; CodedError */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Loads what there is of changes of key, and goes on following it. @throws CodedError CHAVE_SUPERADA, TROCA_ILEGIVEL */
export async function followNomes(kafka: Pick<Kafka, 'follow'>, chaves: Chaves): Promise<NomesSeguidos> {
  const trocas = new TrocasDeChave();
  const leitura = new LeituraDasTrocas(trocas);
  const nomes = new Nomes(chaves, trocas);
  let erro: unknown = null;
  const follower: Follower = await kafka.follow([KEY_CHANGES_TOPIC], (_tp, registro) => {
    try {
      leitura.recebe(registro);
    } catch (error) {
      erro = error;
    }
  });
  const caughtUp = async (): Promise<void> => {
    await follower.caughtUp();
    if (erro !== null) throw erro;
    nomes.confere();
  };
  try {
    await caughtUp();
  } catch (error) {
    await follower.stop();
    throw error;
  }
  return { nomes, caughtUp, stop: () => follower.stop() };
}
