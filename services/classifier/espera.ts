import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Apuracoes } from '#domain/apuracao.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { PoisonError } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import { LIMITES, voltaSozinha } from '#platform/quarentena/automatico.ts';
import { ensaiaInteracao, ensaiaReenvio, leInteracao, type PartesDoEnsaio } from '#platform/quarentena/ensaio.ts';
import { intocada, LOTE_DE_REENVIO, type PartesDoReenvio, reenvia } from '#platform/quarentena/reenvio.ts';
import {
  buscaPorIds,
  Continuacao,
  type EmQuarentena,
  leLote,
  type PartesDaBusca,
  TOPICO_DA_QUARENTENA,
} from '#platform/quarentena/registros.ts';
import { pause } from '#platform/stopping.ts';

const PAUSA_MS = 5_000;
/** While there is more to put back than one transaction takes: LOTE_DE_REENVIO a second, at most. */
const PAUSA_ENTRE_LOTES_MS = 1_000;
/** So long a look under way is waited for at the end: it may be sending, or waiting for a server that is away. */
const FIM_MS = 3_000;

/** What a record waits for: what the portfolio says of what it names. */
type Situacao = readonly unknown[];

interface Esperando extends Pick<Interacao, 'solucaoId' | 'disponibilizacaoId'> {
  recebidaEm: number;
  /** As the portfolio was when it was last set aside by a decision; null: it is to come back. */
  vista: Situacao | null;
}

/** Portfolio records are replaced whole when they change, never altered. */
function situacaoDe(portfolio: Portfolio, { solucaoId, disponibilizacaoId }: Esperando): Situacao {
  const oferta = disponibilizacaoId === null ? undefined : portfolio.disponibilizacao(disponibilizacaoId);
  const solucao = solucaoId === null ? undefined : portfolio.solucao(solucaoId);
  return [oferta, solucao, oferta === undefined ? undefined : portfolio.solucao(oferta.solucaoId)];
}

const iguais = (a: Situacao, b: Situacao): boolean => a.every((parte, n) => parte === b[n]);

export interface PartesDaEspera extends PartesDaBusca, PartesDoReenvio, PartesDoEnsaio {
  apuracoes: Pick<Apuracoes, 'emVigor' | 'rulebooksEmVigor'>;
  follower: Pick<PortfolioFollower, 'caughtUp'>;
}

/**
 * The records that wait in quarantine for the portfolio, and their way back when it has what they name. Every instance
 * holds the first LIMITES.esperando of them, read anew from the log at its start; that only one puts a record back is
 * `reenvia`'s to see to.
 */
export class SalaDeEspera {
  readonly #partes: PartesDaEspera;
  readonly #execucao: string;
  #leitura: Continuacao;
  /** Whose records these are. */
  #apuracao = 0;
  readonly #esperando = new Map<string, Esperando>();

  /** @param execucao names this run of the service in what it puts back */
  constructor(partes: PartesDaEspera, execucao: string) {
    this.#partes = partes;
    this.#execucao = execucao;
    this.#leitura = new Continuacao(partes.kafka, TOPICO_DA_QUARENTENA);
  }

  /**
   * Takes in what was set aside since, decides anew what the portfolio has changed for, LOTE_DE_REENVIO records at most,
   * and puts back what would no longer be set aside.
   * @returns how many were put back, and whether more is to be decided
   * @throws RetryableError a server is away; the next look goes on from here
   */
  async olha(agora: number): Promise<{ reenviados: number; haMais: boolean }> {
    const { follower, seguidas, resolucoes, apuracoes } = this.#partes;
    await Promise.all([follower.caughtUp(), seguidas.caughtUp(), resolucoes.atualiza()]);
    if (apuracoes.emVigor !== this.#apuracao) this.#recomeca(apuracoes.emVigor);
    await this.#recebe(agora);
    const mudados = this.#mudados(agora);
    const ids = mudados.slice(0, LOTE_DE_REENVIO);
    const reenviados = ids.length === 0 ? 0 : await this.#decide(ids, agora);
    return { reenviados, haMais: mudados.length > ids.length };
  }

  /** Another apuração decided everything anew: what the one before set aside waits no more. */
  #recomeca(apuracao: number): void {
    this.#apuracao = apuracao;
    this.#esperando.clear();
    this.#leitura = new Continuacao(this.#partes.kafka, TOPICO_DA_QUARENTENA);
  }

