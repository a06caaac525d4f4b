import { join } from 'node:path';
import { codecFor } from '#platform/codec.ts';
import type { ApuracaoGravada, ValueOf } from '#platform/codec-types.ts';
import type { Kafka, KafkaAdmin } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import { ArquivoEmCurso } from './arquivo.ts';
import type { Lido } from './colunas.ts';
import { abreConversor, type Conversor } from './duckdb.ts';
import { gravaInteiro } from './gravacao.ts';
import { type Lote, leTrecho, posicaoDe, type Trecho, trechoDe } from './leitura.ts';
import { type FormatoDeArquivo, gravaManifesto, leManifesto, type Manifesto, type PosicaoLida } from './manifesto.ts';
import { arruma, comPasta, nomeDoArquivo, pastaEmCurso } from './pasta.ts';
import { COLUNAS_DAS_APURACOES, type Periodo, TABELAS, type Tabela, type TopicoExportado } from './tabelas.ts';
import { visoesDe } from './visoes.ts';

export interface Pedido extends Periodo {
  pasta: string;
  formato: FormatoDeArquivo;
  /** The most records a file holds. */
  porArquivo: number;
}

export interface Servidores {
  kafka: Pick<Kafka, 'readToEnd'>;
  admin: Pick<KafkaAdmin, 'offsets'>;
  registry: Registry;
}

/** What an export added to a folder, by topic. */
export type Resultado = Record<TopicoExportado, { registros: number; arquivos: number; ilegiveis: number }>;

/** Told as a topic is read: how many of its offsets, of how many. */
export type Progresso = (topico: TopicoExportado, lidos: number, total: number) => void;

/** What one export works with. */
interface Obra {
  pedido: Pedido;
  servidores: Servidores;
  manifesto: Manifesto;
  conversor: Conversor | null;
  progresso: Progresso;
}

/** What a partition has more than the folder does, on its way to files; after each the manifest tells of it. */
class Gravador<N extends TopicoExportado> {
  readonly #obra: Obra;
  readonly #tabela: Tabela<N>;
  readonly #particao: number;
  readonly #posicao: PosicaoLida;
  #arquivo: ArquivoEmCurso<ValueOf<N>>;

  constructor(obra: Obra, tabela: Tabela<N>, { particao, de }: Trecho) {
    this.#obra = obra;
    this.#tabela = tabela;
    this.#particao = particao;
    this.#posicao = posicaoDe(obra.manifesto, tabela.topico, { partition: particao, low: de });
    this.#arquivo = this.#novo();
  }

