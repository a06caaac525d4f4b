import { setImmediate } from 'node:timers/promises';
import type { Apuracoes } from '#domain/apuracao.ts';
import type { Interacao } from '#domain/interacao.ts';
import { type Codec, decodeOrNull } from '#platform/codec.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import { RetryableError } from '#platform/errors.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import type { Batch, Kafka, KafkaAdmin, LogReader, PartitionOffsets } from '#platform/kafka/port.ts';
import { idDe, TOPICO_DA_QUARENTENA } from '#platform/quarentena/registros.ts';
import { type Resolucoes, TOPICO_DAS_RESOLUCOES } from '#platform/quarentena/resolucoes.ts';
import { endsWithin, pause } from '#platform/stopping.ts';
import { entradaDe } from './entrada.ts';
import { Indice } from './indice.ts';

export interface PartesDoIndice {
  kafka: Pick<Kafka, 'reader'>;
  admin: Pick<KafkaAdmin, 'offsets' | 'ends'>;
  quarentenas: Codec<Quarentena>;
  interacoes: Codec<Interacao>;
  resolucoes: Pick<Resolucoes, 'atualiza' | 'resolvida'>;
  apuracoes: Pick<Apuracoes, 'emVigor'>;
}

/** Between looks while nobody asks. */
const PAUSA_MS = 2_000;
/** So long who asks waits for a reading of all of it to end. */
const PACIENCIA_MS = 500;
/** Seconds. */
const DE_NOVO = 2;
/** So many records are taken in before whoever else waits has a turn: some milliseconds. */
const DE_CADA_VEZ = 250;
/** Of an answer, that is taken apart at one stroke. */
const POR_PARTICAO_BYTES = 256 * 1024;

type Lote = Pick<Batch, 'partition' | 'records'>;

/** An index of what is in quarantine that stays at the tail of the topic, by one connection. */
export class IndiceSeguido {
  readonly #partes: PartesDoIndice;
  readonly #maximo: number | undefined;
  #indice: Indice;
  #apuracao: number;
  readonly #proximas = new Map<number, number>();
  /** Where both topics began and ended when all of it was read; null: that is not known. */
  #vistos: { postas: string; inicios: string; feitos: string } | null = null;
  #offsets: readonly PartitionOffsets[] = [];
  #pronto = false;
  #leitor: Promise<LogReader> | null = null;
  /** One look at a time. */
  #olhada: Promise<void> = Promise.resolve();
  /** The look that has not begun: whoever asks by then shares it. */
  #proximaOlhada: Promise<void> | null = null;

  /** @param maximo the most records it holds */
  constructor(partes: PartesDoIndice, maximo?: number) {
    this.#partes = partes;
    this.#maximo = maximo;
    this.#apuracao = partes.apuracoes.emVigor;
    this.#indice = this.#novo();
  }

  #novo(): Indice {
    return new Indice((id) => this.#partes.resolucoes.resolvida(id), this.#maximo);
  }

