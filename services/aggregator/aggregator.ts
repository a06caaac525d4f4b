import { setImmediate } from 'node:timers/promises';
import { dobraTrecho, porTitular } from '#domain/dobra-trecho.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import type { MudancaDeStatus } from '#domain/status.ts';
import { allOf, allOfEach } from '#platform/all-of.ts';
import { type ApuracoesSeguidas, apuracaoDoLote } from '#platform/apuracoes.ts';
import type { Codec } from '#platform/codec.ts';
import type { ClienteAtendido, LoteDeLancamentos } from '#platform/codec-types.ts';
import type { EscritorDeEstado, Gravacao } from '#platform/estado/escritor.ts';
import { registroDeStatus } from '#platform/estado/registro-de-status.ts';
import { falha } from '#platform/falhas.ts';
import type { Batch, Cursor, InputRecord, OutputRecord, Round, TopicPartition } from '#platform/kafka/port.ts';
import { endingWith, traceBatch } from '#platform/tracing/tracing.ts';
import type { Medidas } from './medidas.ts';

export interface Dependencias {
  escritor: EscritorDeEstado;
  lotes: Pick<Codec<LoteDeLancamentos>, 'prepareIds' | 'decodeSync'>;
  clientesAtendidos: Pick<Codec<ClienteAtendido>, 'encode'>;
  seguidas: Pick<ApuracoesSeguidas, 'apuracoes' | 'caughtUp'>;
  medidas: Medidas;
}

/**
 * Runs of a round that are folded at once: one while Redis is asked for the states of the next. What a run is taken
 * apart into lives until its bytes are laid out, and all of a round's would outlive the nursery of the heap.
 */
const DOBRAS_DE_UMA_VEZ = 2;

/** Consecutive lots of one shard, folded and still to be written. */
interface Trecho {
  batch: Batch;
  gravacao: Gravacao;
  /** The position after it. */
  para: number;
  /** What is told of statuses, in `clientes-atendidos`. */
  status: readonly OutputRecord[];
  /** Whether somebody was forgotten. */
  esquece: boolean;
  /** Those folded. */
  lotes: readonly InputRecord[];
  lancamentos: number;
}

