import { setTimeout as espera } from 'node:timers/promises';
import { CodedError, RetryableError } from '#platform/errors.ts';
import type { CloudEvent } from './evento.ts';
import { Segmentos } from './segmentos.ts';
import type { Resultado, Transporte } from './transporte.ts';

/** What the caller is told while events wait on disk. */
export type Aviso =
  | { tipo: 'guardados'; quantos: number; bytes: number }
  | { tipo: 'cheia'; recusados: number; bytes: number }
  | { tipo: 'ainda-fora'; causa: Error }
  | { tipo: 'entregues'; resultados: Resultado[]; bytes: number };

export interface OpcoesDaReserva {
  /** A folder of this process alone; what an earlier one left there is delivered first. */
  pasta: string;
  /** Encrypts what is on disk, for it may hold CPFs; at least 16 characters, the same after a restart. */
  segredo: string;
  /** The most the folder may hold, in bytes; beyond it events are refused with RESERVA_CHEIA. Default: 256 MiB. */
  maximoBytes?: number;
  /** Pause before the way in is tried again, in milliseconds. Default: 5,000. */
  pausaMs?: number;
  avisa: (aviso: Aviso) => void;
}

const MAXIMO_BYTES = 256 * 1024 * 1024;
const PAUSA_MS = 5_000;
const LOTE = 500;
const MENOR_SEGREDO = 16;

class TransporteComReserva implements Transporte {
  readonly #transporte: Transporte;
  readonly #segmentos: Segmentos;
  readonly #maximoBytes: number;
  readonly #pausaMs: number;
  readonly #avisa: (aviso: Aviso) => void;
  readonly #fim = new AbortController();
  #entrega: Promise<void> | null = null;

  constructor(transporte: Transporte, segmentos: Segmentos, opcoes: OpcoesDaReserva) {
    this.#transporte = transporte;
    this.#segmentos = segmentos;
    this.#maximoBytes = opcoes.maximoBytes ?? MAXIMO_BYTES;
    this.#pausaMs = opcoes.pausaMs ?? PAUSA_MS;
    this.#avisa = opcoes.avisa;
    this.#comeca();
  }

  async envia(eventos: readonly CloudEvent[]): Promise<Resultado[]> {
    // Nothing overtakes what waits on disk.
    if (!this.#segmentos.vazio) return this.#guarda(eventos);
    try {
      return await this.#transporte.envia(eventos);
    } catch (erro) {
      if (erro instanceof RetryableError) return this.#guarda(eventos);
      throw erro;
    }
  }

  async #guarda(eventos: readonly CloudEvent[]): Promise<Resultado[]> {
    const quantos = await this.#segmentos.guarda(eventos, this.#maximoBytes);
    const { bytes } = this.#segmentos;
    this.#comeca();
    if (quantos > 0) this.#avisa({ tipo: 'guardados', quantos, bytes });
    const recusados = eventos.length - quantos;
    if (recusados > 0) this.#avisa({ tipo: 'cheia', recusados, bytes });
    const detalhe = `a reserva em disco já tem ${bytes} de ${this.#maximoBytes} bytes; envie de novo mais tarde`;
    return eventos.map(({ id }, n) =>
      n < quantos ? { id, estado: 'guardado' } : { id, estado: 'recusado', motivo: 'RESERVA_CHEIA', detalhe },
    );
  }

  #comeca(): void {
    if (this.#segmentos.vazio || this.#fim.signal.aborted) return;
    this.#entrega ??= this.#entregaTudo().finally(() => {
      this.#entrega = null;
      this.#comeca();
    });
  }

  async #entregaTudo(): Promise<void> {
    while (!this.#fim.signal.aborted && !this.#segmentos.vazio) {
      try {
        await this.#entregaPrimeiro();
      } catch (erro) {
        // Whatever it is, the events stay where they are: the caller is told, and it is tried again.
        this.#avisa({ tipo: 'ainda-fora', causa: erro instanceof Error ? erro : new Error(String(erro)) });
        await espera(this.#pausaMs, undefined, { signal: this.#fim.signal }).catch(() => undefined);
      }
    }
  }

  async #entregaPrimeiro(): Promise<void> {
    const segmento = await this.#segmentos.primeiro();
    if (segmento === null) return;
    const resultados: Resultado[] = [];
    for (let n = 0; n < segmento.eventos.length; n += LOTE) {
      resultados.push(...(await this.#transporte.envia(segmento.eventos.slice(n, n + LOTE))));
    }
    await this.#segmentos.descarta(segmento.nome);
    this.#avisa({ tipo: 'entregues', resultados, bytes: this.#segmentos.bytes });
  }

  /** Stops delivering (what is on disk stays for the next start), and closes the transport. */
  async fecha(): Promise<void> {
    this.#fim.abort();
    await this.#entrega;
    await this.#segmentos.fecha();
    await this.#transporte.fecha();
  }
}

/**
 * A transport that keeps events on disk while the way in is away: their result is `guardado`, and they are delivered in
 * order once it is back, also by the next process. Delivery may repeat an event, which downstream counts once by its id.
 * For one `Produtor` alone. How soon it turns to the disk is the `pacienciaMs` of the transport within.
 * @throws CodedError SEGREDO_CURTO, RESERVA_EM_USO, RESERVA_ILEGIVEL
 */
export async function comReserva(transporte: Transporte, opcoes: OpcoesDaReserva): Promise<Transporte> {
  if (opcoes.segredo.length < MENOR_SEGREDO) {
    throw new CodedError('SEGREDO_CURTO', `o segredo da reserva precisa de ao menos ${MENOR_SEGREDO} caracteres`);
  }
  return new TransporteComReserva(transporte, await Segmentos.abre(opcoes.pasta, opcoes.segredo), opcoes);
}