  /**
   * The index with everything that was acknowledged before the call.
   * @throws ErroHttp QUARENTENA_CARREGANDO the topic has not been read once; RetryableError a server is away
   */
  async emDia(): Promise<Indice> {
    const olhada = this.#olha();
    while (!(await endsWithin(PACIENCIA_MS, olhada))) {
      // Whoever asks while all of it is read is told so at once: what is not known is not nothing.
      if (!this.#pronto) throw this.#carregando();
    }
    return this.#indice;
  }

  #carregando(): ErroHttp {
    const soma = (de: (o: PartitionOffsets) => number): number => this.#offsets.reduce((s, o) => s + de(o), 0);
    const todas = soma(({ low, high }) => high - low);
    const lidas = soma(({ partition, low }) => Math.max(0, (this.#proximas.get(partition) ?? low) - low));
    const quanto = todas === 0 ? '' : `: ${Math.floor((100 * lidas) / todas)}% lidos`;
    return new ErroHttp('QUARENTENA_CARREGANDO', `a quarentena está sendo lida${quanto}`, { retryAfter: DE_NOVO });
  }

  /**
   * Looks until the signal, so that who asks finds little left to read.
   * @param avisa told of what is more than a server that is away
   */
  async segue(sinal: AbortSignal, avisa: (error: unknown) => void): Promise<void> {
    while (!sinal.aborted) {
      await this.#olha().catch((error: unknown) => {
        if (!(error instanceof RetryableError)) avisa(error);
      });
      await pause(PAUSA_MS, sinal);
    }
    await (await this.#leitor?.catch(() => null))?.close();
  }

  #olha(): Promise<void> {
    this.#proximaOlhada ??= this.#olhada.then(() => {
      this.#proximaOlhada = null;
      return this.#le();
    });
    this.#olhada = this.#proximaOlhada.catch(() => undefined);
    return this.#proximaOlhada;
  }

  async #le(): Promise<void> {
    const { admin, resolucoes, apuracoes } = this.#partes;
    if (apuracoes.emVigor !== this.#apuracao) this.#recomeca();
    const [postas, feitos] = await Promise.all([
      admin.offsets(TOPICO_DA_QUARENTENA),
      admin.ends(TOPICO_DAS_RESOLUCOES),
    ]);
    this.#offsets = postas;
    // It ends before where we were: it is another log by that name.
    if (postas.some(({ partition, high }) => high < (this.#proximas.get(partition) ?? 0))) this.#recomeca();
    const agora = {
      postas: JSON.stringify(postas.map(({ high }) => high)),
      inicios: JSON.stringify(postas.map(({ low }) => low)),
      feitos: JSON.stringify([...feitos]),
    };
    const antes = this.#vistos;
    this.#vistos = null;
    if (antes?.feitos !== agora.feitos) await resolucoes.atualiza();
    if (antes?.postas !== agora.postas) await this.#lePostas(postas);
    if (antes?.inicios !== agora.inicios) {
      this.#indice.corta(new Map(postas.map(({ partition, low }) => [partition, low])));
    }
    this.#vistos = agora;
    this.#pronto = true;
  }

  /** Another apuração decided everything anew: what the one before set aside waits no more. */
  #recomeca(): void {
    this.#apuracao = this.#partes.apuracoes.emVigor;
    this.#indice = this.#novo();
    this.#proximas.clear();
    this.#vistos = null;
    this.#pronto = false;
  }

  async #lePostas(postas: readonly PartitionOffsets[]): Promise<void> {
    this.#leitor ??= this.#partes.kafka.reader();
    const leitor = await this.#leitor.catch((error: unknown) => {
      this.#leitor = null;
      throw error;
    });
    await leitor.readToEnd(TOPICO_DA_QUARENTENA, {
      from: this.#proximas,
      // What an open transaction holds back comes at another look: nobody waits for it here.
      to: new Map(postas.map(({ partition, high }) => [partition, high])),
      maxBytesPerPartition: POR_PARTICAO_BYTES,
      onBatch: (lote) => this.#recebe(lote),
    });
  }

  async #recebe({ partition, records }: Lote): Promise<void> {
    for (let de = 0; de < records.length; de += DE_CADA_VEZ) {
      await this.#toma({ partition, records: records.slice(de, de + DE_CADA_VEZ) });
      await setImmediate();
    }
  }

  async #toma({ partition, records }: Lote): Promise<void> {
    const { quarentenas, interacoes } = this.#partes;
    await quarentenas.prepareIds(records.map(({ value }) => value));
    const lidas = records.map(({ offset, timestamp, value }) => {
      return { id: idDe(partition, offset), postaEm: timestamp, registro: decodeOrNull(quarentenas, value) };
    });
    await interacoes.prepareIds(lidas.map(({ registro }) => registro?.valor ?? null));
    for (const { id, postaEm, registro } of lidas) {
      if (registro === null) this.#indice.ilegiveis += 1;
      else if (registro.apuracao === this.#apuracao) {
        this.#indice.poe(entradaDe({ id, postaEm, registro }, decodeOrNull(interacoes, registro.valor)));
      }
    }
    const ultimo = records.at(-1);
    if (ultimo !== undefined) this.#proximas.set(partition, ultimo.offset + 1);
  }
}
