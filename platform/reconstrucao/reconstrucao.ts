import type { ApuracoesSeguidas } from '../apuracoes.ts';
import { registroDoAto } from '../atos.ts';
import type { Codec } from '../codec.ts';
import type { ClienteAtendido } from '../codec-types.ts';
import { CodedError } from '../errors.ts';
import { apuracaoDaGeracao } from '../estado/chaves.ts';
import { EscritorDeEstado } from '../estado/escritor.ts';
import { Geracoes, perdeuATrava } from '../estado/geracoes.ts';
import { leitorDeEstado } from '../estado/leitor-redis.ts';
import { registroDeStatus } from '../estado/registro-de-status.ts';
import type { Producer } from '../kafka/port.ts';
import { esperaOQueHa, type OpcoesDeEspera } from '../linha.ts';
import { type ClienteDiferente, Comparacao, type DiferencaDeGeracao } from './comparacao.ts';
import { Construtor, distancia, type PartesDoConstrutor } from './construtor.ts';
import { escolhe, inacabada, removeInuteis } from './escolha.ts';
import { limpaPresencas } from './limpeza.ts';
import { comTrava } from './trava.ts';

export interface PartesDaReconstrucao extends PartesDoConstrutor {
  producer: Pick<Producer, 'send'>;
  clientesAtendidos: Pick<Codec<ClienteAtendido>, 'encode'>;
  seguidas: Pick<ApuracoesSeguidas, 'apuracoes' | 'caughtUp'>;
  /** Of `lancamentos`. */
  particoes: number;
  /** Closes the new apuração's ledger for the forgotten; without it there are none. */
  esquecidos?: (espera: () => Promise<void>) => Promise<unknown>;
}

export interface OpcoesDaReconstrucao {
  /** Who has it done; default: the line itself, which ends what an application that was killed began. */
  por?: string;
  /** The generation kept is brought up to the live one and changed for it, whatever the differences. */
  volta?: boolean;
  /** Changes also where the new generation differs from the live one. */
  aceitaDiferencas?: boolean;
  /** Ends the work where it can be taken up again. */
  sinal?: AbortSignal;
  /** Told how far a step has come; `total` null: not known. */
  progresso?: (etapa: Etapa, feito: number, total: number | null) => void;
}

export type Etapa = 'espera' | 'limpeza' | 'linha' | 'construcao' | 'comparacao' | 'troca';

export interface Reconstrucao {
  /** Whether the new generation is the live one now. */
  trocada: boolean;
  viva: string;
  /** Kept beside it: the one that was live before, or, where nothing was changed, the new one. Of another apuração, none. */
  guardada: string | null;
  /** How many holders of state and counters of the new generation were compared. */
  comparados: number;
  diferencas: DiferencaDeGeracao[];
  /** How long nothing was applied, in milliseconds. */
  paradoMs: number;
}

/** Offsets behind the live state from which a stop is short: some hundred lots. */
const PERTO = 500;

/** A rebuild under way: what has a name in it, and the check that it may go on. */
interface EmCurso {
  partes: PartesDaReconstrucao;
  opcoes: OpcoesDaReconstrucao;
  geracoes: Geracoes;
  viva: string;
  nova: string;
  construtor: Construtor;
  confere: () => void;
}

const particoesDe = (n: number): number[] => Array.from({ length: n }, (_, particao) => particao);

/** Lets the live shards go on; not where another changer is at work by now, for it may be about to change. */
async function retoma({ partes, geracoes, viva }: Pick<EmCurso, 'partes' | 'geracoes' | 'viva'>): Promise<void> {
  if (!(await geracoes.mantem()) || (await geracoes.situacao()).viva !== viva) return;
  const escritor = new EscritorDeEstado(partes.redis, viva);
  await Promise.all(particoesDe(partes.particoes).map((n) => escritor.retoma(n)));
}

const posicoesVivas = ({ partes: { redis, particoes }, viva }: EmCurso) =>
  leitorDeEstado(redis, { particoes, geracao: viva }).posicoes();

/** Brings the new generation near to where the live one stands; never past it. */
async function alcanca(emCurso: EmCurso): Promise<void> {
  const { construtor, confere, opcoes } = emCurso;
  let alvo = await posicoesVivas(emCurso);
  const total = distancia(construtor.posicoes, alvo);
  while (distancia(construtor.posicoes, alvo) > 0) {
    await construtor.avanca(alvo, () => {
      confere();
      opcoes.progresso?.('construcao', Math.max(0, total - distancia(construtor.posicoes, alvo)), total);
    });
    alvo = await posicoesVivas(emCurso);
    if (distancia(construtor.posicoes, alvo) <= PERTO) return;
  }
}

