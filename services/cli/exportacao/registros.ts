import type { Interacao } from '#domain/interacao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { type Codec, codecFor, decodeOrNull } from '#platform/codec.ts';
import type { ClienteAtendido, InteracaoClassificada, LoteDeLancamentos } from '#platform/codec-types.ts';
import type { InputRecord, Kafka, KafkaAdmin, TopicPartition } from '#platform/kafka/port.ts';
import { descricao } from '#platform/quarentena/mostra.ts';
import type { TopicName } from '#platform/topics.ts';
import type { Conexoes } from '../conexoes.ts';
import {
  iso,
  marcasDe,
  nomeia,
  type Pessoa,
  recorteDaClassificada,
  recorteDaInteracao,
  recorteDoProprio,
} from './recorte.ts';

/** A record that names the person: where it stands, when it was received (ISO 8601), and what of it is hers. */
export interface Registro {
  topico: TopicName;
  particao: number;
  posicao: number;
  recebidaEm: string;
  dados: Record<string, unknown>;
}

export interface Codecs {
  interacoes: Codec<Interacao>;
  classificadas: Codec<InteracaoClassificada>;
  lancamentos: Codec<LoteDeLancamentos>;
  status: Codec<ClienteAtendido>;
}

/** @throws RetryableError the registry is away */
export async function codecsDe({ registry, interacoes }: Pick<Conexoes, 'registry' | 'interacoes'>): Promise<Codecs> {
  const [classificadas, lancamentos, status] = await Promise.all([
    codecFor(registry, 'interacoes-contabilizadas'),
    codecFor(registry, 'lancamentos'),
    codecFor(registry, 'clientes-atendidos'),
  ]);
  return { interacoes, classificadas, lancamentos, status };
}

export interface PartesDaLeitura {
  kafka: Pick<Kafka, 'readToEnd'>;
  admin: Pick<KafkaAdmin, 'offsets'>;
  codecs: Codecs;
}

/** Told as a topic is read: how many of its records, of how many. */
export type Progresso = (topico: TopicName, lidos: number, total: number) => void;

/** A record that may name the person, where it stands. */
export interface Achado {
  particao: number;
  registro: InputRecord;
}

/**
 * Reads a topic to its end, and hands over the records that hold one of the person's marks, as they come.
 * @throws RetryableError
 */
export async function procura(
  { kafka, admin }: Pick<PartesDaLeitura, 'kafka' | 'admin'>,
  topico: TopicName,
  pessoa: Pessoa,
  { recebe, progresso }: { recebe: (achados: readonly Achado[]) => Promise<void>; progresso: Progresso },
): Promise<void> {
  const marcas = marcasDe(pessoa);
  const tem = (bytes: Buffer | null): boolean => bytes !== null && marcas.some((marca) => bytes.includes(marca));
  const total = (await admin.offsets(topico)).reduce((n, { low, high }) => n + high - low, 0);
  let lidos = 0;
  progresso(topico, lidos, total);
  await kafka.readToEnd(topico, {
    onBatch: async ({ partition, records }) => {
      const achados = records.filter(({ key, value }) => tem(value) || tem(key));
      if (achados.length > 0) await recebe(achados.map((registro) => ({ particao: partition, registro })));
      lidos += records.length;
      progresso(topico, lidos, total);
    },
  });
}

/** What cannot be read cannot be told apart: it is named, and its content stays. */
function ilegivel({ value }: InputRecord): Record<string, unknown> {
  return { ilegivel: `o conteúdo (${value?.length ?? 0} bytes) não pôde ser lido, e por isso não é mostrado` };
}

const SEM_CONTEUDO = { retirado: 'o registro anterior com esta chave foi retirado' };

function registroEm(topico: TopicName, { particao, registro }: Achado, dados: Registro['dados']): Registro {
  return { topico, particao, posicao: registro.offset, recebidaEm: iso(registro.timestamp), dados };
}

/** What of one record is the person's, as many times as it names her. */
type Leitor = (pessoa: Pessoa, achado: InputRecord, onde: TopicPartition) => Registro['dados'][];

