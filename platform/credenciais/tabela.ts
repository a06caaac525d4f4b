import type { z } from 'zod';
import type { Follower, InputRecord, Kafka } from '../kafka/port.ts';
import { CREDENTIALS_TOPIC } from '../topics.ts';
import { type Credencial, credencial, type Fonte, fonte, hashDoSegredo, mesmoHash } from './credencial.ts';

interface LogDaTabela {
  error(fields: object, message: string): void;
}

/** Who may call: what a service asks. */
export interface Credenciais {
  /** By the secret a caller presents; undefined: nobody's. */
  porSegredo(segredo: string): Credencial | undefined;
  /** By the hash of a secret presented earlier: whether that one still holds, and whose it is. */
  porHash(hash: string): Credencial | undefined;
  credencial(id: string): Credencial | undefined;
  fonte(source: string): Fonte | undefined;
}

/** The id of the key that comes from the environment. */
export const OPERACAO = 'operacao';

const PREFIXO = { credencial: 'credencial:', fonte: 'fonte:' } as const;

/** The Kafka key of a record of the topic. */
export function chaveDoRegistro(tipo: keyof typeof PREFIXO, id: string): string {
  return `${PREFIXO[tipo]}${id}`;
}

function le<T>(esquema: z.ZodType<T>, valor: Buffer): T | null {
  try {
    return esquema.parse(JSON.parse(valor.toString()));
  } catch {
    return null;
  }
}

/** A secret that is honoured, or one that never was: what stands where nobody's was presented. */
interface Segredo {
  hash: string;
  credencial: Credencial | undefined;
  /** Milliseconds since the epoch. */
  ate: number;
}

const NINGUEM: Segredo = { hash: hashDoSegredo(''), credencial: undefined, ate: Number.POSITIVE_INFINITY };

/** Credentials and sources in memory. */
export class TabelaDeCredenciais implements Credenciais {
  readonly #porId = new Map<string, Credencial>();
  readonly #porHash = new Map<string, Segredo>();
  readonly #fontes = new Map<string, Fonte>();

  /** @param chaveOperacao the secret that is accepted without being in the topic */
  constructor(chaveOperacao: string) {
    this.#honra({
      id: OPERACAO,
      hash: hashDoSegredo(chaveOperacao),
      source: null,
      papeis: ['operacao', 'consulta', 'bi'],
      interacoes: null,
      criada: new Date(0).toISOString(),
      mudada: null,
      anterior: null,
      limite: null,
    });
  }

  /**
   * Whatever is presented takes the same path: its hash is looked up, and then compared in constant time, with
   * somebody's or with nobody's. A look-up's time tells at most of hashes, of which no secret can be made.
   */
  porSegredo(segredo: string): Credencial | undefined {
    return this.porHash(hashDoSegredo(segredo));
  }

  porHash(hash: string): Credencial | undefined {
    const achado = this.#porHash.get(hash) ?? NINGUEM;
    return mesmoHash(hash, achado.hash) && Date.now() < achado.ate ? achado.credencial : undefined;
  }

  /** All but the operator's own, by id. */
  credenciais(): Credencial[] {
    return [...this.#porId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  credencial(id: string): Credencial | undefined {
    return this.#porId.get(id);
  }

  fonte(source: string): Fonte | undefined {
    return this.#fontes.get(source);
  }

  /** Takes one record of the topic in; false: it cannot be read. */
  aplica(chave: string, valor: Buffer | null): boolean {
    if (chave.startsWith(PREFIXO.fonte)) return this.#aplicaFonte(chave.slice(PREFIXO.fonte.length), valor);
    if (!chave.startsWith(PREFIXO.credencial)) return false;
    const id = chave.slice(PREFIXO.credencial.length);
    const nova = valor === null ? null : le(credencial, valor);
    const anterior = this.#porId.get(id);
    // One that cannot be read takes the old one away too: whoever wrote it meant to change it.
    if (anterior !== undefined) this.#esquece(anterior);
    this.#porId.delete(id);
    if (nova === null) return valor === null;
    this.#porId.set(id, nova);
    this.#honra(nova);
    return true;
  }

  #honra(credencial: Credencial): void {
    const { hash, anterior } = credencial;
    if (anterior !== null) {
      const ate = Date.parse(anterior.ate);
      this.#porHash.set(anterior.hash, { hash: anterior.hash, credencial, ate });
    }
    this.#porHash.set(hash, { hash, credencial, ate: Number.POSITIVE_INFINITY });
  }

  #esquece({ hash, anterior }: Credencial): void {
    this.#porHash.delete(hash);
    if (anterior !== null) this.#porHash.delete(anterior.hash);
  }

  #aplicaFonte(source: string, valor: Buffer | null): boolean {
    const nova = valor === null ? null : le(fonte, valor);
    if (nova === null) this.#fontes.delete(source);
    else this.#fontes.set(source, nova);
    return nova !== null || valor === null;
  }
}

/** The topic followed from its beginning. */
export interface CredenciaisSeguidas {
  readonly tabela: TabelaDeCredenciais;
  /** Resolves when every record acknowledged before the call is in `tabela`. @throws RetryableError Kafka is away */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Loads the credentials and goes on following them: a key made or revoked anywhere holds here within a second. */
export async function followCredenciais(
  kafka: Pick<Kafka, 'follow'>,
  chaveOperacao: string,
  log: LogDaTabela,
): Promise<CredenciaisSeguidas> {
  const tabela = new TabelaDeCredenciais(chaveOperacao);
  const recebe = (registro: InputRecord): void => {
    const chave = registro.key?.toString() ?? '';
    if (!tabela.aplica(chave, registro.value)) log.error({ offset: registro.offset }, 'credencial ilegível');
  };
  const follower: Follower = await kafka.follow([CREDENTIALS_TOPIC], (_tp, registro) => recebe(registro));
  try {
    await follower.caughtUp();
  } catch (error) {
    await follower.stop();
    throw error;
  }
  return { tabela, caughtUp: () => follower.caughtUp(), stop: () => follower.stop() };
}