/**
 * Folds `lancamentos` into Redis, each lot of the live generation's apuração once: the position that counts is the one Redis keeps beside the state, and
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
    return this.#situa(tp.partition, await this.#assume(tp.partition));
  }

  /** Whether the shard stands elsewhere than we believe. */
  async deslocou({ partition }: TopicPartition): Promise<boolean> {
    const onde = this.#posicoes.get(partition);
    if (onde === undefined || !(await this.#dep.escritor.deslocou(partition, onde))) return false;
    // What Redis answered together with this may still be on its way to where we stand.
    await setImmediate();
    // We moved it meanwhile: no commit goes through elsewhere.
    return this.#posicoes.get(partition) === onde;
  }

  larga(tps: readonly TopicPartition[]): void {
    for (const { partition } of tps) this.#posicoes.delete(partition);
  }

  /**
   * Applies a round: reads the states it touches, folds, tells who became atendido, and only then writes.
   * @returns the partitions whose shard turned out to stand elsewhere, and where
   */
  async aplica(round: Round): Promise<Cursor[]> {
    await this.#dep.lotes.prepareIds(round.batches.flatMap(({ records }) => records.map((r) => r.value)));
    const deslocadas: Cursor[] = [];
    const dobrados = await allOfEach(round.batches, DOBRAS_DE_UMA_VEZ, (batch) => this.#dobra(batch, deslocadas));
    const trechos = dobrados.filter((trecho) => trecho !== null);
    await this.#publica(round, trechos);
    await allOf(trechos.map((trecho) => this.#grava(trecho, deslocadas)));
    // Not before: a round that failed is handed again as it was, and would begin behind the place gone back to.
    for (const { partition, offset } of deslocadas) this.#situa(partition, offset);
    return deslocadas;
  }

  /** @returns null where the shard stands elsewhere, or everything was applied before */
  async #dobra(batch: Batch, deslocadas: Cursor[]): Promise<Trecho | null> {
    const { escritor, seguidas } = this.#dep;
    const de = this.#posicoes.get(batch.partition);
    if (de === undefined) throw new Error(`a partição ${batch.partition} não foi assumida`);
    const novos = batch.records.filter((registro) => registro.offset >= de);
    const ultimo = novos.at(-1);
    if (ultimo === undefined) return null;
    const apuracao = escritor.apuracao(batch.partition);
    const nossos = novos.filter((registro) => apuracaoDoLote(registro) === apuracao);
    const lotes = nossos.map((registro) => this.#lancamentos(registro.value));
    const trecho = porTitular(lotes);
    const { posicao, estados } = await escritor.le(batch.partition, [...trecho.keys()]);
    if (posicao !== de) {
      deslocadas.push(await this.#deslocada(batch));
      return null;
    }
    const { status, esquecidos, ...diferencas } = dobraTrecho(trecho, estados, seguidas.apuracoes.rulebooks(apuracao));
    const para = ultimo.offset + 1;
    return {
      batch,
      gravacao: escritor.gravacao(batch.partition, { de, para, estados: estados.termina(), ...diferencas }),
      para,
      status: this.#registros({ particao: batch.partition, posicao: para }, status.values(), esquecidos),
      esquece: esquecidos.size > 0,
      lotes: nossos,
      lancamentos: lotes.reduce((soma, lote) => soma + lote.length, 0),
    };
  }

  #registros(
    onde: { particao: number; posicao: number },
    status: Iterable<MudancaDeStatus>,
    esquecidos: Iterable<string>,
  ): OutputRecord[] {
    const { clientesAtendidos } = this.#dep;
    return [
      ...[...status].map((virada) => registroDeStatus(clientesAtendidos, virada, onde)),
      ...[...esquecidos].map((key) => ({ topic: 'clientes-atendidos', key, value: null })),
    ];
  }

  async #publica(round: Round, trechos: readonly Trecho[]): Promise<void> {
    const comStatus = trechos.filter(({ status }) => status.length > 0);
    if (comStatus.length === 0) return;
    const registros = comStatus.flatMap(({ status }) => status);
    await round.commit(
      registros,
      comStatus.map(({ batch }) => batch),
    );
    falha('aggregator:publicada');
    if (comStatus.some(({ esquece }) => esquece)) falha('aggregator:esquece');
    this.#dep.medidas.status.inc(registros.length);
  }

  async #grava({ batch, gravacao, para, lotes, lancamentos }: Trecho, deslocadas: Cursor[]): Promise<void> {
    const { escritor, medidas } = this.#dep;
    const fim = medidas.segundos.startTimer();
    const onde = { 'atendido.particao': batch.partition, 'atendido.posicao': para };
    const rastro = traceBatch('grava no Redis', lotes, onde);
    const aplicacao = await endingWith(rastro, () => escritor.aplica(gravacao));
    falha('aggregator:gravada');
    fim();
    if (aplicacao.kind === 'deslocada') {
      deslocadas.push(await this.#deslocada(batch));
      return;
    }
    this.#situa(batch.partition, para);
    medidas.lancamentos.inc(lancamentos);
    medidas.lotes.inc(lotes.length);
  }

  /** Another instance was there, or Redis went back, or another generation is the live one. */
  async #deslocada({ topic, partition }: Batch): Promise<Cursor> {
    this.#dep.medidas.deslocadas.inc();
    return { topic, partition, offset: await this.#assume(partition) };
  }

  async #assume(particao: number): Promise<number> {
    const { escritor, seguidas } = this.#dep;
    const posicao = await escritor.assume(particao);
    // Of another apuração than a moment ago, its rulebooks must be known.
    await seguidas.caughtUp();
    return posicao;
  }

  #situa(particao: number, posicao: number): number {
    if (posicao < (this.#posicoes.get(particao) ?? 0)) this.#dep.medidas.retrocessos.inc();
    this.#posicoes.set(particao, posicao);
    this.#dep.medidas.posicao.set({ particao: String(particao) }, posicao);
    return posicao;
  }

  #lancamentos(valor: Buffer | null): readonly Lancamento[] {
    return this.#dep.lotes.decodeSync(valor).lancamentos;
  }
}