/** Who is compared once both generations stand still, asked then; and how many keys were looked at. */
interface Procurados {
  finais: () => readonly string[];
  comparados: number;
}

/** Whether the new generation holds what other rulebooks decided: then differences are what it is made for. */
const mudaDeApuracao = ({ viva, nova }: Pick<EmCurso, 'viva' | 'nova'>): boolean =>
  apuracaoDaGeracao(viva) !== apuracaoDaGeracao(nova);

/** Until the old state has all that it will ever have, and the ledger all that the new one is to begin with. */
async function esperaOFim({ partes, opcoes, viva, confere }: EmCurso): Promise<void> {
  const leitor = leitorDeEstado(partes.redis, { particoes: partes.particoes, geracao: viva });
  const progresso: OpcoesDeEspera['progresso'] = (atrasos) => {
    confere();
    const registros = atrasos.reduce((soma, a) => soma + a.registros, 0);
    if (registros > 0) opcoes.progresso?.('linha', registros, null);
  };
  const espera = () => esperaOQueHa({ ...partes, leitor }, { progresso });
  await espera();
  // Whom the ledger of the old one forgot, that of the new one names again.
  await partes.esquecidos?.(espera);
}

/** Of another apuração: those whose status turns, and whoever was named since, in either of the two. */
async function viradas(emCurso: EmCurso, comparacao: Comparacao): Promise<Procurados> {
  const { confere, opcoes, construtor } = emCurso;
  const tocados = construtor.anotaTocados();
  let comparados = 0;
  const viram = await comparacao.viram((chaves) => {
    confere();
    comparados = chaves;
    opcoes.progresso?.('comparacao', chaves, null);
  });
  await alcanca(emCurso);
  return { finais: () => [...new Set([...viram, ...tocados])], comparados };
}

/** Who may differ, looked at again while catching up makes them fewer. */
async function suspeitos(emCurso: EmCurso, comparacao: Comparacao): Promise<Procurados> {
  const { confere, opcoes } = emCurso;
  let comparados = 0;
  let finais = await comparacao.suspeitos((chaves) => {
    confere();
    comparados = chaves;
    opcoes.progresso?.('comparacao', chaves, null);
  });
  for (let antes = Number.POSITIVE_INFINITY; finais.length > 0 && finais.length < antes; ) {
    antes = finais.length;
    await alcanca(emCurso);
    finais = await comparacao.aindaDiferem(finais);
  }
  return { finais: () => finais, comparados };
}

async function contaStatus({ partes, construtor }: EmCurso, clientes: readonly ClienteDiferente[]): Promise<void> {
  const { producer, clientesAtendidos } = partes;
  await producer.send(
    clientes.flatMap(({ particao, status }) => {
      const onde = { particao, posicao: construtor.posicoes.get(particao) ?? 0 };
      return status.map((mudanca) => registroDeStatus(clientesAtendidos, mudanca, onde));
    }),
  );
}

/** Just before the change: Redis shares no transaction with Kafka, and no change may stand without its line. */
async function escreveAto({ partes, opcoes, viva, nova }: EmCurso, diferencas: number): Promise<void> {
  const quem = { quem: opcoes.por ?? 'atendido', chave: null };
  const detalhe = { antes: viva, volta: opcoes.volta === true, diferencas };
  await partes.producer.send([registroDoAto(quem, { ato: 'estado-trocado', alvo: nova, detalhe })]);
}

/**
 * Stops the live shards, brings the new ones to the very same positions, compares what is left to compare, and changes
 * the pointer. Whatever happens before that last step, the live shards go on; after a kill, or where another changer
 * took over, the aggregator or that one sees to it.
 */
async function troca(emCurso: EmCurso, comparacao: Comparacao, finais: Procurados['finais']) {
  const { partes, opcoes, geracoes, viva, nova, construtor, confere } = emCurso;
  const aceita = opcoes.aceitaDiferencas === true || opcoes.volta === true || mudaDeApuracao(emCurso);
  const escritor = new EscritorDeEstado(partes.redis, viva);
  const inicio = performance.now();
  let trocada = false;
  try {
    opcoes.progresso?.('troca', 0, null);
    // One that stood still meanwhile stops nothing that another is at work with.
    if (!(await geracoes.mantem())) throw perdeuATrava();
    const paradas = await Promise.all(
      particoesDe(partes.particoes).map(async (n) => [n, await escritor.para(n)] as const),
    );
    await construtor.avanca(new Map(paradas), confere);
    const clientes = await comparacao.clientes(finais());
    const diferencas: DiferencaDeGeracao[] = [...clientes, ...(await comparacao.contadores(partes.particoes))];
    confere();
    if (diferencas.length === 0 || aceita) {
      await contaStatus(emCurso, clientes);
      await escreveAto(emCurso, diferencas.length);
      await geracoes.troca(viva, nova);
      trocada = true;
    }
    return { trocada, diferencas, paradoMs: performance.now() - inicio };
  } finally {
    if (!trocada) await retoma(emCurso);
  }
}

