import type { z } from 'zod';
import type { Follower, InputRecord, Kafka } from '../kafka/port.ts';
import { CREDENTIALS_TOPIC } from '../topics.ts';
import { type Credencial, credencial, type Fonte, fonte, hashDoSegredo } from './credencial.ts';

interface LogDaTabela {
  error(fields: object, message: string): void;
}

/** Who may call: what a service asks. */
export interface Credenciais {
  /** By the secret a caller presents; undefined: nobody's. */
  porSegredo(segredo: string): Credencial | undefined;
  credencial(id: string): Credencial | undefined;
  fonte(source: string): Fonte | undefined;
}

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

/** Credentials and sources in memory. */
export class TabelaDeCredenciais implements Credenciais {
  readonly #porId = new Map<string, Credencial>();
  readonly #porHash = new Map<string, Credencial>();
  readonly #fontes = new Map<string, Fonte>();
  readonly #daOperacao: Credencial;

  /** @param chaveOperacao the secret that is accepted without being in the topic */
  constructor(chaveOperacao: string) {
    this.#daOperacao = {
      id: 'operacao',
      hash: hashDoSegredo(chaveOperacao),
      source: null,
      papeis: ['operacao', 'consulta', 'bi'],
      interacoes: null,
      criada: new Date(0).toISOString(),
    };
  }

  porSegredo(segredo: string): Credencial | undefined {
    const hash = hashDoSegredo(segredo);
    return hash === this.#daOperacao.hash ? this.#daOperacao : this.#porHash.get(hash);
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
    if (anterior !== undefined) this.#porHash.delete(anterior.hash);
    this.#porId.delete(id);
    if (nova === null) return valor === null;
    this.#porId.set(id, nova);
    this.#porHash.set(nova.hash, nova);
    return true;
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