function leitorDeInteracoes({ interacoes }: Codecs): Leitor {
  return (pessoa, registro, onde) => {
    const lida = decodeOrNull(interacoes, registro.value);
    if (lida === null) return [ilegivel(registro)];
    const i = pessoa.ve?.({ ...onde, offset: registro.offset }, lida) ?? lida;
    return nomeia(pessoa, i) ? [recorteDaInteracao(pessoa, i)] : [];
  };
}

function leitorDeClassificadas({ classificadas }: Codecs): Leitor {
  return (pessoa, registro) => {
    const lida = decodeOrNull(classificadas, registro.value);
    if (lida === null) return [ilegivel(registro)];
    if (!nomeia(pessoa, lida.interacao)) return [];
    const porQue = descricao(lida.decisao.motivo);
    return [{ ...recorteDaClassificada(pessoa, lida.interacao, lida.decisao), porQue }];
  };
}

function doLancamento(pessoa: Pessoa, { time, ...l }: Lancamento): Registro['dados'] {
  return recorteDoProprio(pessoa, { time: iso(time), ...l });
}

function leitorDeLancamentos({ lancamentos }: Codecs): Leitor {
  return (pessoa, registro) => {
    const lote = decodeOrNull(lancamentos, registro.value);
    if (lote === null) return [ilegivel(registro)];
    return lote.lancamentos
      .filter(({ cliente }) => cliente !== null && pessoa.ids.has(cliente))
      .map((l) => doLancamento(pessoa, l));
  };
}

/** Whether a key of `clientes-atendidos` is of the person, and not of a name they were forgotten under. */
function ehDela({ ids }: Pessoa, chave: Buffer | null): boolean {
  return chave !== null && ids.has(chave.toString().split('|', 1)[0] ?? '');
}

function leitorDeStatus({ status }: Codecs): Leitor {
  return (pessoa, registro) => {
    if (registro.value === null) return ehDela(pessoa, registro.key) ? [SEM_CONTEUDO] : [];
    const lido = decodeOrNull(status, registro.value);
    if (lido === null) return [ilegivel(registro)];
    if (!pessoa.ids.has(lido.cliente)) return [];
    const { primeiro, ultimo, particao, posicao, ...resto } = lido;
    const datas = { primeiro: primeiro === null ? null : iso(primeiro), ultimo: ultimo === null ? null : iso(ultimo) };
    return [recorteDoProprio(pessoa, { ...resto, ...datas, ateOLancamento: `${particao}/${posicao}` })];
  };
}

/** The topics that hold records of a person, and how each is read; the quarantine is read on its own. */
const LEITURAS: readonly [
  TopicName,
  (codecs: Codecs) => Leitor,
  (codecs: Codecs) => Pick<Codec<unknown>, 'prepareIds'>,
][] = [
  ['interacoes', leitorDeInteracoes, (c) => c.interacoes],
  ['presencas', leitorDeInteracoes, (c) => c.interacoes],
  ['interacoes-contabilizadas', leitorDeClassificadas, (c) => c.classificadas],
  ['interacoes-nao-contabilizadas', leitorDeClassificadas, (c) => c.classificadas],
  ['lancamentos', leitorDeLancamentos, (c) => c.lancamentos],
  ['clientes-atendidos', leitorDeStatus, (c) => c.status],
];

/**
 * Hands over, as they are read, the person's records of all topics but the quarantine; topic by topic, in each in the
 * order of its partitions.
 * @throws RetryableError
 */
export async function leTopicos(
  partes: PartesDaLeitura,
  pessoa: Pessoa,
  recebe: (registro: Registro) => Promise<void>,
  progresso: Progresso,
): Promise<void> {
  for (const [topico, leitor, codec] of LEITURAS) {
    const le = leitor(partes.codecs);
    const recebeAchados = async (achados: readonly Achado[]): Promise<void> => {
      await codec(partes.codecs).prepareIds(achados.map(({ registro }) => registro.value));
      for (const achado of achados) {
        const onde = { topic: topico, partition: achado.particao };
        for (const dados of le(pessoa, achado.registro, onde)) await recebe(registroEm(topico, achado, dados));
      }
    };
    await procura(partes, topico, pessoa, { recebe: recebeAchados, progresso });
  }
}
