import avro from 'avsc';
import type { Decisao } from '#domain/decisao.ts';
import type { Interacao } from '#domain/interacao.ts';
import { type Codec, encodeAfter, header, schemaIdOf } from './codec.ts';
import { type DecisaoClassificada, type InteracaoClassificada, typeOf } from './codec-types.ts';

function fieldOf(name: 'interacao' | 'decisao'): avro.Type {
  const field = (typeOf('InteracaoClassificada') as avro.types.RecordType).field(name);
  return field.type;
}

/** The fields of a decision that are its record's own; those before them come in few combinations. */
const PROPRIOS = ['creditos', 'chave'] as const;

/** A record of some of the fields of a decision: an Avro record is its fields one after the other. */
function parteDaDecisao(ehProprio: boolean): avro.Type {
  const decisao = fieldOf('decisao').schema() as avro.schema.RecordType;
  const proprios: readonly string[] = PROPRIOS;
  const fields = decisao.fields.filter(({ name }) => proprios.includes(name) === ehProprio);
  if (decisao.fields.at(-PROPRIOS.length)?.name !== PROPRIOS[0]) throw new Error('creditos e chave vêm por último');
  return avro.Type.forSchema({ ...decisao, fields }, { wrapUnions: 'never', omitRecordMethods: true });
}

/** @throws Error for a decision of quarantine, which has no metric. */
export function paraBi(decisao: Decisao, apuracao: number): DecisaoClassificada {
  const { resultado, detalhe: _detalhe, metrica, ...rest } = decisao;
  if (metrica === null) throw new Error('uma decisão de quarentena não é classificação');
  return { ...rest, contabiliza: resultado === 'contabiliza', metrica, apuracao };
}

/** Whether two decisions for the same reason differ in nothing but credits and key. */
function igual(a: Decisao, b: Decisao): boolean {
  return (
    a.regra === b.regra &&
    a.modalidade === b.modalidade &&
    a.metrica === b.metrica &&
    a.estrutura === b.estrutura &&
    a.propostaValor === b.propostaValor &&
    a.rulebook === b.rulebook
  );
}

/**
 * Writes InteracaoClassificada around the bytes of an interaction as they came: an Avro record is its fields one after
 * the other, and the interaction is the first.
 */
export class ClassificadaEncoder {
  readonly #interacoes: Codec<Interacao>;
  readonly #header: Buffer;
  readonly #comum = parteDaDecisao(false);
  readonly #proprio = parteDaDecisao(true);
  /** What was written of decisions alike but for credits and key, by reason. */
  readonly #comuns = new Map<string, { decisao: Decisao; apuracao: number; bytes: Buffer }[]>();
  readonly #copies: boolean;

  constructor(interacoes: Codec<Interacao>, classificadas: Codec<InteracaoClassificada>) {
    this.#interacoes = interacoes;
    this.#header = header(classificadas.schemaId);
    this.#copies = fieldOf('interacao').equals(typeOf('Interacao'));
  }

  /**
   * @param raw the value of the record of `interacoes` or `presencas`, already decoded once
   * @param interacao what it decoded to, for records of another schema version
   * @param apuracao which one decided
   */
  encode(raw: Buffer, interacao: Interacao, decisao: Decisao, apuracao: number): Buffer {
    const id = schemaIdOf(raw);
    const copied = this.#copies && id !== null && this.#interacoes.writerOf(id)?.same === true;
    const comum = this.#comumDe(decisao, apuracao);
    if (!copied) {
      return encodeAfter([this.#header, fieldOf('interacao').toBuffer(interacao), comum], this.#proprio, decisao);
    }
    const whole = encodeAfter([raw, comum], this.#proprio, decisao);
    // In the place of its own: one header is as long as the other.
    whole.set(this.#header);
    return whole;
  }

  /** Rules, types and channels are few: their combinations are too. */
  #comumDe(d: Decisao, apuracao: number): Buffer {
    const doMotivo = this.#comuns.get(d.motivo) ?? [];
    for (const um of doMotivo) if (um.apuracao === apuracao && igual(um.decisao, d)) return um.bytes;
    const bytes = this.#comum.toBuffer(paraBi(d, apuracao));
    this.#comuns.set(d.motivo, [...doMotivo, { decisao: d, apuracao, bytes }]);
    return bytes;
  }
}