  #novo(): ArquivoEmCurso<ValueOf<N>> {
    return new ArquivoEmCurso(pastaEmCurso(this.#obra.pedido.pasta), this.#tabela.colunas);
  }

  /** How many records the file under way has room for. */
  cabem(): number {
    return this.#obra.pedido.porArquivo - this.#arquivo.registros;
  }

  async recebe({ lidos, ilegiveis, ate }: Lote<N>): Promise<void> {
    await this.#arquivo.escreve(lidos);
    this.#posicao.ilegiveis += ilegiveis;
    if (this.cabem() <= 0) await this.#guarda(ate);
  }

  async #guarda(ate: number): Promise<void> {
    const { pedido, manifesto, conversor } = this.#obra;
    const { topico } = this.#tabela;
    const lugar = { particao: this.#particao, de: this.#posicao.posicao, ate };
    const { registros } = this.#arquivo;
    this.#posicao.posicao = ate;
    // Without a file there is nothing to lose: the position is told with the next one, or at the end.
    if (registros === 0) return;
    const arquivo = nomeDoArquivo(topico, lugar, pedido.formato);
    await this.#arquivo.termina(join(pedido.pasta, arquivo), conversor);
    manifesto.arquivos.push({ arquivo, topico, ...lugar, registros });
    await gravaManifesto(pedido.pasta, manifesto);
    this.#arquivo = this.#novo();
  }

  /** Up to the end, where markers and records of other periods may stand. */
  async termina(fim: number): Promise<void> {
    if (this.#posicao.posicao < fim) await this.#guarda(fim);
  }

  async fecha(): Promise<void> {
    await this.#arquivo.fecha();
  }
}

async function exportaTopico<N extends TopicoExportado>(
  obra: Obra,
  tabela: Tabela<N>,
  trechos: readonly Trecho[],
): Promise<void> {
  const { kafka, registry } = obra.servidores;
  const codec = await codecFor(registry, tabela.topico);
  const total = trechos.reduce((n, { de, fim }) => n + fim - de, 0);
  let lidos = 0;
  obra.progresso(tabela.topico, 0, total);
  for (const trecho of trechos.filter(({ de, fim }) => de < fim)) {
    const gravador = new Gravador(obra, tabela, trecho);
    const recebe = async (lote: Lote<N>): Promise<void> => {
      await gravador.recebe(lote);
      obra.progresso(tabela.topico, lidos + lote.ate - trecho.de, total);
    };
    try {
      await leTrecho({ kafka, codec }, tabela, trecho, { periodo: obra.pedido, cabem: () => gravador.cabem(), recebe });
      await gravador.termina(trecho.fim);
    } finally {
      await gravador.fecha();
    }
    lidos += trecho.fim - trecho.de;
  }
}

/** All apurações there are, each as it is now. */
async function leApuracoes({ kafka, registry }: Servidores): Promise<Lido<ApuracaoGravada>[]> {
  const codec = await codecFor(registry, 'apuracoes');
  const ultimas = new Map<number, Lido<ApuracaoGravada>>();
  await kafka.readToEnd('apuracoes', {
    onBatch: async ({ records, topic, partition }) => {
      for (const registro of records) {
        if (registro.value === null) continue;
        const valor = await codec.decode(registro.value);
        ultimas.set(valor.numero, { topico: topic, particao: partition, registro, valor });
      }
    },
  });
  return [...ultimas.values()].sort((a, b) => a.valor.numero - b.valor.numero);
}

/** Few, and each may come to another state: the file is written anew. */
async function exportaApuracoes({ pedido, conversor }: Obra, lidas: Lido<ApuracaoGravada>[]): Promise<void> {
  const arquivo = new ArquivoEmCurso(pastaEmCurso(pedido.pasta), COLUNAS_DAS_APURACOES);
  await arquivo.escreve(lidas);
  await arquivo.termina(join(pedido.pasta, `apuracoes.${pedido.formato}`), conversor);
}

async function trabalha(obra: Obra): Promise<void> {
  const { pedido, servidores, manifesto } = obra;
  // Before the ends are looked at: of an apuração that is in force by now, all that it decided anew stands before them.
  const apuracoes = await leApuracoes(servidores);
  const trechos = new Map<TopicoExportado, Trecho[]>();
  for (const { topico } of TABELAS) {
    const offsets = await servidores.admin.offsets(topico);
    trechos.set(
      topico,
      offsets.map((o) => trechoDe(manifesto, topico, o)),
    );
  }
  for (const tabela of TABELAS) {
    await exportaTopico(obra, tabela as Tabela<TopicoExportado>, trechos.get(tabela.topico) ?? []);
  }
  // Last: until then what the folder holds is told apart as it was.
  await exportaApuracoes(obra, apuracoes);
  await gravaInteiro(join(pedido.pasta, 'visoes.sql'), visoesDe(manifesto));
  manifesto.terminadaEm = new Date().toISOString();
  await gravaManifesto(pedido.pasta, manifesto);
}

function somas({ arquivos, posicoes }: Manifesto): Resultado {
  const doTopico = (topico: TopicoExportado) => {
    const seus = arquivos.filter((a) => a.topico === topico);
    const registros = seus.reduce((n, a) => n + a.registros, 0);
    const ilegiveis = Object.values(posicoes[topico] ?? {}).reduce((n, p) => n + p.ilegiveis, 0);
    return { registros, arquivos: seus.length, ilegiveis };
  };
  return Object.fromEntries(TABELAS.map(({ topico }) => [topico, doTopico(topico)])) as Resultado;
}

/**
 * Brings a folder up to where the topics of BI end now: a record that is committed and falls in the period comes to stand
 * in one file, once, however often this is called, and wherever it was killed before.
 * @returns what the folder holds, and what of it is new
 * @throws CodedError EXPORTACAO_DIFERENTE, EXPORTACAO_DESCONTINUA, EXPORTACAO_EM_CURSO, ARQUIVO_NAO_GRAVADO; RetryableError
 */
export async function exportaParaBi(
  servidores: Servidores,
  pedido: Pedido,
  progresso: Progresso,
): Promise<{ pasta: Resultado; antes: Resultado }> {
  const { pasta, formato, de, ate } = pedido;
  const opcoes = { formato, de: new Date(de).toISOString(), ate: ate === null ? null : new Date(ate).toISOString() };
  return comPasta(pasta, async () => {
    const manifesto = await leManifesto(pasta, opcoes);
    const antes = somas(manifesto);
    await arruma(pasta, manifesto);
    const conversor = formato === 'parquet' ? await abreConversor(pastaEmCurso(pasta)) : null;
    try {
      await trabalha({ pedido, servidores, manifesto, conversor, progresso });
    } finally {
      conversor?.fecha();
    }
    return { pasta: somas(manifesto), antes };
  });
}
