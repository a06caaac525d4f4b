import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { CodedError, RetryableError } from '#platform/errors.ts';
import type { Transporte } from '#producer/index.ts';
import type { Progresso } from '../progresso.ts';
import { type Arquivo, abreArquivo } from './arquivo.ts';
import { enviaArquivo } from './envio.ts';
import { type Estado, GuardaDoEstado, nomeDoRelatorio, tomaNome } from './estado.ts';
import { resolveChaveImportacao } from './identidade.ts';
import { type Leitura, leituraDeCsv } from './leitura.ts';
import { BRANCO } from './linhas.ts';
import { carregaMapa } from './mapa.ts';
import { leituraDeNdjson } from './ndjson.ts';
import { Relatorio } from './relatorio.ts';

export type Formato = 'csv' | 'ndjson';

export interface Pedido {
  arquivo: string;
  source: string;
  /** The map's file. */
  mapa?: string | undefined;
  formato?: Formato | undefined;
  /** Where refused lines go; undefined: beside the file. */
  recusados?: string | undefined;
  /** From the beginning, though it was begun, or done, before. */
  recomeca: boolean;
}

/** A file and how it is read. */
export interface Preparado {
  arquivo: Arquivo;
  leitura: Leitura;
  /** Digest of what makes events of it other than its bytes. */
  comoSeLe: string;
}

const CHAVE_ABRE = 0x7b;

/** By its name; else by whether it begins as JSON does. */
async function formatoDe(arquivo: Arquivo): Promise<Formato> {
  const nome = arquivo.caminho.replace(/\.gz$/i, '');
  if (/\.(csv|tsv)$/i.test(nome)) return 'csv';
  if (/\.(ndjson|jsonl)$/i.test(nome)) return 'ndjson';
  for await (const pedaco of arquivo.le(0)) {
    const primeiro = pedaco.find((byte) => byte > BRANCO);
    if (primeiro !== undefined) return primeiro === CHAVE_ABRE ? 'ndjson' : 'csv';
  }
  return 'csv';
}

/** Opens what is to be imported. @throws CodedError */
export async function prepara(pedido: Pedido): Promise<Preparado> {
  const mapa = pedido.mapa === undefined ? null : await carregaMapa(pedido.mapa);
  const arquivo = await abreArquivo(pedido.arquivo);
  const formato = pedido.formato ?? (mapa !== null ? 'csv' : await formatoDe(arquivo));
  let chave: string | undefined;
  const contexto = {
    source: pedido.source,
    chave: () => {
      chave ??= resolveChaveImportacao();
      return chave;
    },
  };
  const comoSeLe = createHash('sha256')
    .update(`${formato} ${mapa?.texto ?? ''}`)
    .digest('hex');
  if (formato === 'csv') {
    return { arquivo, leitura: await leituraDeCsv(arquivo, mapa?.mapa ?? null, contexto), comoSeLe };
  }
  if (mapa !== null) {
    throw new CodedError('MAPA_INVALIDO', 'um NDJSON já traz os campos do evento: importe-o sem --mapa', {
      exitCode: 2,
    });
  }
  return { arquivo, leitura: leituraDeNdjson(arquivo, contexto), comoSeLe };
}

function relatorioDe({ arquivo, leitura }: Preparado, pedido?: string): string {
  if (pedido === undefined) return nomeDoRelatorio(arquivo.caminho, leitura.relatorio.extensao);
  if (tomaNome(pedido)) return resolve(pedido);
  throw new CodedError('ARQUIVO_NAO_GRAVADO', `${pedido} já existe: dê outro nome em --recusados`);
}

function novo(preparado: Preparado, { source, recusados }: Pedido, digest: string): Estado {
  const { arquivo, leitura, comoSeLe } = preparado;
  return {
    digest,
    source,
    leitura: comoSeLe,
    arquivo: arquivo.caminho,
    inicio: new Date().toISOString(),
    posicao: leitura.inicio,
    relatorio: { caminho: relatorioDe(preparado, recusados), bytes: 0 },
    aceitas: 0,
    recusadas: {},
    fim: null,
  };
}

/** What was kept of this import, or a new one. @throws CodedError IMPORTACAO_DIVERGENTE */
async function estadoDe(guarda: GuardaDoEstado, preparado: Preparado, pedido: Pedido, digest: string): Promise<Estado> {
  const antes = pedido.recomeca ? null : await guarda.le();
  if (antes === null) return novo(preparado, pedido, digest);
  if (antes.leitura === preparado.comoSeLe) return antes;
  if (antes.fim !== null) return novo(preparado, pedido, digest);
  throw new CodedError(
    'IMPORTACAO_DIVERGENTE',
    `a importação deste arquivo parou na linha ${antes.posicao.linha} com outro mapa: use aquele, ou --recomeca`,
  );
}

export interface Importacao {
  estado: Estado;
  /** Whether nothing was left to do: it was done before. */
  jaFeita: boolean;
}

/** What an import is done with: the door, and how it is told of. */
export interface Meios {
  comAcesso: (nome: string, trabalho: (transporte: Transporte) => Promise<Estado>) => Promise<Estado>;
  /** Told while the file is read for its digest. */
  conferindo: (lidos: number, total: number) => void;
  abreProgresso: (total: number) => Progresso;
  sinal: AbortSignal;
  detalhe: (estado: Estado) => string;
}

function parada(e: unknown, estado: Estado): unknown {
  if (!(e instanceof RetryableError)) return e;
  const onde = `parei depois da linha ${estado.posicao.linha}; rode de novo, e continuo daí`;
  return new CodedError('SERVIDOR_FORA', `${e.message}: ${onde}`, { cause: e });
}

/**
 * Imports a file, from where an earlier attempt stopped.
 * @throws CodedError; what was done stands, and the same command goes on from there
 */
export async function importa(pedido: Pedido, preparado: Preparado, meios: Meios): Promise<Importacao> {
  const { arquivo, leitura } = preparado;
  const digest = await arquivo.digest((lidos, total) => {
    meios.sinal.throwIfAborted();
    meios.conferindo(lidos, total);
  });
  const guarda = await GuardaDoEstado.abre(digest, pedido.source);
  try {
    let estado = await estadoDe(guarda, preparado, pedido, digest);
    if (estado.fim !== null) return { estado, jaFeita: true };
    await guarda.grava(estado);
    const relatorio = new Relatorio(estado.relatorio.caminho, leitura.relatorio, estado.relatorio.bytes);
    const barra = meios.abreProgresso(arquivo.tamanho);
    try {
      const progresso = (agora: Estado): void => {
        estado = agora;
        barra.anda(arquivo.lidos(), meios.detalhe(agora));
      };
      const inicial = estado;
      const envia = (transporte: Transporte): Promise<Estado> =>
        enviaArquivo(inicial, { leitura, relatorio, guarda, transporte, sinal: meios.sinal, progresso });
      estado = await meios.comAcesso(`importacao-${pedido.source}-${digest.slice(0, 8)}`, envia);
      await arquivo.confere();
      estado = { ...estado, fim: new Date().toISOString() };
      await guarda.grava(estado);
      await relatorio.desiste();
    } catch (e) {
      throw parada(e, estado);
    } finally {
      barra.acaba();
      await relatorio.fecha();
    }
    return { estado, jaFeita: false };
  } finally {
    await guarda.solta();
  }
}
