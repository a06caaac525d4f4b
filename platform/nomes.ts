import { type Pseudonimizador, pseudonimizador } from '#domain/documento.ts';
import {
  type Impressao,
  impressaoDaChave,
  pseudonimizadorDasTrocas,
  pseudonimizadorSelado,
  type TrocaEmVigor,
  TrocasDeChave,
} from '#domain/troca-de-chave.ts';
import { chavesEm } from './config-key.ts';
import { CodedError, RetryableError } from './errors.ts';
import type { Follower, Kafka } from './kafka/port.ts';
import { KEY_CHANGES_TOPIC } from './topics.ts';
import { LeituraDasTrocas } from './trocas.ts';

export interface Chaves {
  /** CLIENT_ID_KEY. */
  clientIdKey: string;
  /** CLIENT_ID_KEY_ANTERIOR: while a change of key is prepared, and ever after; of several, the oldest first. */
  clientIdKeyAnterior: string | null;
}

/** The keys before CLIENT_ID_KEY. Whole, the text may be one key with commas in it: then it is the first one there was. */
function anterioresDe({ clientIdKeyAnterior: texto }: Chaves, trocas: readonly TrocaEmVigor[]): string[] {
  if (texto === null) return [];
  // Before any change it can be one only.
  const [primeira] = trocas;
  return primeira === undefined || impressaoDaChave(texto) === primeira.anterior ? [texto] : chavesEm(texto);
}

/** The fingerprints of the keys that were in use, the first one first, up to the one that is. */
function impressoesDas(trocas: readonly TrocaEmVigor[]): Impressao[] {
  return [...trocas.slice(0, 1).map(({ anterior }) => anterior), ...trocas.map(({ nova }) => nova)];
}

const TODAS = 'CLIENT_ID_KEY_ANTERIOR precisa ter todas as de antes, a mais antiga primeiro';

/** What is wrong with the keys, now that changes are in force; null: nothing. One more may be prepared. */
function problemaDas(chaves: Chaves, trocas: readonly TrocaEmVigor[]): string | null {
  const dadas = [...anterioresDe(chaves, trocas), chaves.clientIdKey];
  const houve = impressoesDas(trocas);
  const preparadas = dadas.length - houve.length;
  const quantas = `chaves que tem: ${dadas.length - 1}; trocas feitas: ${trocas.length}`;
  if (preparadas > 1) return `${TODAS}, e só elas; ${quantas}`;
  if (preparadas < 1 && impressaoDaChave(chaves.clientIdKey) !== houve.at(-1)) {
    return `CLIENT_ID_KEY precisa ser a chave nova; se é para mais uma troca, ${TODAS}`;
  }
  if (dadas.length === 1) return 'falta CLIENT_ID_KEY_ANTERIOR, com a chave de antes de cada troca';
  if (preparadas < 0) return `${TODAS}; ${quantas}`;
  const errada = houve.findIndex((impressao, n) => impressaoDaChave(dadas[n] ?? '') !== impressao);
  return errada === -1 ? null : `a ${errada + 1}ª chave de CLIENT_ID_KEY_ANTERIOR não é a que então estava em uso`;
}

const DIVERGENTE =
  'a CLIENT_ID_KEY não é a que está em uso aqui: confira se veio inteira, e se é deste ambiente; para trocá-la, ' +
  'dê a de antes em CLIENT_ID_KEY_ANTERIOR';

const DEMAIS =
  'nenhuma troca de CLIENT_ID_KEY foi feita aqui, e CLIENT_ID_KEY_ANTERIOR traz mais de uma chave: confira se são as deste ' +
  'ambiente';

/** The codes that say that this process has other keys than those CPFs are named by. */
export const PROBLEMAS_DA_CHAVE: ReadonlySet<string> = new Set(['CHAVE_SUPERADA', 'CHAVE_DIVERGENTE']);

/** How CPFs are named: by the keys, and by what is known of changes of them. */
export class Nomes {
  readonly #chaves: Chaves;
  readonly #trocas: TrocasDeChave;
  readonly #semTroca: Pseudonimizador;
  readonly #emDia: () => boolean;
  /** Of the key in use as these keys have it, until a change is in force. */
  readonly impressao: Impressao;
  #daTroca: { troca: TrocaEmVigor; nomeia: Pseudonimizador } | null = null;

  /** @param emDia whether what is known of changes is not too old to name anybody who is told of */
  constructor(chaves: Chaves, trocas: TrocasDeChave, emDia: () => boolean = () => true) {
    this.#chaves = chaves;
    this.#trocas = trocas;
    this.#emDia = emDia;
    // Until a change is in force everybody has the name of the key of before.
    const emUso = chaves.clientIdKeyAnterior ?? chaves.clientIdKey;
    this.#semTroca = pseudonimizador(emUso);
    this.impressao = impressaoDaChave(emUso);
  }