/**
 * Removes what another apuração left, which is of no use: no entry of its reaches the ledger any more. The generations
 * last: they tell of what is left to do.
 */
export async function limpa(
  partes: PartesDaReconstrucao,
  geracoes: Geracoes,
  opcoes: OpcoesDaReconstrucao,
  confere: () => void,
): Promise<void> {
  const { emVigor } = partes.seguidas.apuracoes;
  await limpaPresencas(partes.redis, emVigor, confere);
  await removeInuteis(geracoes, emVigor, opcoes, confere);
}

/**
 * What {@link reconstroi} does, under a lock that is held already.
 * @param confere throws where the work must end
 */
export async function reconstroiComTrava(
  partes: PartesDaReconstrucao,
  geracoes: Geracoes,
  opcoes: OpcoesDaReconstrucao,
  confere: () => void,
): Promise<Reconstrucao> {
  // Another one may have come into force while the lock was waited for.
  await partes.seguidas.caughtUp();
  const { viva, nova } = await escolhe(geracoes, partes.seguidas.apuracoes.emVigor, opcoes, confere);
  // Stopped by a changer that was killed, it would wait until this one ends.
  await retoma({ partes, geracoes, viva });
  const construtor = await Construtor.abre(partes, nova, partes.particoes);
  const emCurso = { partes, opcoes, geracoes, viva, nova, construtor, confere };
  if (mudaDeApuracao(emCurso)) await esperaOFim(emCurso);
  await alcanca(emCurso);
  const comparacao = new Comparacao(partes.redis, viva, nova);
  const procura = mudaDeApuracao(emCurso) ? viradas : suspeitos;
  const { comparados, finais } = await procura(emCurso, comparacao);
  const { trocada, diferencas, paradoMs } = await troca(emCurso, comparacao, finais);
  const [agora, outra] = trocada ? [nova, viva] : [viva, nova];
  const semVolta = trocada && mudaDeApuracao(emCurso);
  if (semVolta) await limpa(partes, geracoes, opcoes, confere);
  return { trocada, viva: agora, guardada: semVolta ? null : outra, comparados, diferencas, paradoMs };
}

/**
 * Builds the state anew from the ledger beside the live one, compares the two at the same positions, and makes the new
 * one the live one; the old one is kept. Where they differ nothing is changed unless that is asked for, or the new one
 * holds what an apuração decided that came into force since. Ended at any moment, even by a kill, it goes on where it
 * was when called again.
 * @throws CodedError see docs/erros.md; RetryableError a server is away
 */
export async function reconstroi(
  partes: PartesDaReconstrucao,
  opcoes: OpcoesDaReconstrucao = {},
): Promise<Reconstrucao> {
  const geracoes = new Geracoes(partes.redis, () => partes.seguidas.apuracoes.emVigor);
  return comTrava(geracoes, (confere) => reconstroiComTrava(partes, geracoes, opcoes, confere), {
    sinal: opcoes.sinal,
    aoEsperar: () => opcoes.progresso?.('espera', 0, null),
  });
}

/** `guardada`: one that was being gone back to is kept as the one before. */
export type Descarte = { apagada: string } | { guardada: string };

/**
 * Removes the generation kept after a change, or the one being built.
 * @throws CodedError SEM_GERACAO_ANTERIOR, SEM_GERACAO_NOVA, RECONSTRUCAO_INACABADA
 */
export async function descarta(
  partes: Pick<PartesDaReconstrucao, 'redis'>,
  papel: 'anterior' | 'nova',
  progresso: (chaves: number) => void,
): Promise<Descarte> {
  const geracoes = new Geracoes(partes.redis);
  return comTrava(geracoes, async (confere) => {
    const passo = (chaves: number): void => {
      confere();
      progresso(chaves);
    };
    const { descartada, ...situacao } = await geracoes.situacao();
    if (descartada !== null) await geracoes.apaga(descartada, passo);
    const nome = situacao[papel];
    if (nome !== null && situacao.nova === situacao.anterior) {
      if (papel === 'anterior') throw inacabada(situacao);
      await geracoes.desisteDaAnterior(nome);
      return { guardada: nome };
    }
    if (nome !== null) await geracoes.descarta(papel, nome, passo);
    const apagada = nome ?? descartada;
    if (apagada !== null) return { apagada };
    throw papel === 'anterior'
      ? new CodedError('SEM_GERACAO_ANTERIOR', 'não há geração anterior guardada')
      : new CodedError('SEM_GERACAO_NOVA', 'não há geração em construção');
  });
}
