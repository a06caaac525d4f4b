import { type Apuracao, TOPICOS_APURADOS, type TopicoApurado } from '#domain/apuracao.ts';
import { fonteReservada } from '#domain/consolidacao.ts';
import { decide } from '#domain/decidir.ts';
import type { Decisao } from '#domain/decisao.ts';
import { decisaoSem } from '#domain/esquecimento.ts';
import { RECONSOLIDADA, REDECIDIDA } from '#platform/apuracoes.ts';
import type { Codec } from '#platform/codec.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import { CodedError } from '#platform/errors.ts';
import type { Posicoes } from '#platform/fins-do-log.ts';
import { readGathered } from '#platform/kafka/gather.ts';
import type { InputRecord, Kafka, OutputRecord, Producer, TopicPartition } from '#platform/kafka/port.ts';
import type { Postas } from '#platform/quarentena/postas.ts';
import { coordenada } from '#platform/quarentena/registros.ts';
import { type Classified, type Classifier, classify } from '../../classifier/classify.ts';
import { Lots } from '../../classifier/lots.ts';
import { consolidate, outputsOf, presencesOf, touchedBy } from '../../consolidator/consolidate.ts';
import type { PresenceStore } from '../../consolidator/store.ts';

/** As many records as are classified together. */
const POR_VEZ = 250;
/** As many as are told of at once: a transaction costs the same for one. */
const POR_TRANSACAO = 5_000;

export interface PartesDaDerivacao {
  kafka: Pick<Kafka, 'readToEnd'>;
  classifier: Classifier & { lotes: Codec<LoteDeLancamentos> };
  /** Of `lancamentos`. */
  particoes: number;
  /** Of the new apuração. */
  presencas: PresenceStore;
  postas: Postas;
  producer: Pick<Producer, 'send'>;
}

/** Whether BI must be told: all that it reads of a decision but by which rulebook it was made. */
function mudou(antes: Decisao, depois: Decisao): boolean {
  const lida = ({ rulebook: _, detalhe: __, ...decisao }: Decisao): string => JSON.stringify(decisao);
  return lida(antes) !== lida(depois);
}

/**
 * Takes the log through another apuração, beside the line: entries into the ledger, marked as its own; to BI the
 * decisions that are other ones now; what it sets aside into quarantine; presences into a consolidation of its own, whose
 * participations go to `interacoes` as the consolidator's do, for the classifier.
 */
export class Derivacao {
  readonly #partes: PartesDaDerivacao;
  readonly #apuracao: Pick<Apuracao, 'numero' | 'base'>;
  readonly #posicoes = { interacoes: new Map<number, number>(), presencas: new Map<number, number>() };
  readonly #pulados = new Set<string>();
  /** By partition of `presencas`, how many are removed from what this derived. */
  readonly #esquecidos = new Map<number, number>();
  /** Raw records taken. */
  registros = 0;
  /** Of them, those of which BI is told something else. */
  mudados = 0;

  constructor(partes: PartesDaDerivacao, apuracao: Pick<Apuracao, 'numero' | 'base'>) {
    this.#partes = partes;
    this.#apuracao = apuracao;
  }

  /** How many offsets there are up to `ate`. */
  distancia(ate: Posicoes): number {
    let soma = 0;
    for (const topico of TOPICOS_APURADOS) {
      for (const [particao, fim] of ate[topico]) soma += fim - (this.#posicoes[topico].get(particao) ?? 0);
    }
    return soma;
  }

  /**
   * Goes on up to `ate`, and not a record further.
   * @param aoAndar told now and then; what it throws ends the work
   * @throws CodedError REPROCESSAMENTO_DESLOCADO; RetryableError
   */
  async avanca(ate: Posicoes, aoAndar: () => void): Promise<void> {
    await this.#partes.postas.atualiza();
    for (const topico of TOPICOS_APURADOS) {
      const posicoes = this.#posicoes[topico];
      await readGathered(this.#partes.kafka, topico, {
        from: posicoes,
        to: ate[topico],
        atLeast: POR_TRANSACAO,
        onGathered: async (lotes) => {
          await this.#toma(topico, lotes);
          aoAndar();
        },
      });
      for (const [particao, fim] of ate[topico]) {
        if (topico === 'presencas') await this.#move(particao, posicoes.get(particao) ?? 0, fim);
        posicoes.set(particao, fim);
        if (topico === 'presencas') await this.#esquece(particao, fim);
      }
    }
  }

  /** Whether a record was left out, for it had come back as another one. */
  pulou(onde: string): boolean {
    return this.#pulados.has(onde);
  }