  /** Whether these are the keys of more changes than there may be while none is in force: another installation's. */
  get demais(): boolean {
    const { emVigor, emUso } = this.#trocas;
    if (emVigor !== null || emUso === this.impressao) return false;
    return chavesEm(this.#chaves.clientIdKeyAnterior ?? '').length > 1;
  }

  /** The change that these keys are prepared for, or the one they are of; null: they are of none. */
  get troca(): Pick<TrocaEmVigor, 'anterior' | 'nova'> | null {
    const anterior = anterioresDe(this.#chaves, this.#trocas.todas).at(-1);
    if (anterior === undefined) return null;
    return { anterior: impressaoDaChave(anterior), nova: impressaoDaChave(this.#chaves.clientIdKey) };
  }

  /**
   * @throws CodedError CHAVE_SUPERADA: a change is in force, and the keys are not those of the changes there were;
   * CHAVE_DIVERGENTE: none is, and the one in use is another
   */
  confere(): void {
    const { emVigor, emUso, todas } = this.#trocas;
    if (emVigor === null) {
      if (this.demais) throw new CodedError('CHAVE_DIVERGENTE', `${DEMAIS} (docs/privacy.md)`);
      if (emUso === null || emUso === this.impressao) return;
      throw new CodedError('CHAVE_DIVERGENTE', `${DIVERGENTE} (docs/privacy.md)`);
    }
    const problema = problemaDas(this.#chaves, todas);
    if (problema === null) return;
    throw new CodedError('CHAVE_SUPERADA', `a CLIENT_ID_KEY foi trocada: ${problema} (docs/privacy.md)`);
  }

  /** Names who is asked for. @throws CodedError CHAVE_SUPERADA, CHAVE_DIVERGENTE */
  readonly procura: Pseudonimizador = (cpf) => {
    const { emVigor } = this.#trocas;
    if (emVigor === null) {
      this.confere();
      return this.#semTroca(cpf);
    }
    if (this.#daTroca?.troca !== emVigor) {
      const nomeia = pseudonimizadorDasTrocas(this.#emUso(), this.#trocas.todas);
      this.#daTroca = { troca: emVigor, nomeia };
    }
    return this.#daTroca.nomeia(cpf);
  };

  /**
   * Every client id that records of a CPF may stand under: the one they have, first; then those by which who did not hear
   * of a change sends of them, which is set aside.
   * @throws CodedError CHAVE_SUPERADA, CHAVE_DIVERGENTE
   */
  readonly todos = (cpf: string): [string, ...string[]] => {
    const id = this.procura(cpf);
    if (this.#trocas.emVigor === null) return [id];
    const [primeira, ...seguintes] = this.#emUso();
    const outros = [
      pseudonimizador(primeira),
      ...seguintes.flatMap((chave) => [pseudonimizador(chave), pseudonimizadorSelado(chave)]),
    ];
    return [id, ...outros.map((nomeia) => nomeia(cpf)).filter((outro) => outro !== id)];
  };

  /**
   * Names who is told of.
   * @throws RetryableError a change is coming into force; the keys are not those in use; it is not known of late whether
   * they are
   */
  readonly registra: Pseudonimizador = (cpf) => {
    if (!this.#emDia()) throw new RetryableError('não se sabe, há tempo demais, se a CLIENT_ID_KEY foi trocada');
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
   * Sends what was named just now; while a change is announced, nothing. What Kafka took while it was announced or came
   * into force may stand behind its offsets, where it would be set aside: it is refused, and sent again under the right
   * name it counts once.
   * @throws RetryableError
   */
  async enviando<T>(envio: () => Promise<T>): Promise<T> {
    const { anunciada, emVigor } = this.#trocas;
    if (anunciada !== null) throw new RetryableError('a CLIENT_ID_KEY está sendo trocada');
    const feito = await envio();
    if (this.#trocas.anunciada === null && this.#trocas.emVigor === emVigor) return feito;
    throw new RetryableError('a CLIENT_ID_KEY foi trocada durante o envio');
  }

  /** The first key, and that of each change in force; not one that is prepared. @throws CodedError CHAVE_SUPERADA */
  #emUso(): [string, ...string[]] {
    this.confere();
    const { todas } = this.#trocas;
    const [primeira = '', ...seguintes] = [...anterioresDe(this.#chaves, todas), this.#chaves.clientIdKey];
    return [primeira, ...seguintes.slice(0, todas.length)];
  }
}

/** The same, for who follows nothing else. */
export interface NomesSeguidos {
  readonly nomes: Nomes;
  /** Resolves when every record acknowledged before the call is known. @throws RetryableError; CodedError */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** So often what is known is asked for anew; and after so long without an answer nobody new is named. */
const PERGUNTA_MS = 3_000;
const VALIDADE_MS = 20_000;

/**
 * Loads what there is of changes of key, and goes on following it: who is told of is named while that is known to be up
 * to date, and not for ever where the reading has stopped.
 * @param agora milliseconds, of a clock that goes on evenly
 * @throws CodedError CHAVE_SUPERADA, CHAVE_DIVERGENTE, TROCA_ILEGIVEL
 */
export async function followNomes(
  kafka: Pick<Kafka, 'follow'>,
  chaves: Chaves,
  agora: () => number = () => performance.now(),
): Promise<NomesSeguidos> {
  const trocas = new TrocasDeChave();
  const leitura = new LeituraDasTrocas(trocas);
  let sabidoEm = agora();
  const nomes = new Nomes(chaves, trocas, () => agora() - sabidoEm <= VALIDADE_MS);
  let erro: unknown = null;
  const follower: Follower = await kafka.follow([KEY_CHANGES_TOPIC], (_tp, registro) => {
    try {
      leitura.recebe(registro);
    } catch (error) {
      erro = error;
    }
  });
  const caughtUp = async (): Promise<void> => {
    const perguntadoEm = agora();
    await follower.caughtUp();
    if (erro !== null) throw erro;
    sabidoEm = Math.max(sabidoEm, perguntadoEm);
    nomes.confere();
  };
  try {
    await caughtUp();
  } catch (error) {
    await follower.stop();
    throw error;
  }
  let proxima: NodeJS.Timeout;
  let parado = false;
  const pergunta = async (): Promise<void> => {
    // What is wrong is told to whoever asks for a name.
    await caughtUp().catch(() => undefined);
    if (!parado) marca();
  };
  const marca = (): void => {
    proxima = setTimeout(() => void pergunta(), PERGUNTA_MS).unref();
  };
  marca();
  const stop = (): Promise<void> => {
    parado = true;
    clearTimeout(proxima);
    return follower.stop();
  };
  return { nomes, caughtUp, stop };
}