  get #cheia(): boolean {
    return this.#esperando.size >= LIMITES.esperando;
  }

  async #recebe(agora: number): Promise<void> {
    if (this.#cheia) return;
    await this.#leitura.le(async (lote) => {
      const postas = await leLote(this.#partes.quarentenas, lote);
      for (const [n, posta] of postas.entries()) {
        if (this.#cheia) return n;
        await this.#acolhe(posta, agora);
      }
      return postas.length;
    });
  }

  /** Decides it with its bytes at hand: what the portfolio would still set aside is not read again before it changes. */
  async #acolhe(posta: EmQuarentena, agora: number): Promise<void> {
    const { id, registro } = posta;
    const { interacoes, portfolio, resolucoes } = this.#partes;
    if (registro.apuracao !== this.#apuracao) return;
    if (!voltaSozinha(posta, resolucoes.de(id), agora)) return;
    const interacao = await leInteracao(interacoes, registro.valor);
    if (interacao === null) return;
    const { solucaoId, disponibilizacaoId } = interacao;
    const um: Esperando = { solucaoId, disponibilizacaoId, recebidaEm: registro.recebidaEm, vista: null };
    const { resultado } = ensaiaInteracao(this.#partes, interacao, agora);
    if (resultado === 'quarentena') um.vista = situacaoDe(portfolio, um);
    this.#esperando.set(id, um);
  }

  /**
   * Those for which the portfolio is another than when they were last decided. The old ones leave, and those about which
   * something was done: what somebody corrected, that person replays.
   */
  #mudados(agora: number): string[] {
    const { portfolio, resolucoes } = this.#partes;
    const mudados: string[] = [];
    for (const [id, um] of this.#esperando) {
      if (resolucoes.de(id) !== undefined || um.recebidaEm <= agora - LIMITES.idadeMs) this.#esperando.delete(id);
      else if (um.vista === null || !iguais(um.vista, situacaoDe(portfolio, um))) mudados.push(id);
    }
    return mudados;
  }

  async #decide(ids: readonly string[], agora: number): Promise<number> {
    const { portfolio } = this.#partes;
    const prontos: EmQuarentena[] = [];
    const vistas = new Map<Esperando, Situacao>();
    const achados = new Map((await buscaPorIds(this.#partes, ids)).map((um) => [um.id, um]));
    for (const id of ids) {
      const [um, esperando] = [achados.get(id), this.#esperando.get(id)];
      if (um === undefined || esperando === undefined) {
        this.#esperando.delete(id);
        continue;
      }
      const vista = situacaoDe(portfolio, esperando);
      const { resultado } = await ensaiaReenvio(this.#partes, um.registro.valor, agora);
      if (resultado === 'quarentena') vistas.set(esperando, vista);
      else prontos.push(um);
    }
    const autor = { por: 'atendido-classifier', execucao: this.#execucao };
    const reenviados = prontos.length === 0 ? 0 : await reenvia(this.#partes, prontos, autor, intocada);
    // Only now: what failed above is decided again at the next look.
    for (const [esperando, vista] of vistas) esperando.vista = vista;
    for (const { id } of prontos) this.#esperando.delete(id);
    return reenviados;
  }
}

export interface OpcoesDoLaco {
  sala: Pick<SalaDeEspera, 'olha'>;
  /** Told of what was put back. */
  aoReenviar: (reenviados: number) => void;
  /** Told why a look failed; the next one comes. */
  aoEsperar: (causa: Error) => void;
  sinal: AbortSignal;
}

/** What `trabalho` comes to; null where that takes more than FIM_MS after `sinal`. */
async function comFim<T>(trabalho: Promise<T>, sinal: AbortSignal): Promise<T | null> {
  const acabou = new AbortController();
  const { signal } = acabou;
  const fim = once(sinal, 'abort', { signal }).then(() => setTimeout(FIM_MS, null, { signal }));
  try {
    return await Promise.race([trabalho, fim]);
  } finally {
    acabou.abort();
  }
}

/** Looks again and again until `sinal`, not all instances at the same moment. @throws what is a bug */
export async function vigiaAEspera({ sala, aoReenviar, aoEsperar, sinal }: OpcoesDoLaco): Promise<void> {
  while (!sinal.aborted) {
    let pausa = PAUSA_MS;
    try {
      const olhada = await comFim(sala.olha(Date.now()), sinal);
      if (olhada === null) return;
      if (olhada.reenviados > 0) aoReenviar(olhada.reenviados);
      if (olhada.haMais) pausa = PAUSA_ENTRE_LOTES_MS;
    } catch (error) {
      // A record of ours that cannot be read stops the replays, which is told at every look; classifying goes on.
      if (!(error instanceof RetryableError || error instanceof PoisonError)) throw error;
      aoEsperar(error);
    }
    const acaso = 1 + Math.random() / 2;
    await pause(pausa * acaso, sinal);
  }
}
