import type { Apuracao } from '#domain/apuracao.ts';
import { registroDoAto } from '#platform/atos.ts';
import { CodedError, RetryableError } from '#platform/errors.ts';
import { falha } from '#platform/falhas.ts';
import { finsDoLog, limitesDe, type Posicoes } from '#platform/fins-do-log.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { comExclusividade } from '#platform/quarentena/reenvio.ts';
import type { EmCurso, PartesDaAplicacao } from './em-curso.ts';
import { resolveRepetidas } from './repetidas.ts';

/** How long decisions may be held up; services that see an announcement for twice as long give it up. */
export const ATE_VIGORAR_MS = 6_000;

/** The announcement stood for too long. */
class Demorou extends Error {}

function abandonada(numero: number): CodedError {
  const saida = 'os serviços deixaram de esperar por ela; nada mudou, repita';
  return new CodedError('REPROCESSAMENTO_ABANDONADO', `a apuração ${numero} foi abandonada: ${saida}`);
}

/** Derives the rest while nothing is decided. What it wrote is not known after a failure: it is never tried again. */
async function derivaOResto({ derivacao, confere }: EmCurso, fins: Posicoes, limite: number): Promise<void> {
  try {
    await derivacao.avanca(fins, () => {
      confere();
      if (performance.now() > limite) throw new Demorou();
    });
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    throw new CodedError('SERVIDOR_FORA', `um servidor não responde: ${error.message}; nada mudou, repita`);
  }
}

function atoDe({ numero, por, desde, versao }: Apuracao): OutputRecord {
  const detalhe = { rulebook: versao, desde: new Date(desde).toISOString() };
  const feito = { ato: 'reprocesso-aplicado' as const, alvo: `apuracao ${numero}`, detalhe };
  return registroDoAto({ quem: por, chave: null }, feito);
}

/**
 * Holds decisions up, derives what is left up to where the log ends then, and puts the apuração in force from there on:
 * whoever decides sees it before the next record. What was decided unaware of the announcement came before that end.
 * @returns how long nothing was decided, in milliseconds; null: it took too long, and the line goes on as before
 */
export async function poeEmVigor(emCurso: EmCurso): Promise<number | null> {
  const { partes, opcoes, geracoes, apuracao, postas, derivacao } = emCurso;
  const { seguidas, resolucoes } = partes;
  const { numero } = apuracao;
  opcoes.progresso?.('vigencia', 0, null);
  await geracoes.fixaViva();
  let paradaMs: number | null = null;
  return comExclusividade(partes, async (producer) => {
    const estado = seguidas.apuracoes.de(numero)?.estado;
    // Of an answer lost on its way.
    if (estado === 'em-vigor') return paradaMs;
    if (estado === 'abandonada') throw abandonada(numero);
    const inicio = performance.now();
    try {
      await producer.send([seguidas.mudanca(numero, 'anunciada')]);
      falha('reprocesso:anunciada');
      const fins = await finsDoLog(partes.admin);
      // What was registered before an interaction was sent must be seen by its decision.
      await partes.follower.caughtUp();
      await derivaOResto(emCurso, fins, inicio + ATE_VIGORAR_MS);
      const repetidas = await resolveRepetidas(resolucoes, postas, derivacao, apuracao);
      if (performance.now() > inicio + ATE_VIGORAR_MS) throw new Demorou();
      paradaMs = performance.now() - inicio;
      await producer.send([...repetidas, seguidas.mudanca(numero, 'em-vigor', limitesDe(fins)), atoDe(apuracao)]);
      falha('reprocesso:em-vigor');
      return performance.now() - inicio;
    } catch (error) {
      if (!(error instanceof Demorou)) throw error;
      await producer.send([seguidas.mudanca(numero, 'em-preparo')]);
      return null;
    }
  });
}

/** Tells everybody not to wait. Where that cannot be told, the services find out by themselves that it stands too long. */
export async function desiste(partes: PartesDaAplicacao, numero: number): Promise<void> {
  const { seguidas } = partes;
  await comExclusividade(partes, async (producer) => {
    if (seguidas.apuracoes.de(numero)?.estado === 'em-vigor') return;
    await producer.send([seguidas.mudanca(numero, 'abandonada')]);
  }).catch((error: unknown) => {
    if (!(error instanceof RetryableError)) throw error;
  });
}
