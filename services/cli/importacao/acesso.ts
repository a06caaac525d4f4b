import { setTimeout as espera } from 'node:timers/promises';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import { CodedError } from '#platform/errors.ts';
import type { CredencialCriada } from '#platform/http/rotas-de-escrita.ts';
import { type Transporte, transporteHttp } from '#producer/index.ts';
import { enderecoDaApi } from '../api.ts';
import { cria, type PedidoDeChave, registraFonte, revoga, troca } from '../chaves.ts';

/** How long the door is waited for: longer than a service takes to come back. Milliseconds. */
const PACIENCIA_MS = 120_000;
/** Within which a new key is known everywhere. */
const CHAVE_CONHECIDA_EM_MS = 10_000;
const ENTRE_TENTATIVAS_MS = 200;
/** How long its end waits for the key to be revoked. */
const REVOGADA_EM_MS = 5_000;

export interface QuemImporta {
  source: string;
  /** What the key made for it is called. */
  nome: string;
  /** The source is registered before, under this name. */
  nomeDaFonte?: string | undefined;
  por: string;
}

/** What an import by the operator's key would do about its source; null: it goes by a key of its source. */
export function oQueFariaDaFonte({ source, nomeDaFonte }: Pick<QuemImporta, 'source' | 'nomeDaFonte'>): string | null {
  if (process.env.ATENDIDO_CHAVE?.trim()) return null;
  const fonte = `A fonte '${ocultaCpf(source)}'`;
  if (nomeDaFonte !== undefined) return `${fonte} seria registrada como '${ocultaCpf(nomeDaFonte)}'.`;
  return `${fonte}, se ainda não está registrada, seria registrada com este nome.`;
}

/** As `cria`, of a source that may not have been registered: it is then, under its own name, and that is said. */
async function criaComFonte(pedido: PedidoDeChave & { source: string }, por: string): Promise<CredencialCriada> {
  const { source, sinal } = pedido;
  try {
    return await cria(pedido, por);
  } catch (e) {
    if (!(e instanceof CodedError) || e.code !== 'FONTE_DESCONHECIDA') throw e;
    await registraFonte(source, { nome: source }, por, sinal);
    process.stderr.write(`A fonte '${ocultaCpf(source)}' não estava registrada: foi agora, com este nome.\n`);
    return cria(pedido, por);
  }
}

async function chaveDaImportacao(quem: QuemImporta, sinal: AbortSignal): Promise<string> {
  const { nome: id, source, nomeDaFonte, por } = quem;
  try {
    return (await criaComFonte({ id, papeis: ['produtor'], source, nomeDaFonte, sinal }, por)).chave;
  } catch (e) {
    // Left by an import that was killed: nobody has its secret any more.
    if (!(e instanceof CodedError) || e.code !== 'CREDENCIAL_EXISTENTE') throw e;
    return (await troca(id, 0, por)).chave;
  }
}

/** A key that was just made is refused until each service has heard of it. */
function comChaveNova(transporte: Transporte, sinal: AbortSignal): Transporte {
  const limite = Date.now() + CHAVE_CONHECIDA_EM_MS;
  return {
    async envia(eventos) {
      for (;;) {
        try {
          return await transporte.envia(eventos);
        } catch (e) {
          const desconhecida = e instanceof CodedError && e.code === 'CREDENCIAL_INVALIDA';
          if (!desconhecida || Date.now() > limite) throw e;
          await espera(ENTRE_TENTATIVAS_MS);
          sinal.throwIfAborted();
        }
      }
    },
    fecha: () => transporte.fecha(),
  };
}

/**
 * The door, for as long as `trabalho` takes: by the key in ATENDIDO_CHAVE or, for who holds the operator's key, by one
 * made for this import, of this source alone (registered, where it is not yet), and revoked at its end.
 * @param sinal ends the waiting for the door, and for its answers
 * @throws CodedError the api's own
 */
export async function comAcesso<T>(
  quem: QuemImporta,
  sinal: AbortSignal,
  trabalho: (transporte: Transporte) => Promise<T>,
): Promise<T> {
  const { nome, por } = quem;
  const dada = process.env.ATENDIDO_CHAVE?.trim();
  const opcoes = { url: enderecoDaApi(), pacienciaMs: PACIENCIA_MS, sinal };
  if (dada) return trabalho(transporteHttp({ ...opcoes, chave: dada }));
  const chave = await chaveDaImportacao(quem, sinal);
  try {
    return await trabalho(comChaveNova(transporteHttp({ ...opcoes, chave }), sinal));
  } finally {
    await revoga(nome, por, AbortSignal.timeout(REVOGADA_EM_MS)).catch((e: Error) => {
      process.stderr.write(
        `A chave '${nome}' não foi revogada (${e.message}); revogue-a com \`atendido key revoke\`.\n`,
      );
    });
  }
}