  async #toma(topico: TopicoApurado, lotes: ReadonlyMap<number, readonly InputRecord[]>): Promise<void> {
    const { classifier, producer } = this.#partes;
    await classifier.interacoes.prepareIds([...lotes.values()].flat().map((r) => r.value));
    const saidas: OutputRecord[] = [];
    for (const [partition, records] of lotes) {
      const tp = { topic: topico, partition };
      const nossos = this.#queContam(tp, records);
      const para = (records.at(-1)?.offset ?? 0) + 1;
      if (topico === 'presencas') await this.#consolida(partition, nossos, para);
      saidas.push(...this.#saidas(tp, nossos));
      this.#posicoes[topico].set(partition, para);
    }
    await producer.send(saidas);
  }

  /** What came back as another record is decided in that one's place. */
  #queContam({ topic, partition }: TopicPartition, records: readonly InputRecord[]): InputRecord[] {
    return records.filter(({ offset }) => {
      const onde = coordenada({ topico: topic, particao: partition, posicao: offset });
      const voltou = this.#partes.postas.voltou(onde);
      if (voltou) this.#pulados.add(onde);
      return !voltou;
    });
  }

  /** What some records become: entries, and what is news. */
  *#saidas(tp: TopicPartition, records: readonly InputRecord[]): Generator<OutputRecord> {
    const { classifier, particoes } = this.#partes;
    const { numero } = this.#apuracao;
    const lots = new Lots(particoes, classifier.lotes, numero);
    for (let de = 0; de < records.length; de += POR_VEZ) {
      const classificados = classify(classifier, { ...tp, records: records.slice(de, de + POR_VEZ) }, numero);
      for (const um of classificados) {
        // Derived by another apuração: this one derives its own.
        if (fonteReservada(um.source)) continue;
        this.registros += 1;
        if (this.#ehNovidade(tp, um)) {
          this.mudados += 1;
          yield { ...um.output, headers: { ...um.output.headers, [REDECIDIDA]: String(numero) } };
        }
        if (um.kind !== 'classificada') continue;
        for (const lancamento of um.lancamentos) {
          const full = lots.add(lancamento);
          if (full !== null) yield full;
        }
      }
    }
    yield* lots.rest();
  }

  /** What is set aside is always told: what the apuração before set aside waits no more. */
  #ehNovidade({ topic, partition }: TopicPartition, um: Classified): boolean {
    if (um.kind === 'quarentena') return true;
    const { classifier, postas } = this.#partes;
    const onde = coordenada({ topico: topic, particao: partition, posicao: um.record.offset });
    if (postas.foiPosta(onde)) return true;
    const { visto, decisao, record } = um;
    const { interacao } = visto;
    const [antes, agora] = [this.#apuracao.base, this.#apuracao.numero].map((numero) => {
      return classifier.apuracoes.rulebooks(numero).em(interacao.time);
    });
    if (antes === agora || antes === undefined) return false;
    const { portfolio } = classifier;
    const deAntes = decide({ interacao, rulebook: antes, portfolio, registradaEm: record.timestamp });
    return mudou(decisaoSem(visto, deAntes), decisao);
  }

  async #consolida(particao: number, records: readonly InputRecord[], para: number): Promise<void> {
    const { classifier, presencas, producer } = this.#partes;
    const { numero: apuracao } = this.#apuracao;
    const { esquecimentos } = classifier;
    const lidas = presencesOf(records, classifier.interacoes, { partition: particao, esquecimentos });
    const { position, offers } = await presencas.load(particao, touchedBy(lidas));
    if (position !== (this.#posicoes.presencas.get(particao) ?? 0)) throw deslocada(particao);
    const rulebooks = classifier.apuracoes.rulebooks(apuracao);
    const derivadas = consolidate(lidas, offers, { rulebooks, portfolio: classifier.portfolio, apuracao });
    const doPassado = { [RECONSOLIDADA]: String(apuracao) };
    const saidas = outputsOf(derivadas, classifier.interacoes);
    // The classifier hands the mark on with its decision: nothing has just come.
    await producer.send(saidas.map((saida) => ({ ...saida, headers: { ...saida.headers, ...doPassado } })));
    if ((await presencas.commit(particao, position, para, offers)) !== para) throw deslocada(particao);
  }

  /** Nothing before `ate` is read again. */
  async #esquece(particao: number, ate: number): Promise<void> {
    const { classifier, presencas } = this.#partes;
    const esquecidos = [...classifier.esquecimentos.semPresencas(particao, ate)];
    // Looking takes all keys of Redis: not once more while nothing is decided.
    if (this.#esquecidos.get(particao) === esquecidos.length) return;
    await presencas.forget(esquecidos, particao);
    this.#esquecidos.set(particao, esquecidos.length);
  }

  async #move(particao: number, de: number, para: number): Promise<void> {
    const onde = de === para ? para : await this.#partes.presencas.commit(particao, de, para, new Map());
    if (onde !== para) throw deslocada(particao);
  }
}

function deslocada(particao: number): CodedError {
  const que = `as presenças da partição ${particao} não estão onde este processo as deixou: o Redis voltou atrás`;
  return new CodedError('REPROCESSAMENTO_DESLOCADO', `${que}, ou há outro reprocessamento; nada mudou, repita`);
}
