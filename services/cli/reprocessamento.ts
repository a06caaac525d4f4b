import { getHeapStatistics } from 'node:v8';
import { fonteReservada } from '#domain/consolidacao.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { type Mudancas, Reprocessamento } from '#domain/reprocessamento.ts';
import type { Rulebook, Rulebooks } from '#domain/rulebook.ts';
import type { ApuracoesSeguidas } from '#platform/apuracoes.ts';
import { type Codec, decodeOrNull } from '#platform/codec.ts';
import { CodedError } from '#platform/errors.ts';
import type { InputRecord, Kafka, KafkaAdmin, TopicPartition } from '#platform/kafka/port.ts';
import type { Postas } from '#platform/quarentena/postas.ts';
import { coordenada } from '#platform/quarentena/registros.ts';

const TOPICOS = ['interacoes', 'presencas'] as const;
/** What a record leaves in memory, of both sides: decides how many passes keep to half of what Node may take. */
const BYTES_POR_REGISTRO = 1_200;

export interface PartesDoReprocessamento {
  seguidas: Pick<ApuracoesSeguidas, 'esquecimentos'>;
  kafka: Pick<Kafka, 'readToEnd'>;
  admin: Pick<KafkaAdmin, 'offsets'>;
  interacoes: Codec<Interacao>;
  portfolio: Portfolio;
  rulebooks: Rulebooks;
  postas: Pick<Postas, 'atualiza' | 'voltou'>;
}

/** What another rulebook would change, and of how much history. */
export interface Ensaio extends Mudancas {
  /** Interactions of this instant (ISO 8601) and after would be decided by `rulebook`. */
  desde: string;
  rulebook: string;
  /** The version that decides an interaction of `desde` today. */
  emVigor: string;
  /** Records of `interacoes` and `presencas`, but for those derived by the consolidator, or replaced by a replay. */
  registros: number;
  segundos: number;
}

/**
 * Every decision cites its version by name: two of one name could not be told apart.
 * @throws CodedError RULEBOOK_INVALIDO
 */
export function confereNome(rulebook: Rulebook, outros: readonly Rulebook[]): void {
  const { versao } = rulebook;
  const conteudo = JSON.stringify(rulebook);
  if (!outros.some((outro) => outro.versao === versao && JSON.stringify(outro) !== conteudo)) return;
  const problema = `versao: já há outra versão '${versao}'; dê outro nome a esta`;
  throw new CodedError('RULEBOOK_INVALIDO', problema, { exitCode: 2 });
}

/** @returns how many of the records count as read: those derived by the consolidator do not, nor what a copy replaced */
async function registra(
  { interacoes, postas, seguidas }: PartesDoReprocessamento,
  reprocessamento: Reprocessamento,
  { topic, partition, records }: TopicPartition & { records: readonly InputRecord[] },
): Promise<number> {
  await interacoes.prepareIds(records.map((r) => r.value));
  let registros = 0;
  for (const { value, timestamp, offset } of records) {
    const interacao = decodeOrNull(interacoes, value);
    if (fonteReservada(interacao?.source ?? null)) continue;
    if (postas.voltou(coordenada({ topico: topic, particao: partition, posicao: offset }))) continue;
    registros += 1;
    if (interacao === null) continue;
    if (seguidas.esquecimentos.trocas.superada({ topic, partition, offset }, interacao)) continue;
    const recontado = seguidas.esquecimentos.recontado({ topic, partition, offset }, interacao);
    reprocessamento.registra({ ...recontado, registradaEm: timestamp, emPresencas: topic === 'presencas' });
  }
  return registros;
}

/** Shown how far the reading has come. */
interface Progresso {
  anda(feito: number): void;
  acaba(): void;
}

/**
 * Reads the log from its beginning up to where it ends now, takes it through the rulebooks in force and through another
 * one from `desde` (ms) on, and says what would come out otherwise. Nothing that is live is touched or waited for: both
 * sides are of the same records, whatever arrives meanwhile. What does not fit the memory at once is read several times.
 * @param abreProgresso given how many offsets there are to read
 */
export async function ensaia(
  partes: PartesDoReprocessamento,
  aPartir: { desde: number; rulebook: Rulebook },
  abreProgresso: (total: number) => Progresso,
): Promise<Ensaio> {
  const inicio = performance.now();
  const { admin, portfolio, rulebooks } = partes;
  confereNome(aPartir.rulebook, rulebooks.todos());
  await partes.postas.atualiza();
  const fins = await Promise.all(TOPICOS.map((topico) => admin.offsets(topico)));
  const total = fins.flat().reduce((soma, { low, high }) => soma + high - low, 0);
  const passes = Math.max(1, Math.ceil((total * BYTES_POR_REGISTRO) / (getHeapStatistics().heap_size_limit / 2)));
  const reprocessamento = new Reprocessamento(rulebooks, aPartir, portfolio, { passes });
  const progresso = abreProgresso(passes * total);
  let [lidos, registros] = [0, 0];
  try {
    for (let passe = 0; passe < passes; passe += 1) {
      registros = 0;
      for (const [n, topico] of TOPICOS.entries()) {
        const to = new Map((fins[n] ?? []).map(({ partition, high }) => [partition, high]));
        await partes.kafka.readToEnd(topico, {
          to,
          onBatch: async (lote) => {
            registros += await registra(partes, reprocessamento, lote);
            lidos += lote.records.length;
            progresso.anda(lidos);
          },
        });
      }
      reprocessamento.fechaPasse();
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
