import { setTimeout } from 'node:timers/promises';
import { pseudonimizador } from '#domain/documento.ts';
import type { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import type { TrocaDeChave } from '#domain/troca-de-chave.ts';
import { type Quem, registroDoAto } from '#platform/atos.ts';
import { CodedError, RetryableError } from '#platform/errors.ts';
import { falha } from '#platform/falhas.ts';
import type { Producer } from '#platform/kafka/port.ts';
import { comExclusividade } from '#platform/quarentena/reenvio.ts';
import { pedacosDoFiltro, registroDaTroca, registroEmVigor, trocaNova } from '#platform/trocas.ts';
import type { Conexoes } from '../conexoes.ts';
import { emLista, LeituraDeConhecidos } from './conhecidos.ts';

/** Room for so many people a record, at first, and by how much more where a list of many made it too little. */
const PESSOAS_POR_REGISTRO = 3;
const MAIS_PESSOAS = 16;
/** What comes between two readings, at most, before nobody new is let in. */
const POUCO = 5_000;
/** The ids beside the filter must fit a record of the topic. */
const MAIOR_CAUDA = 20_000;
/** Until every door has heard, and what was under way then stands in the log. */
const ATE_QUE_OUCAM_MS = 3_000;
const SEM_LIMITES = { interacoes: [], presencas: [] };
/** A reading that never comes near the end is given up after so many. */
const LEITURAS = 100;

export interface PedidoDeTroca {
  /** The key in use, for as long as it was never changed. */
  anterior: string;
  /** A CPF that the line knows: shows that the keys of before are the ones it is known by. */
  pessoa: string;
  quem: Quem;
}

export type EtapaDaTroca = 'le' | 'publica' | 'anuncia' | 'vigora';

export interface Acompanhamento {
  sinal?: AbortSignal | undefined;
  progresso?: (etapa: EtapaDaTroca, feito: number, total: number | null) => void;
}

export interface TrocaFeita {
  troca: string;
  /** ISO 8601. */
  em: string;
  /** It was in force already. */
  jaEstava: boolean;
  /** What this command saw of it; null: it was in force already. */
  medida: { conhecidos: number; bytesDoFiltro: number; leituraMs: number; esperaMs: number } | null;
}

/**
 * The change that came into force last, if it is the one asked for.
 * @throws CodedError TROCA_JA_FEITA the key was in use already; CHAVE_SUPERADA the keys of before are not those there were
 */
function jaEmVigor(
  { seguidas, nomes }: Pick<Conexoes, 'seguidas' | 'nomes'>,
  { anterior, nova }: Pick<TrocaDeChave, 'anterior' | 'nova'>,
): TrocaFeita | null {
  const { trocas } = seguidas.esquecimentos;
  const { emVigor } = trocas;
  if (emVigor === null) return null;
  if (emVigor.anterior === anterior && emVigor.nova === nova) {
    return { troca: emVigor.id, em: new Date(emVigor.em).toISOString(), jaEstava: true, medida: null };
  }
  if (trocas.foiUsada(nova)) {
    const mensagem = 'a CLIENT_ID_KEY dada já está ou já esteve em uso; para outra troca, dê uma que nunca esteve';
    throw new CodedError('TROCA_JA_FEITA', mensagem);
  }
  nomes.confere();
  return null;
}

/** Reads until what comes between two readings is little. */
async function alcanca(leitura: LeituraDeConhecidos): Promise<void> {
  for (let n = 0; n < LEITURAS; n += 1) if ((await leitura.avanca()).lidos <= POUCO) return;
  const mensagem = 'chegam mais registros do que este comando lê; repita numa hora mais calma';
  throw new CodedError('TROCA_ATRASADA', mensagem);
}

/** Reads all there is, with room enough for whoever is named in it. */
async function conhecidos(
  partes: Parameters<typeof LeituraDeConhecidos.comeca>[0],
  procurada: string,
): Promise<LeituraDeConhecidos> {
  for (let porRegistro = PESSOAS_POR_REGISTRO; ; porRegistro *= MAIS_PESSOAS) {
    const leitura = await LeituraDeConhecidos.comeca(partes, procurada, porRegistro);
    await alcanca(leitura);
    if (!leitura.transbordou) return leitura;
  }
}

/** Who is met beside the filter must fit. */
function exigeQueCaiba({ cauda }: LeituraDeConhecidos): void {
  if (cauda.length <= MAIOR_CAUDA) return;
  throw new CodedError(
    'TROCA_ATRASADA',
    'chegou gente demais enquanto a troca era preparada; repita numa hora mais calma',
  );
}

/** Publishes the filter, and sees to it that whoever reads the topic has it whole; where it was published, only the latter. */
async function publica(
  { seguidas }: Pick<Conexoes, 'seguidas'>,
  troca: TrocaDeChave,
  filtro: FiltroDeIds,
  producer: Producer,
): Promise<void> {
  const { anunciada } = seguidas.esquecimentos.trocas;
  // Of a command that was killed, and its filter: nobody else is at work now.
  if (anunciada !== null) await producer.send([registroDaTroca(anunciada, 'retirada')]);
  const provisorio = registroEmVigor({ ...troca, limites: SEM_LIMITES, conhecidos: filtro }, []);
  if (seguidas.leriaTroca(provisorio)) return;
  for (const pedaco of pedacosDoFiltro(troca.id, filtro)) await producer.send([pedaco]);
  await seguidas.caughtUp();
  if (!seguidas.leriaTroca(provisorio)) throw new RetryableError('o filtro não foi lido como foi publicado');
}

/** Announced, nobody decides and no door names anybody: what fails before the last write takes the announcement back. */
async function anuncia<T>(troca: TrocaDeChave, producer: Producer, trabalho: () => Promise<T>): Promise<T> {
  await producer.send([registroDaTroca(troca, 'anunciada')]);
  falha('troca:anunciada');
  try {
    return await trabalho();
  } catch (error) {
    // Where this fails too, the classifier withdraws it; what went wrong first is what is told.
    await producer.send([registroDaTroca(troca, 'retirada')]).catch(() => undefined);
    throw error;
  }
}

/** @returns for how long (ms) nobody was named, nor anything decided */
async function poeEmVigor(
  { seguidas, resolucoes }: Conexoes,
  leitura: LeituraDeConhecidos,
  { troca, quem, sinal }: { troca: TrocaDeChave; quem: Quem; sinal: AbortSignal | undefined },
  producer: Producer,
): Promise<number> {
  const anunciadaEm = performance.now();
  const emVigor = await anuncia(troca, producer, async () => {
    await setTimeout(ATE_QUE_OUCAM_MS, undefined, { ...(sinal && { signal: sinal }) });
    await seguidas.caughtUp();
    const { ate } = await leitura.avanca();
    // Put back behind the change, a correction of before names whoever it names by a key of before. Nobody else may
    // write one now.
    await leitura.tambem(resolucoes.esperando().map(({ valor }) => valor));
    // An order to forget somebody of whom only what was set aside is there holds under a name that no log has.
    leitura.conheceIds(seguidas.esquecimentos.todos().map(({ titular }) => titular));
    exigeQueCaiba(leitura);
    const limites = { interacoes: emLista(ate.interacoes), presencas: emLista(ate.presencas) };
    const registro = registroEmVigor({ ...troca, limites, conhecidos: leitura.filtro }, leitura.cauda);
    await seguidas.caughtUp();
    // Whoever reads it must find the filter as it was published: without it nobody has a name any more.
    if (!seguidas.leriaTroca(registro)) throw new RetryableError('o filtro não está como foi publicado');
    return registro;
  });
  const detalhe = { conhecidos: leitura.pessoas + leitura.cauda.length };
  await producer.send([
    emVigor,
    registroDoAto(quem, { ato: 'chave-de-id-trocada', alvo: `troca de chave ${troca.id}`, detalhe }),
  ]);
  falha('troca:em-vigor');
  return performance.now() - anunciadaEm;
}

/**
 * Changes CLIENT_ID_KEY, as often as it is asked: keeps who is known by the keys of before, and from then on names
 * everybody else by the new one.
 * Killed at any moment, it is asked again: nothing of it holds before the one write that has all of it hold.
 * @throws CodedError TROCA_JA_FEITA, CHAVE_SUPERADA, CHAVE_DIVERGENTE, CHAVE_ANTERIOR_ERRADA, TROCA_ATRASADA;
 * RetryableError a server is away
 */
export async function trocaAChave(
  conexoes: Conexoes,
  { anterior, pessoa, quem }: PedidoDeTroca,
  { sinal, progresso = () => {} }: Acompanhamento = {},
): Promise<TrocaFeita> {
  const { kafka, admin, interacoes, resolucoes, seguidas, nomes } = conexoes;
  if (nomes.troca === null) throw new TypeError('sem a chave de antes não há troca');
  const troca = trocaNova({ por: quem.quem, ...nomes.troca });
  const feita = jaEmVigor(conexoes, troca);
  if (feita !== null) return feita;
  const aoLer = (lidos: number, total: number): void => progresso('le', lidos, total);
  const partes = { kafka, admin, interacoes, sinal, progresso: aoLer };
  const comeco = performance.now();
  // The first time by the key given, whichever was said to be in use: that it is the right one is what is looked up.
  const nomeia = seguidas.esquecimentos.trocas.emVigor === null ? pseudonimizador(anterior) : nomes.procura;
  const leitura = await conhecidos(partes, nomeia(pessoa));
  if (!leitura.achada) {
    const mensagem = 'por CLIENT_ID_KEY_ANTERIOR não se conhece a pessoa dada: a chave é outra, ou dela nada veio';
    throw new CodedError('CHAVE_ANTERIOR_ERRADA', mensagem);
  }
  leitura.fecha(MAIOR_CAUDA);
  const leituraMs = performance.now() - comeco;
  let esperaMs = 0;
  await comExclusividade({ kafka, resolucoes, seguidas, ...(sinal && { sinal }) }, async (exclusivo) => {
    // Where it was not known whether the last write stands.
    if (jaEmVigor(conexoes, troca) !== null) return;
    progresso('publica', 0, null);
    await publica(conexoes, troca, leitura.filtro, exclusivo);
    falha('troca:publicada');
    await alcanca(leitura);
    exigeQueCaiba(leitura);
    sinal?.throwIfAborted();
    progresso('anuncia', 0, null);
    esperaMs = await poeEmVigor(conexoes, leitura, { troca, quem, sinal }, exclusivo);
  });
  await seguidas.caughtUp();
  progresso('vigora', 0, null);
  return {
    troca: troca.id,
    em: new Date(seguidas.esquecimentos.trocas.emVigor?.em ?? 0).toISOString(),
    jaEstava: false,
    medida: {
      ...{ conhecidos: leitura.pessoas + leitura.cauda.length, bytesDoFiltro: leitura.filtro.bytes.length },
      ...{ leituraMs: Math.round(leituraMs), esperaMs: Math.round(esperaMs) },
    },
  };
}
