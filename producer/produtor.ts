import { type CloudEvent, cloudEventDe, type Evento } from './evento.ts';
import type { Resultado, Transporte } from './transporte.ts';

export interface OpcoesDoProdutor {
  /** The producing system, as its credential has it. */
  source: string;
  transporte: Transporte;
  /** Events a batch. Default: 500. */
  lote?: number;
  /** How long the first event of a batch waits for company, in milliseconds. Default: 5. */
  esperaMs?: number;
  /** Events not answered yet beyond which `ready` waits. Default: 10,000. */
  maximoPendentes?: number;
}

interface Pendente {
  evento: CloudEvent;
  resolve: (resultado: Resultado) => void;
  reject: (erro: unknown) => void;
}

const LOTE = 500;
const ESPERA_MS = 5;
const MAXIMO_PENDENTES = 10_000;

/** Sends one system's interactions, in batches, one batch at a time: the order of calls is the order of arrival. */
export class Produtor {
  readonly source: string;
  readonly #transporte: Transporte;
  readonly #lote: number;
  readonly #esperaMs: number;
  readonly #maximoPendentes: number;
  #fila: Pendente[] = [];
  #semResposta = 0;
  #trabalho: Promise<void> | null = null;
  #apressado = false;
  #acorda: (() => void) | null = null;
  #abrindo: (() => void)[] = [];
  #fechado = false;

  constructor({ source, transporte, lote = LOTE, esperaMs = ESPERA_MS, maximoPendentes }: OpcoesDoProdutor) {
    this.source = source;
    this.#transporte = transporte;
    this.#lote = lote;
    this.#esperaMs = esperaMs;
    this.#maximoPendentes = maximoPendentes ?? MAXIMO_PENDENTES;
  }

  /**
   * Takes one interaction. Resolves once Kafka has it, or with the reason it was refused for.
   * @throws RetryableError, CodedError those of the transport; the event may be sent again with the same id
   */
  send(evento: Evento): Promise<Resultado> {
    return this.forward(cloudEventDe(this.source, evento));
  }

  /** As `send`, for a system that has CloudEvents already. */
  forward(evento: CloudEvent): Promise<Resultado> {
    if (this.#fechado) return Promise.reject(new Error('o produtor já foi fechado'));
    this.#semResposta += 1;
    return new Promise((resolve, reject) => {
      this.#fila.push({ evento, resolve, reject });
      if (this.#fila.length >= this.#lote) this.#acorda?.();
      this.#trabalho ??= this.#envia();
    });
  }

  /** Resolves when there is room for more: at once, or as soon as enough has been answered. */
  async ready(): Promise<void> {
    if (this.#semResposta < this.#maximoPendentes) return;
    await new Promise<void>((resolve) => this.#abrindo.push(resolve));
  }

  /** Resolves when everything taken so far has been answered, well or not. */
  async flush(): Promise<void> {
    this.#apressado = true;
    this.#acorda?.();
    await this.#trabalho;
    this.#apressado = false;
  }

  /** Sends what is left; takes no more. The transport stays open, for others may use it. */
  async close(): Promise<void> {
    this.#fechado = true;
    await this.flush();
  }

  async #envia(): Promise<void> {
    while (this.#fila.length > 0) {
      if (this.#fila.length < this.#lote && !this.#apressado) await this.#companhia();
      const lote = this.#fila.splice(0, this.#lote);
      await this.#entrega(lote);
      this.#semResposta -= lote.length;
      if (this.#semResposta < this.#maximoPendentes) for (const abre of this.#abrindo.splice(0)) abre();
    }
    this.#trabalho = null;
  }

  async #companhia(): Promise<void> {
    await new Promise<void>((resolve) => {
      const prazo = setTimeout(resolve, this.#esperaMs);
      this.#acorda = () => {
        clearTimeout(prazo);
        resolve();
      };
    });
    this.#acorda = null;
  }

  async #entrega(lote: readonly Pendente[]): Promise<void> {
    try {
      const resultados = await this.#transporte.envia(lote.map((p) => p.evento));
      for (const [n, p] of lote.entries()) {
        const resultado = resultados[n];
        if (resultado === undefined) p.reject(new Error('o transporte não respondeu por um evento'));
        else p.resolve(resultado);
      }
    } catch (erro) {
      for (const p of lote) p.reject(erro);
    }
  }
}
