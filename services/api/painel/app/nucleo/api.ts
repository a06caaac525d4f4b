/** What the api says where it refuses (RFC 9457). */
export interface Problema {
  title: string;
  status: number;
  detail: string;
  codigo: string;
  erros?: { campo: string; mensagem: string }[];
}

/** After how long what passes by itself is asked for again, where the api does not say. */
export const NOVA_TENTATIVA_MS = 2_000;

/** A call that was refused, or that nobody answered (`SEM_RESPOSTA`). */
export class ErroDaApi extends Error {
  override name = 'ErroDaApi';
  readonly problema: Problema;
  /** Seconds that the api asks to wait; null: it does not say. */
  readonly espera: number | null;

  constructor(problema: Problema, espera: number | null = null) {
    super(problema.detail);
    this.problema = problema;
    this.espera = espera;
  }

  /** Nobody answered, a server is in trouble, or too much was asked: it is worth asking again. */
  get passa(): boolean {
    const { status } = this.problema;
    return status === 0 || status === 429 || status >= 500;
  }

  get codigo(): string {
    return this.problema.codigo;
  }
}

const SEM_RESPOSTA: Problema = {
  title: 'O servidor não responde',
  status: 0,
  detail: 'Não foi possível falar com o servidor. Ele pode estar reiniciando: tentamos de novo sozinhos.',
  codigo: 'SEM_RESPOSTA',
};

let aoPerderASessao = (): void => undefined;

/** Told when an answer says that the session is over. */
export function quandoASessaoAcaba(faz: () => void): void {
  aoPerderASessao = faz;
}

async function problemaDe(resposta: Response): Promise<Problema> {
  try {
    return (await resposta.json()) as Problema;
  } catch {
    // A proxy in between answered.
    const { status } = resposta;
    return { title: 'Resposta inesperada', status, detail: `o servidor respondeu ${status}`, codigo: `HTTP_${status}` };
  }
}

/** An answer, whole. @throws ErroDaApi */
export async function chama(caminho: string, init: RequestInit = {}): Promise<Response> {
  let resposta: Response;
  try {
    resposta = await fetch(caminho, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ErroDaApi(SEM_RESPOSTA);
  }
  if (resposta.ok) return resposta;
  const problema = await problemaDe(resposta);
  if (resposta.status === 401 && problema.codigo !== 'CREDENCIAL_INVALIDA') aoPerderASessao();
  const espera = Number(resposta.headers.get('retry-after') ?? Number.NaN);
  throw new ErroDaApi(problema, Number.isFinite(espera) ? espera : null);
}

/** GET, as JSON. @throws ErroDaApi */
export async function busca<T>(caminho: string, signal?: AbortSignal): Promise<T> {
  const init = signal === undefined ? {} : { signal };
  return (await (await chama(caminho, init)).json()) as T;
}

/** A body as JSON there, and the answer as JSON back. @throws ErroDaApi */
export async function envia<T>(caminho: string, corpo: unknown, method = 'POST'): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const resposta = await chama(caminho, { method, headers, body: JSON.stringify(corpo) });
  return (resposta.status === 204 ? undefined : await resposta.json()) as T;
}
