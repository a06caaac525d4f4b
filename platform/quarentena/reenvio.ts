import type { Apuracoes } from '#domain/apuracao.ts';
import { fonteReservada } from '#domain/consolidacao.ts';
import type { TrocaEmVigor } from '#domain/troca-de-chave.ts';
import type { ApuracoesSeguidas } from '../apuracoes.ts';
import { registroDoAto } from '../atos.ts';
import type { Correcao, ResolucaoDeQuarentena } from '../codec-types.ts';
import { CodedError, RetryableError } from '../errors.ts';
import type { Kafka, OutputRecord, Producer } from '../kafka/port.ts';
import { sizeOf } from '../kafka/rounds.ts';
import { underName } from '../kafka/under-name.ts';
import { cabecalhosDoReenvio } from './cabecalhos.ts';
import type { EmQuarentena } from './registros.ts';
import { foiReenviada, type Resolucoes, TOPICO_DAS_RESOLUCOES } from './resolucoes.ts';

/** Whoever resolves writes under this name, and so one at a time, wherever it runs. */
const NOME = 'atendido-quarentena';
/** What a record may take, in bytes, to come back: less than its topic does, for it comes with more headers. */
const MAIOR_REENVIO = 1_040_000;

/** The most records to put back in one transaction. */
export const LOTE_DE_REENVIO = 200;

/** What it takes to be the only one at it. */
export interface PartesDaExclusividade {
  kafka: Kafka;
  /** null: what was resolved is not asked for. */
  resolucoes: Pick<Resolucoes, 'atualiza'> | null;
  seguidas: Pick<ApuracoesSeguidas, 'caughtUp'>;
  /** After it nothing is tried again, nor begun. */
  sinal?: AbortSignal;
}

export interface PartesDoReenvio extends PartesDaExclusividade {
  resolucoes: Resolucoes;
  seguidas: Pick<ApuracoesSeguidas, 'apuracoes' | 'esquecimentos' | 'caughtUp'>;
}

/** For work of many parts, before each. @throws RetryableError the process is to end */
export function exigeQueSiga({ sinal }: Pick<PartesDoReenvio, 'sinal'>): void {
  if (sinal?.aborted === true) throw new RetryableError('o processo está parando');
}

/** Who has it done, in which run. */
export interface Autor {
  por: string;
  execucao: string;
  /** The key it was asked by; without it: on the command line. */
  credencial?: string;
}

/**
 * Does `trabalho` while nobody else resolves anything or changes which apuração is in force: it sees all that others have
 * done, and what it sends is refused once another has begun. It may be done again from the start, so it must ask
 * `resolucoes` and `seguidas` what is still to be done.
 */
export async function comExclusividade<T>(
  { kafka, resolucoes, seguidas, sinal }: PartesDaExclusividade,
  trabalho: (producer: Producer) => Promise<T>,
): Promise<T> {
  return underName(
    kafka,
    NOME,
    async (producer) => {
      await Promise.all([resolucoes?.atualiza(), seguidas.caughtUp()]);
      return trabalho(producer);
    },
    sinal,
  );
}

/** What is sent of a record put back. */
function copiaDe(
  { registro }: EmQuarentena,
  correcao: Correcao | null,
  cabecalhos: Record<string, string>,
): OutputRecord {
  const headers = { ...registro.cabecalhos, ...cabecalhos };
  if (correcao !== null) return { topic: correcao.topico, key: correcao.chave, value: correcao.valor, headers };
  const original = { topic: registro.topico, key: registro.chave, value: registro.valor, headers };
  return registro.chave === null ? { ...original, partition: registro.particao } : original;
}

/** Whether the record, as it came or as corrected, fits its topic. A producer past the door may have filled it. */
export function cabeDeVolta(um: EmQuarentena, correcao: Correcao | null): boolean {
  return sizeOf(copiaDe(um, correcao, {})) <= MAIOR_REENVIO;
}

/** Whether a record is still to be put back, by what has been done about it. */
export type Pendencia = (feito: ResolucaoDeQuarentena | undefined) => boolean;

/** Whether it was set aside by the apuração in force; what an older one set aside, the one in force decided anew. */
export function ehDaQueVigora({ registro }: EmQuarentena, apuracoes: Pick<Apuracoes, 'emVigor'>): boolean {
  return registro.apuracao === apuracoes.emVigor;
}

/** Whether it was derived of the presences of somebody who was forgotten since: a copy would name them in the ledger again. */
function eDeEsquecido(
  { registro }: EmQuarentena,
  { esquecimentos }: Pick<ApuracoesSeguidas, 'esquecimentos'>,
): boolean {
  if (!fonteReservada(registro.source) || registro.chave === null) return false;
  const um = esquecimentos.doTitular(registro.chave.toString());
  return um?.fechamentos.some(({ apuracao }) => apuracao === registro.apuracao) === true;
}

