import { setTimeout } from 'node:timers/promises';
import { CodedError } from '../errors.ts';
import { ChavesDoShard } from '../estado/chaves.ts';
import { Geracoes } from '../estado/geracoes.ts';
import { murmur2Partition } from '../kafka/partitioner.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';
import type { PartesDaOrdem } from './ordem.ts';

/** So long a generation that still has the person is waited for: whoever folds the closing, or removes it, is at it. */
const ESPERA_MS = 2_000;
const PAUSA_MS = 200;

type Partes = Pick<PartesDaOrdem, 'seguidas'> & { redis: RedisConnection; particoes: number };

/** @returns a generation of the state that holds something of a client; null: none does */
async function geracaoQueTem({ redis, seguidas, particoes }: Partes, titular: string): Promise<string | null> {
  const { viva, ...outras } = await new Geracoes(redis, () => seguidas.apuracoes.emVigor).situacao();
  const particao = murmur2Partition(titular, particoes);
  for (const geracao of new Set([viva, ...Object.values(outras)])) {
    if (geracao === null) continue;
    const chave = new ChavesDoShard(particao, geracao).cliente(titular);
    if ((await toRetryable(redis.exists(chave))) === 1) return geracao;
  }
  return null;
}

/**
 * That no generation of the state holds anything of a forgotten client: one that is kept from before does.
 * @throws CodedError ESQUECIMENTO_INACABADO; RetryableError
 */
export async function exigeQueOEstadoEsqueca(partes: Partes, titular: string, espera = ESPERA_MS): Promise<void> {
  for (const fim = performance.now() + espera; ; ) {
    const geracao = await geracaoQueTem(partes, titular);
    if (geracao === null) return;
    if (performance.now() >= fim) throw inacabado(geracao);
    await setTimeout(PAUSA_MS);
  }
}

function inacabado(geracao: string): CodedError {
  const que = `a geração ${geracao} do estado, guardada de antes, ainda tem a pessoa`;
  const saida = 'descarte-a (`atendido rebuild discard-old`, ou `cancel`) e peça de novo';
  return new CodedError('ESQUECIMENTO_INACABADO', `${que}: ${saida}`);
}
