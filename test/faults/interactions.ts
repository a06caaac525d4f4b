import { pseudonimizador } from '#domain/documento.ts';
import { chaveDeParticao, INTERACAO_VAZIA, type Interacao, topicoDe } from '#domain/interacao.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { ofertaDoAno, solucoesDe } from '../../services/cli/demo/catalogo.ts';
import { Clientes } from '../../services/cli/demo/clientes.ts';
import type { AnyRig } from './rig.ts';

const clients = new Clientes(77, 0);
/** People of no load's seed. */
export const cpfOf = (n: number): string => clients.cpf(n);

const tool = solucoesDe('ferramenta')[0];

/** A tool used to its end: it counts. */
export function delivery(source: string, id: string, pf: string, time: number): Interacao {
  return {
    ...INTERACAO_VAZIA,
    source,
    id,
    tipoInteracao: 'momento-digital',
    time,
    unidade: 'NA',
    canal: 'portal',
    tipoSolucao: tool.tipoSolucao,
    solucaoId: tool.id,
    disponibilizacaoId: ofertaDoAno(tool, new Date(time).getFullYear()),
    momento: 'concluiu',
    cliente: { pf, pj: null, naoIdentificado: null },
  };
}

/** What is written by the producer library, without a door. */
export class Writer {
  readonly #rig: AnyRig;
  readonly #codec: Codec<Interacao>;
  /** The pseudonym of a CPF. */
  readonly pseudonym: (cpf: string) => string;
  /** Acknowledged, each as often as it was written. */
  written = 0;

  private constructor(rig: AnyRig, codec: Codec<Interacao>) {
    this.#rig = rig;
    this.#codec = codec;
    this.pseudonym = pseudonimizador(rig.config.clientIdKey);
  }

  static async of(rig: AnyRig): Promise<Writer> {
    return new Writer(rig, await codecFor(rig.registry, 'interacoes'));
  }

  record(interacao: Interacao): OutputRecord {
    const key = chaveDeParticao(interacao);
    return { topic: topicoDe(interacao), key, value: this.#codec.encode(interacao) };
  }

  async send(records: readonly OutputRecord[]): Promise<void> {
    await this.#rig.producer.send(records);
    this.written += records.length;
  }

  /** Writes what a generator makes, so many records at a time. */
  async stream(records: Iterable<OutputRecord>, atOnce = 10_000): Promise<void> {
    let some: OutputRecord[] = [];
    for (const record of records) {
      some.push(record);
      if (some.length < atOnce) continue;
      await this.send(some);
      some = [];
    }
    if (some.length > 0) await this.send(some);
  }
}
