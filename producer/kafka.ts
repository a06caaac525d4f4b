import { type Pseudonimizador, pseudonimizador } from '#domain/documento.ts';
import type { Interacao } from '#domain/interacao.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import { examinaEvento, type Recusa, registroDe } from '#platform/exame.ts';
import type { Kafka, OutputRecord, Producer } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import type { CloudEvent } from './evento.ts';
import { insiste, PACIENCIA_MS, type Tentativa } from './paciencia.ts';
import type { Resultado, Transporte } from './transporte.ts';

export interface OpcoesKafka {
  kafka: Kafka;
  registry: Registry;
  /** CLIENT_ID_KEY: documents are replaced here, before anything leaves the process. */
  clientIdKey: string;
  /** How long to go on trying while Kafka is away, in milliseconds. Default: 60,000. */
  pacienciaMs?: number;
}

type Lido = { id: string; registro: OutputRecord } | { recusa: Resultado };

class TransporteKafka implements Transporte {
  readonly #producer: Producer;
  readonly #codec: Codec<Interacao>;
  readonly #pseudonimo: Pseudonimizador;
  readonly #pacienciaMs: number;

  constructor(producer: Producer, codec: Codec<Interacao>, { clientIdKey, pacienciaMs = PACIENCIA_MS }: OpcoesKafka) {
    this.#producer = producer;
    this.#codec = codec;
    this.#pseudonimo = pseudonimizador(clientIdKey);
    this.#pacienciaMs = pacienciaMs;
  }

  async envia(eventos: readonly CloudEvent[]): Promise<Resultado[]> {
    const lidos = eventos.map((e) => this.#le(e));
    const registros = lidos.flatMap((l) => ('registro' in l ? [l.registro] : []));
    await insiste(this.#pacienciaMs, () => this.#tenta(registros));
    return lidos.map((l) => ('recusa' in l ? l.recusa : { id: l.id, estado: 'aceito' }));
  }

  async #tenta(registros: readonly OutputRecord[]): Promise<Tentativa<void>> {
    try {
      return { feito: await this.#producer.send(registros) };
    } catch (causa) {
      if (causa instanceof RetryableError) return { causa, pausaMs: null };
      throw causa;
    }
  }

  #le(evento: CloudEvent): Lido {
    const recusado = ({ motivo, detalhe }: Recusa): Lido => ({
      recusa: { id: evento.id, estado: 'recusado', motivo, detalhe },
    });
    const exame = examinaEvento(evento, this.#pseudonimo);
    if ('recusa' in exame) return recusado(exame.recusa);
    const feito = registroDe(exame.interacao, this.#codec);
    return 'recusa' in feito ? recusado(feito.recusa) : { id: exame.interacao.id, registro: feito.registro };
  }

  fecha(): Promise<void> {
    return this.#producer.close();
  }
}

/**
 * Straight to Kafka, for systems that may hold CLIENT_ID_KEY: the checks of the HTTP door are made here, and CPFs are
 * replaced here.
 * @throws RetryableError a server is away, or the stack is not prepared yet
 */
export async function transporteKafka(opcoes: OpcoesKafka): Promise<Transporte> {
  // Both input topics carry the same schema.
  const codec = await codecFor(opcoes.registry, 'interacoes');
  return new TransporteKafka(await opcoes.kafka.producer(), codec, opcoes);
}
