import { fonteReservada } from '#domain/consolidacao.ts';
import type { Esquecimentos } from '#domain/esquecimento.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { contaDoLancamento, type Reagregacao } from '#domain/reagregacao.ts';
import type { Reclassificacao, Registro } from '#domain/reclassificacao.ts';
import { type Codec, decodeOrNull } from '#platform/codec.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { InputRecord, Kafka, TopicPartition } from '#platform/kafka/port.ts';
import { coordenada } from '#platform/quarentena/registros.ts';
import { Coleta, type Identidades } from './copias.ts';
import { empacota, type Pacote } from './pacote.ts';
import type { PostosDeLado } from './quarentena.ts';

/** How the work is shared: partitions and shards are dealt to the parts in turn. */
export class Divisao {
  readonly #partes: number;
  readonly #shards: number;

  /** @param shards partitions of `lancamentos` */
  constructor(partes: number, shards: number) {
    this.#partes = partes;
    this.#shards = shards;
  }

  daParticao(particao: number): number {
    return particao % this.#partes;
  }

  /** Whose clients' state is in a shard is where their entries are added up: mostly where `interacoes` of them are read. */
  doTitular(titular: string): number {
    return this.daParticao(murmur2Partition(titular, this.#shards));
  }
}

export interface PartesDaLeitura {
  parte: number;
  divisao: Divisao;
  interacoes: Codec<Interacao>;
  reclassificacao: Reclassificacao;
  reagregacao: Reagregacao;
  postosDeLado: PostosDeLado['registros'];
  esquecimentos: Esquecimentos;
  /** Takes entries that are another part's to add up. */
  encaminha: (parte: number, pacote: Pacote) => void;
  /** Told of records read, some thousands at a time. */
  lidos: (registros: number, identidades: Identidades) => void;
}

const POR_AVISO = 5_000;
const POR_ENVIO = 500;

/** Reads a part of the log and decides it anew; what it says of a client goes where that client is added up. */
export class Leitura {
  registros = 0;
  readonly #partes: PartesDaLeitura;
  readonly #coleta = new Coleta(POR_AVISO);
  readonly #saidas = new Map<number, Lancamento[]>();
  #avisados = 0;

  constructor(partes: PartesDaLeitura) {
    this.#partes = partes;
  }

  /** Reads the partitions of a topic that are this part's. */
  async topico(kafka: Kafka, topico: 'interacoes' | 'presencas', particoes: number): Promise<void> {
    const { interacoes, divisao, parte } = this.#partes;
    const todas = Array.from({ length: particoes }, (_, n) => n);
    await kafka.readToEnd(topico, {
      partitions: todas.filter((n) => divisao.daParticao(n) === parte),
      onBatch: async (batch) => {
        await interacoes.prepareIds(batch.records.map((r) => r.value));
        for (const record of batch.records) this.#registro(batch, record);
      },
    });
  }

  /** Hands over what is still held back. */
  termina(): void {
    this.#avisa();
    for (const parte of this.#saidas.keys()) this.#envia(parte);
  }

  #registro(tp: TopicPartition, record: InputRecord): void {
    const { reclassificacao, postosDeLado } = this.#partes;
    const interacao = decodeOrNull(this.#partes.interacoes, record.value);
    if (fonteReservada(interacao?.source ?? null)) return;
    this.registros += 1;
    const ninguem = postosDeLado.size === 0;
    const posto = ninguem
      ? undefined
      : postosDeLado.get(coordenada({ topico: tp.topic, particao: tp.partition, posicao: record.offset }));
    if (posto) reclassificacao.contaQuarentena(posto);
    else if (posto === null) return;
    else if (interacao === null) reclassificacao.contaQuarentena('ESQUEMA_INVALIDO');
    else if (this.#partes.esquecimentos.trocas.superada({ ...tp, offset: record.offset }, interacao)) {
      reclassificacao.contaQuarentena('CHAVE_SUPERADA');
    } else {
      const { offset, timestamp: registradaEm } = record;
      const { topic, partition } = tp;
      const recontado = this.#partes.esquecimentos.recontado({ topic, partition, offset }, interacao);
      const { interacao: vista, fora, semPresencas } = recontado;
      const emPresencas = topic === 'presencas';
      this.#decide({ interacao: vista, fora, semPresencas, registradaEm, emPresencas }, interacao);
    }
    if (this.registros - this.#avisados >= POR_AVISO) this.#avisa();
  }

  #decide(registro: Registro, original: Interacao): void {
    const { reclassificacao } = this.#partes;
    const decisao = reclassificacao.decisaoDe(registro);
    if (decisao.resultado !== 'quarentena') this.#coleta.add(original);
    for (const l of reclassificacao.lancamentos(registro, decisao)) this.#lanca(l);
  }

  #lanca(l: Lancamento): void {
    const { divisao, parte, reagregacao } = this.#partes;
    const titular = contaDoLancamento(l);
    const dona = divisao.doTitular(titular);
    if (dona === parte) {
      reagregacao.lanca(titular, l);
      return;
    }
    const saida = this.#saidas.get(dona) ?? [];
    this.#saidas.set(dona, saida);
    saida.push(l);
    if (saida.length >= POR_ENVIO) this.#envia(dona);
  }

  #envia(parte: number): void {
    this.#partes.encaminha(parte, empacota(this.#saidas.get(parte) ?? []));
    this.#saidas.delete(parte);
  }

  #avisa(): void {
    this.#partes.lidos(this.registros - this.#avisados, this.#coleta.recolhe());
    this.#avisados = this.registros;
  }
}
