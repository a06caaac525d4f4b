import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { type Mudancas, Reprocessamento } from '#domain/reprocessamento.ts';
import type { Rulebook, Rulebooks } from '#domain/rulebook.ts';
import { type Codec, PoisonError } from '#platform/codec.ts';
import type { InputRecord, Kafka, KafkaAdmin } from '#platform/kafka/port.ts';

const TOPICOS = ['interacoes', 'presencas'] as const;

export interface PartesDoReprocessamento {
  kafka: Pick<Kafka, 'readToEnd'>;
  admin: Pick<KafkaAdmin, 'offsets'>;
  interacoes: Codec<Interacao>;
  portfolio: Portfolio;
  rulebooks: Rulebooks;
}

/** What another rulebook would change, and of how much history. */
export interface Ensaio extends Mudancas {
  /** Interactions of this instant (ISO 8601) and after would be decided by `rulebook`. */
  desde: string;
  rulebook: string;
  /** The version that decides an interaction of `desde` today. */
  emVigor: string;
  /** Records read from `interacoes` and `presencas`, those derived by the consolidator left out. */
  registros: number;
  segundos: number;
}

/** The interaction of a record; null: it cannot be read, by whatever rulebook. */
function le(interacoes: Codec<Interacao>, valor: Buffer | null): Interacao | null {
  try {
    return interacoes.decodeSync(valor);
  } catch (error) {
    if (error instanceof PoisonError) return null;
    throw error;
  }
}

/** Shown how far the reading has come. */
interface Progresso {
  anda(feito: number): void;
  acaba(): void;
}

/**
 * Reads the log from its beginning up to where it ends now, takes it through the rulebooks in force and through another
 * one from `desde` (ms) on, and says what would come out otherwise. Nothing that is live is touched or waited for: both
 * sides are of the same records, whatever arrives meanwhile.
 * @param abreProgresso given how many offsets there are to read
 */
export async function ensaia(
  partes: PartesDoReprocessamento,
  aPartir: { desde: number; rulebook: Rulebook },
  abreProgresso: (total: number) => Progresso,
): Promise<Ensaio> {
  const inicio = performance.now();
  const { admin, portfolio, rulebooks } = partes;
  const reprocessamento = new Reprocessamento(rulebooks, aPartir, portfolio);
  const fins = await Promise.all(TOPICOS.map((topico) => admin.offsets(topico)));
  const progresso = abreProgresso(fins.flat().reduce((soma, { low, high }) => soma + high - low, 0));
  let [lidos, registros] = [0, 0];
  const registra = (topico: string, { value, timestamp }: InputRecord): void => {
    const interacao = le(partes.interacoes, value);
    if (interacao?.source === FONTE_CONSOLIDADOR) return;
    registros += 1;
    if (interacao === null) return;
    reprocessamento.registra({ interacao, registradaEm: timestamp, emPresencas: topico === 'presencas' });
  };
  try {
    for (const topico of TOPICOS) {
      await partes.kafka.readToEnd(topico, {
        onBatch: async ({ records }) => {
          await partes.interacoes.prepareIds(records.map((r) => r.value));
          for (const record of records) registra(topico, record);
          lidos += records.length;
          progresso.anda(lidos);
        },
      });
    }
  } finally {
    progresso.acaba();
  }
  return {
    desde: new Date(aPartir.desde).toISOString(),
    rulebook: aPartir.rulebook.versao,
    emVigor: rulebooks.em(aPartir.desde).versao,
    registros,
    ...reprocessamento.mudancas(),
    segundos: (performance.now() - inicio) / 1000,
  };
}
