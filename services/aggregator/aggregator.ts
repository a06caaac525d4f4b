import type { Lancamento } from '#domain/lancamento.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import type { Codec } from '#platform/codec.ts';
import type { ClienteAtendido, LoteDeLancamentos } from '#platform/codec-types.ts';
import type { EscritorDeEstado, Mudanca } from '#platform/estado/escritor.ts';
import type { Batch, BatchOutcome, OutputRecord, TopicPartition, Transactor } from '#platform/kafka/port.ts';
import { dobraTrecho, porTitular } from './dobra-trecho.ts';
import type { Medidas } from './medidas.ts';
import { chaveDoStatus, type MudancaDeStatus } from './status.ts';
import { type Trecho, trechos } from './trechos.ts';

export interface Dependencias {
  escritor: EscritorDeEstado;
  lotes: Pick<Codec<LoteDeLancamentos>, 'prepareIds' | 'decodeSync'>;
  clientesAtendidos: Pick<Codec<ClienteAtendido>, 'encode'>;
  transactor: Pick<Transactor, 'acquire' | 'run' | 'release'>;
  rulebooks: Rulebooks;
  medidas: Medidas;
}

/**
 * Folds `lancamentos` into Redis, each lot once: the position that counts is the one Redis keeps beside the state, and
 * nothing is written where it is not the one the fold was made against.
 */
export class Aggregator {
  readonly #dep: Dependencias;
  /** By partition: where we believe the shard stands. Only Redis knows. */
  readonly #posicoes = new Map<number, number>();

  constructor(dependencias: Dependencias) {
    this.#dep = dependencias;
  }

  /** Takes the partition over, and tells where its shard stands. */
  async assume(tp: TopicPartition): Promise<number> {
    await this.#dep.transactor.acquire(tp);
    return this.#situa(tp.partition, await this.#dep.escritor.posicao(tp.partition));
  }

  /** Whether the shard stands elsewhere than we believe. */
  async deslocou({ partition }: TopicPartition): Promise<boolean> {
    const onde = this.#posicoes.get(partition);
    return onde !== undefined && (await this.#dep.escritor.posicao(partition)) !== onde;
  }

  async larga(tps: readonly TopicPartition[]): Promise<void> {
    for (const tp of tps) {
      this.#posicoes.delete(tp.partition);
      await this.#dep.transactor.release(tp);
    }
  }

  /** Applies a batch run by run; where the shard turns out to stand elsewhere, asks to read on from there. */
  async aplica(batch: Batch): Promise<BatchOutcome> {
    const posicao = this.#posicoes.get(batch.partition);
    if (posicao === undefined) throw new Error(`a partição ${batch.partition} não foi assumida`);
    await this.#dep.lotes.prepareIds(batch.records.map((r) => r.value));
    for (const trecho of trechos(batch.records, posicao, (valor) => this.#lancamentos(valor))) {
      const parada = await this.#aplicaTrecho(batch, trecho);
      if (parada !== null) return { kind: 'seek', offset: parada };
      await batch.heartbeat();
    }
    return { kind: 'done' };
  }

  /** @returns where the shard stands instead, if the run was not applied */
  async #aplicaTrecho(batch: Batch, trecho: Trecho): Promise<number | null> {
    const { escritor, rulebooks } = this.#dep;
    const { partition } = batch;
    const de = this.#posicoes.get(partition) ?? 0;
    const lotes = trecho.lotes.map(porTitular);
    const titulares = new Set(lotes.flatMap((lote) => [...lote.keys()]));
    const { posicao, estados } = await escritor.le(partition, [...titulares]);
    if (posicao !== de) return this.#deslocada(partition, posicao);
    const { status, ...diferencas } = dobraTrecho(lotes, estados, rulebooks);
    if (!batch.isStillOurs()) return de;
    await this.#publica(batch, [...status.values()], trecho.para);
    return this.#grava(partition, trecho, { de, para: trecho.para, ...diferencas });
  }

  /** Before the state: told twice after a crash is harmless in a compacted topic, never told would not be. */
  async #publica(tp: TopicPartition, status: readonly MudancaDeStatus[], posicao: number): Promise<void> {
    if (status.length === 0) return;
    const { transactor, clientesAtendidos, medidas } = this.#dep;
    const registros = status.map((mudanca): OutputRecord => {
      const valor = { ...mudanca, particao: tp.partition, posicao };
      return { topic: 'clientes-atendidos', key: chaveDoStatus(mudanca), value: clientesAtendidos.encode(valor) };
    });
    await transactor.run({ topic: tp.topic, partition: tp.partition }, registros);
    medidas.status.inc(status.length);
  }

  async #grava(particao: number, trecho: Trecho, mudanca: Mudanca): Promise<number | null> {
    const { escritor, medidas } = this.#dep;
    const fim = medidas.segundos.startTimer();
    const aplicacao = await escritor.aplica(particao, mudanca);
    fim();
    if (aplicacao.kind === 'deslocada') return this.#deslocada(particao, aplicacao.posicao);
    this.#situa(particao, mudanca.para);
    medidas.lancamentos.inc(trecho.lancamentos);
    medidas.lotes.inc(trecho.lotes.length);
    return null;
  }

  #deslocada(particao: number, posicao: number): number {
    this.#dep.medidas.deslocadas.inc();
    return this.#situa(particao, posicao);
  }

  #situa(particao: number, posicao: number): number {
    this.#posicoes.set(particao, posicao);
    this.#dep.medidas.posicao.set({ particao: String(particao) }, posicao);
    return posicao;
  }

  #lancamentos(valor: Buffer | null): readonly Lancamento[] {
    return this.#dep.lotes.decodeSync(valor).lancamentos;
  }
}
