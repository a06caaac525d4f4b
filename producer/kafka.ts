import type { Interacao } from '#domain/interacao.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import { examinaEvento, type Recusa, registroDe } from '#platform/exame.ts';
import type { Kafka, OutputRecord, Producer } from '#platform/kafka/port.ts';
import { followNomes, type NomesSeguidos } from '#platform/nomes.ts';
import type { Registry } from '#platform/registry.ts';
import type { CloudEvent } from './evento.ts';
import { insiste, PACIENCIA_MS, type Tentativa } from './paciencia.ts';
import type { Resultado, Transporte } from './transporte.ts';

export interface OpcoesKafka {
  kafka: Kafka;
  registry: Registry;
  /** CLIENT_ID_KEY: documents are replaced here, before anything leaves the process. */
  clientIdKey: string;
  /** CLIENT_ID_KEY_ANTERIOR, from when a change of key is prepared on; of several, as the variable. Default: it was never changed. */
  clientIdKeyAnterior?: string | null;
  /** How long to go on trying while Kafka is away, in milliseconds. Default: 60,000. */
  pacienciaMs?: number;
}

type Lido = { id: string; registro: OutputRecord } | { recusa: Resultado };

class TransporteKafka implements Transporte {
  readonly #producer: Producer;
  readonly #codec: Codec<Interacao>;
  readonly #seguidos: NomesSeguidos;
  readonly #pacienciaMs: number;

  constructor(producer: Producer, codec: Codec<Interacao>, seguidos: NomesSeguidos, pacienciaMs = PACIENCIA_MS) {
    this.#producer = producer;
    this.#codec = codec;
    this.#seguidos = seguidos;
    this.#pacienciaMs = pacienciaMs;
  }

  async envia(eventos: readonly CloudEvent[]): Promise<Resultado[]> {
    return insiste(this.#pacienciaMs, () => this.#tenta(eventos));
  }

  async #tenta(eventos: readonly CloudEvent[]): Promise<Tentativa<Resultado[]>> {
    try {
      // Each time anew: while a change of key comes into force nobody has a name, and afterwards maybe another one.
      const lidos = eventos.map((e) => this.#le(e));
      const registros = lidos.flatMap((l) => ('registro' in l ? [l.registro] : []));
      await this.#seguidos.nomes.enviando(() => this.#producer.send(registros));
      return { feito: lidos.map((l) => ('recusa' in l ? l.recusa : { id: l.id, estado: 'aceito' })) };
    } catch (causa) {
      if (causa instanceof RetryableError) return { causa, pausaMs: null };
      throw causa;
    }
  }

  #le(evento: CloudEvent): Lido {
    const recusado = ({ motivo, detalhe }: Recusa): Lido => ({
      recusa: { id: evento.id, estado: 'recusado', motivo, detalhe },
    });
    const exame = examinaEvento(evento, this.#seguidos.nomes.registra);
    if ('recusa' in exame) return recusado(exame.recusa);
    const feito = registroDe(exame.interacao, this.#codec);
    return 'recusa' in feito ? recusado(feito.recusa) : { id: exame.interacao.id, registro: feito.registro };
  }

  async fecha(): Promise<void> {
    await this.#seguidos.stop();
    await this.#producer.close();
  }
}

/**
 * Straight to Kafka, for systems that may hold CLIENT_ID_KEY: the checks of the HTTP door are made here, and CPFs are
 * replaced here.
 * @throws RetryableError a server is away, or the stack is not prepared yet; CodedError CHAVE_SUPERADA the
 * key was changed, CHAVE_DIVERGENTE it is not the one in use
 */
export async function transporteKafka(opcoes: OpcoesKafka): Promise<Transporte> {
  // Both input topics carry the same schema.
  const codec = await codecFor(opcoes.registry, 'interacoes');
  const { kafka, clientIdKey, clientIdKeyAnterior = null, pacienciaMs } = opcoes;
  const seguidos = await followNomes(kafka, { clientIdKey, clientIdKeyAnterior });
  try {
    return new TransporteKafka(await kafka.producer(), codec, seguidos, pacienciaMs);
  } catch (error) {
    await seguidos.stop();
    throw error;
  }
}
