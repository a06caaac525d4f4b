import { z } from 'zod';
import { CodedError, RetryableError } from '#platform/errors.ts';
import type { CloudEvent } from './evento.ts';
import { insiste, PACIENCIA_MS, type Tentativa } from './paciencia.ts';
import type { Resultado, Transporte } from './transporte.ts';

export interface OpcoesHttp {
  /** Where the service answers, such as `https://atendido.exemplo.br`. */
  url: string;
  /** The producer's key, sent as `Authorization: Bearer`. */
  chave: string;
  /** How long to go on trying while the service is away or full, in milliseconds. Default: 60,000. */
  pacienciaMs?: number;
  /** Ends what is under way and what waits: nobody knows then what became of it. */
  sinal?: AbortSignal;
}

const RESPOSTA_EM_MS = 30_000;
const ADIAVEIS = new Set([408, 425, 429, 500, 502, 503, 504]);
const MUITO_GRANDE = 413;

const resultados = z.array(
  z.object({
    id: z.string().nullish(),
    estado: z.enum(['aceito', 'recusado']),
    motivo: z.string().nullish(),
    detalhe: z.string().nullish(),
  }),
);
const problema = z.object({ codigo: z.string(), detail: z.string().nullish(), title: z.string().nullish() });

/** The pause a Retry-After asks for (seconds or a date), in milliseconds; null: it asks for none. */
export function pausaPedida(cabecalho: string | null, agora: number): number | null {
  if (cabecalho === null) return null;
  const segundos = Number(cabecalho);
  if (Number.isFinite(segundos)) return Math.max(0, segundos * 1_000);
  const data = Date.parse(cabecalho);
  return Number.isNaN(data) ? null : Math.max(0, data - agora);
}

interface Respondido {
  status: number;
  texto: string;
}

class TransporteHttp implements Transporte {
  readonly #url: string;
  readonly #chave: string;
  readonly #pacienciaMs: number;
  readonly #sinal: AbortSignal | undefined;

  constructor({ url, chave, pacienciaMs = PACIENCIA_MS, sinal }: OpcoesHttp) {
    this.#url = `${url.replace(/\/+$/, '')}/v1/eventos`;
    this.#chave = chave;
    this.#pacienciaMs = pacienciaMs;
    this.#sinal = sinal;
  }

  async envia(eventos: readonly CloudEvent[]): Promise<Resultado[]> {
    const { status, texto } = await this.#pede(JSON.stringify(eventos));
    if (status === MUITO_GRANDE && eventos.length > 1) {
      const meio = Math.ceil(eventos.length / 2);
      return [...(await this.envia(eventos.slice(0, meio))), ...(await this.envia(eventos.slice(meio)))];
    }
    return this.#le(status, texto, eventos);
  }

  #le(status: number, corpo: string, eventos: readonly CloudEvent[]): Resultado[] {
    const json = parseJson(corpo);
    const lidos = resultados.safeParse(json);
    if (lidos.success && lidos.data.length === eventos.length) {
      return lidos.data.map((r, n) => {
        const id = eventos[n]?.id ?? '';
        if (r.estado === 'aceito') return { id, estado: 'aceito' };
        return { id, estado: 'recusado', motivo: r.motivo ?? 'RECUSADO', detalhe: r.detalhe ?? '' };
      });
    }
    const semCodigo = { codigo: status === MUITO_GRANDE ? 'CORPO_GRANDE_DEMAIS' : 'RESPOSTA_INESPERADA' };
    const { codigo, detail, title } = problema.safeParse(json).data ?? { ...semCodigo, detail: null, title: null };
    const detalhe = `a porta respondeu ${status}: ${detail ?? title ?? corpo.slice(0, 200)}`;
    // Of one event that is too large this alone is refused, and not whatever stands in line behind it.
    const [evento] = eventos;
    if (status === MUITO_GRANDE && evento !== undefined) {
      return [{ id: evento.id, estado: 'recusado', motivo: codigo, detalhe }];
    }
    throw new CodedError(codigo, detalhe);
  }

  #pede(corpo: string): Promise<Respondido> {
    const tenta = async (): Promise<Tentativa<Respondido>> => {
      const resposta = await this.#post(corpo);
      if (resposta instanceof Error) return { causa: naoAceita(String(resposta.cause ?? resposta)), pausaMs: null };
      if (!ADIAVEIS.has(resposta.status)) {
        // Cut in the middle, nobody knows what became of it: as if it had not come.
        const texto = await resposta.text().catch((erro: Error) => erro);
        if (texto instanceof Error) return { causa: naoAceita(String(texto.cause ?? texto)), pausaMs: null };
        return { feito: { status: resposta.status, texto } };
      }
      await resposta.body?.cancel();
      const pausaMs = pausaPedida(resposta.headers.get('retry-after'), Date.now());
      return { causa: naoAceita(`resposta ${resposta.status}`), pausaMs };
    };
    return insiste(this.#pacienciaMs, tenta, this.#sinal);
  }

  #post(corpo: string): Promise<Response | Error> {
    const prazo = AbortSignal.timeout(RESPOSTA_EM_MS);
    return fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json', authorization: `Bearer ${this.#chave}` },
      body: corpo,
      signal: this.#sinal === undefined ? prazo : AbortSignal.any([prazo, this.#sinal]),
    }).catch((erro: Error) => erro);
  }

  async fecha(): Promise<void> {}
}

function naoAceita(causa: string): RetryableError {
  return new RetryableError(`a porta não aceita eventos: ${causa}`);
}

function parseJson(texto: string): unknown {
  try {
    return JSON.parse(texto);
  } catch {
    return null;
  }
}

/** By the HTTP door: batches to POST /v1/eventos, with retry while it is away or asks to wait. */
export function transporteHttp(opcoes: OpcoesHttp): Transporte {
  return new TransporteHttp(opcoes);
}