/** Says so of a record that waits no more. */
export function superada(id: string): string {
  return `outra apuração já decidiu de novo o registro de ${id}; veja o que espera em \`atendido quarantine list\``;
}

/** For whoever asks for the record: nobody has put it back. */
export const naoReenviada: Pendencia = (feito) => !foiReenviada(feito);

/** For a replay that nobody asked for: what somebody corrected is that person's to replay. */
export const intocada: Pendencia = (feito) => feito === undefined;

function atoDoReenvio(registros: readonly EmQuarentena[], { por, execucao, credencial }: Autor): OutputRecord {
  const detalhe = { registros: registros.length, ids: registros.map(({ id }) => id) };
  return registroDoAto(
    { quem: por, chave: credencial ?? null },
    { ato: 'quarentena-reenviada', alvo: execucao, detalhe },
  );
}

/**
 * Puts records in quarantine back where they came from, as they came or as they were corrected, all or none: those that
 * are `pendente` once nobody else can write. The copy and the word that it was made are one transaction, under a name
 * that one process at a time can write as: however often and by however many it is asked, a record comes back once.
 * @param registros at most LOTE_DE_REENVIO, each of which `cabeDeVolta`
 * @returns how many this run has put back
 * @throws RetryableError Kafka is away; asking again is safe
 */
export async function reenvia(
  partes: PartesDoReenvio,
  registros: readonly EmQuarentena[],
  autor: Autor,
  pendente: Pendencia,
): Promise<number> {
  const { resolucoes, seguidas } = partes;
  const { por, execucao } = autor;
  return comExclusividade(partes, async (producer) => {
    const em = Date.now();
    const feitos = registros.map(({ id }) => resolucoes.de(id));
    const pendentes = registros.filter((um, n) => {
      return pendente(feitos[n]) && ehDaQueVigora(um, seguidas.apuracoes) && !eDeEsquecido(um, seguidas);
    });
    const copias = pendentes.flatMap((um) => {
      const correcao = resolucoes.de(um.id)?.correcao ?? null;
      const reenvio = { por, execucao, em, tentativa: um.registro.tentativa + 1 };
      const value = resolucoes.codec.encode({ correcao, reenvio });
      const copia = copiaDe(um, correcao, cabecalhosDoReenvio(um.id, reenvio, correcao?.por ?? null));
      return [copia, { topic: TOPICO_DAS_RESOLUCOES, key: um.id, value }];
    });
    await producer.send(copias.length === 0 ? [] : [...copias, atoDoReenvio(pendentes, autor)]);
    // Of a transaction that was not known to be committed, it may show only now that it was.
    const antes = feitos.filter((feito) => feito?.reenvio?.execucao === execucao);
    return pendentes.length + antes.length;
  });
}

/**
 * Keeps a corrected copy of a record in quarantine, in place of one kept before, for its replay.
 * @param credencial the key it was asked by; without it: on the command line
 * @param nomeadaSob the change of key that was in force when its people were named
 * @throws CodedError QUARENTENA_RESOLVIDA it was put back meanwhile, QUARENTENA_SUPERADA, CHAVE_SUPERADA; RetryableError
 * Kafka is away
 */
export async function guardaCorrecao(
  partes: PartesDoReenvio,
  um: EmQuarentena,
  correcao: Correcao,
  { credencial, nomeadaSob }: { credencial?: string | undefined; nomeadaSob: TrocaEmVigor | null },
): Promise<void> {
  const { resolucoes, seguidas } = partes;
  const { id } = um;
  await comExclusividade(partes, async (producer) => {
    if (!ehDaQueVigora(um, seguidas.apuracoes)) {
      throw new CodedError('QUARENTENA_SUPERADA', superada(id));
    }
    if (resolucoes.resolvida(id)) {
      const quem = resolucoes.de(id)?.reenvio?.por;
      throw new CodedError('QUARENTENA_RESOLVIDA', `${id} já foi reenviada, por ${quem}: não há o que corrigir`);
    }
    // Kept, whoever it names would be taken for known, or be set aside: a change looks at all that is kept before it.
    if (seguidas.esquecimentos.trocas.emVigor !== nomeadaSob) {
      throw new CodedError('CHAVE_SUPERADA', 'a CLIENT_ID_KEY foi trocada durante a correção; corrija de novo');
    }
    const value = resolucoes.codec.encode({ correcao, reenvio: null });
    const detalhe = { topico: correcao.topico };
    const quem = { quem: correcao.por, chave: credencial ?? null };
    const ato = registroDoAto(quem, { ato: 'quarentena-corrigida', alvo: id, detalhe });
    await producer.send([{ topic: TOPICO_DAS_RESOLUCOES, key: id, value }, ato]);
  });
}
