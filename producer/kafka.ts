import { type Pseudonimizador, pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { chaveDeParticao, type Interacao, topicoDe } from '#domain/interacao.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import type { Kafka, OutputRecord, Producer } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import type { CloudEvent } from './evento.ts';
import type { Resultado, Transporte } from './transporte.ts';

export interface OpcoesKafka {
  kafka: Kafka;
  registry: Registry;
  /** CLIENT_ID_KEY: documents are replaced here, before anything leaves the process. */
  clientIdKey: string;
}

type Lido = { interacao: Interacao } | { recusa: Resultado };

class TransporteKafka implements Transporte {
  readonly #producer: Producer;
  readonly #codec: Codec<Interacao>;
  readonly #pseudonimo: Pseudonimizador;

  constructor(producer: Producer, codec: Codec<Interacao>, clientIdKey: string) {
    this.#producer = producer;
    this.#codec = codec;
    this.#pseudonimo = pseudonimizador(clientIdKey);
  }

  async envia(eventos: readonly CloudEvent[]): Promise<Resultado[]> {
    const lidos = eventos.map((e) => this.#le(e));
    const registros = lidos.flatMap((l) => ('interacao' in l ? [this.#registro(l.interacao)] : []));
    await this.#producer.send(registros);
    return lidos.map((l) => ('recusa' in l ? l.recusa : { id: l.interacao.id, estado: 'aceito' }));
  }

  /** The same checks as the HTTP door. */
  #le(evento: CloudEvent): Lido {
    const lido = leEvento(evento, this.#pseudonimo);
    const recusa = (motivo: string, detalhe: string): Lido => ({
      recusa: { id: evento.id, estado: 'recusado', motivo, detalhe },
    });
    if (!lido.ok) return recusa('ESQUEMA_INVALIDO', lido.erros.map((e) => `${e.campo}: ${e.mensagem}`).join('; '));
    if (lido.documentoInvalido !== null) return recusa(lido.documentoInvalido.motivo, lido.documentoInvalido.campo);
    if (lido.desconhecidos.length > 0) {
      return recusa('ESQUEMA_INVALIDO', `campos desconhecidos: ${lido.desconhecidos.join(', ')}`);
    }
    return { interacao: lido.interacao };
  }

  #registro(interacao: Interacao): OutputRecord {
    return {
      topic: topicoDe(interacao),
      key: chaveDeParticao(interacao),
      value: this.#codec.encode(interacao),
    };
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
export async function transporteKafka({ kafka, registry, clientIdKey }: OpcoesKafka): Promise<Transporte> {
  // Both input topics carry the same schema.
  const codec = await codecFor(registry, 'interacoes');
  return new TransporteKafka(await kafka.producer(), codec, clientIdKey);
}
