import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import { MAIOR_REGISTRO } from '#domain/contrato.ts';
import { type Pseudonimizador, pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { chaveDeParticao, type Interacao, topicoDe } from '#domain/interacao.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import { semDocumentos } from '#platform/http/erros.ts';
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

  /** The same checks as the HTTP door. */
  #le(evento: CloudEvent): Lido {
    const lido = leEvento(evento, this.#pseudonimo);
    const recusa = (motivo: string, detalhe: string): Lido => ({
      recusa: { id: evento.id, estado: 'recusado', motivo, detalhe: semDocumentos(detalhe) },
    });
    if (!lido.ok) return recusa('ESQUEMA_INVALIDO', lido.erros.map((e) => `${e.campo}: ${e.mensagem}`).join('; '));
    const { interacao, documentoInvalido, desconhecidos } = lido;
    if (desconhecidos.length > 0) {
      return recusa('ESQUEMA_INVALIDO', `campos que o contrato não tem: ${desconhecidos.join(', ')}`);
    }
    if (documentoInvalido !== null) {
      return recusa(documentoInvalido.motivo, `${documentoInvalido.campo}: os dígitos verificadores não conferem`);
    }
    if (interacao.source === FONTE_CONSOLIDADOR) {
      return recusa('FONTE_NAO_AUTORIZADA', `source: '${FONTE_CONSOLIDADOR}' é reservada ao próprio sistema`);
    }
    const value = this.#codec.encode(interacao);
    if (value.length > MAIOR_REGISTRO) {
      return recusa('REGISTRO_GRANDE_DEMAIS', `o evento tem ${value.length} bytes; o máximo é ${MAIOR_REGISTRO}`);
    }
    return { id: interacao.id, registro: { topic: topicoDe(interacao), key: chaveDeParticao(interacao), value } };
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
