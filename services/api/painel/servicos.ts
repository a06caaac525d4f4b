import { z } from 'zod';
import { causaDe } from '#platform/causa.ts';
import { CodedError } from '#platform/errors.ts';

/** The services of the line, in its order. */
export const SERVICOS = ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'] as const;
export type NomeDoServico = (typeof SERVICOS)[number];

/** Where each answers /saude and /metrics; null: nobody said. */
export type Enderecos = Readonly<Record<NomeDoServico, string | null>>;

/** A counter of a service's /metrics: the sum of those that bear the label. */
interface Contador {
  nome: string;
  /** As it stands in the text. */
  rotulo?: RegExp;
}

interface Medida {
  unidade: string;
  passa: Contador;
  /** What did not go as it should, of the service's own making or of what it was sent. */
  falha: Contador;
}

const HTTP = 'http_request_duration_seconds_count';
/** Not those who ask how it is, this panel among them. */
const ERROS_5XX: Contador = { nome: HTTP, rotulo: /route="\/(?!saude\/|metrics)[^"]*",status_code="5/ };
const MEDIDAS: Readonly<Record<NomeDoServico, Medida>> = {
  ingest: {
    unidade: 'eventos',
    passa: { nome: 'atendido_eventos_recebidos_total', rotulo: /estado="aceito"/ },
    falha: { nome: 'atendido_eventos_recebidos_total', rotulo: /estado="recusado"/ },
  },
  classifier: {
    unidade: 'interações',
    passa: { nome: 'atendido_interacoes_classificadas_total' },
    falha: { nome: 'atendido_interacoes_classificadas_total', rotulo: /resultado="quarentena"/ },
  },
  consolidator: {
    unidade: 'participações',
    passa: { nome: 'atendido_participacoes_consolidadas_total' },
    falha: ERROS_5XX,
  },
  aggregator: {
    unidade: 'lançamentos',
    passa: { nome: 'atendido_aggregator_lancamentos_total' },
    falha: { nome: 'atendido_aggregator_posicao_recusada_total' },
  },
  api: { unidade: 'requisições', passa: { nome: HTTP, rotulo: /route="\/(?!saude\/|metrics)/ }, falha: ERROS_5XX },
};

/** How a service is, as of the last look. */
export interface Servico {
  nome: NomeDoServico;
  /** `esperando`: it is up, and waits for a server; `desconhecido`: nobody said where it is. */
  estado: 'ok' | 'esperando' | 'fora' | 'desconhecido';
  causa: string | null;
  /** When the process began, milliseconds since the epoch. */
  desde: number | null;
  unidade: string;
  /** Each second over the last half a minute; null: not known (yet). */
  passaPorSegundo: number | null;
  falhaPorSegundo: number | null;
}

const lista = z.partialRecord(z.enum(SERVICOS), z.url({ protocol: /^https?$/ }));

/**
 * Where the services are, from `ATENDIDO_SERVICOS`: `classifier=http://host:port,aggregator=…`.
 * @param sabidos those that are known besides
 * @throws CodedError CONFIGURACAO_INVALIDA
 */
export function leEnderecos(texto: string | undefined, sabidos: Partial<Enderecos>): Enderecos {
  const pares = (texto ?? '').split(',').filter((par) => par.trim() !== '');
  const ditos = Object.fromEntries(pares.map((par) => par.split('=', 2).map((s) => s.trim())));
  const lidos = lista.safeParse(ditos);
  if (!lidos.success) {
    const como = 'nome=http://endereço:porta, com vírgulas, para ingest, classifier, consolidator, aggregator e api';
    throw new CodedError('CONFIGURACAO_INVALIDA', `ATENDIDO_SERVICOS: deve ser ${como}`);
  }
  const nenhum = { ingest: null, classifier: null, consolidator: null, aggregator: null, api: null };
  return { ...nenhum, ...sabidos, ...lidos.data };
}

const PACIENCIA_MS = 1_500;
const JANELA_MS = 30_000;

interface Amostra {
  em: number;
  desde: number | null;
  passa: number;
  falha: number;
}

/** The sum of a counter over its labels. */
function soma(texto: string, { nome, rotulo }: Contador): number {
  let total = 0;
  for (const linha of texto.split('\n')) {
    if (!linha.startsWith(nome) || !/^[{ ]/.test(linha.slice(nome.length))) continue;
    const espaco = linha.lastIndexOf(' ');
    if (rotulo === undefined || rotulo.test(linha.slice(0, espaco))) total += Number(linha.slice(espaco + 1));
  }
  return total;
}

async function pede(endereco: string): Promise<{ corpo: string; status: number }> {
  const resposta = await fetch(endereco, { signal: AbortSignal.timeout(PACIENCIA_MS) });
  return { corpo: await resposta.text(), status: resposta.status };
}

/** One service, looked at again and again. */
export class ServicoVisto {
  readonly #nome: NomeDoServico;
  readonly #endereco: string | null;
  #amostras: Amostra[] = [];

  constructor(nome: NomeDoServico, endereco: string | null) {
    this.#nome = nome;
    this.#endereco = endereco;
  }

  async olha(agora: number): Promise<Servico> {
    const { unidade } = MEDIDAS[this.#nome];
    const nada = { desde: null, passaPorSegundo: null, falhaPorSegundo: null };
    const base = { nome: this.#nome, unidade, ...nada };
    const endereco = this.#endereco;
    if (endereco === null) {
      return { ...base, estado: 'desconhecido', causa: 'a api não sabe onde ele está (ATENDIDO_SERVICOS)' };
    }
    try {
      const [pronto, metricas] = await Promise.all([pede(`${endereco}/saude/pronto`), pede(`${endereco}/metrics`)]);
      const { causa } = JSON.parse(pronto.corpo) as { causa: string | null };
      const estado = pronto.status === 200 ? 'ok' : 'esperando';
      return { ...base, estado, causa, ...this.#mede(metricas.corpo, agora) };
    } catch (error) {
      this.#amostras = [];
      return { ...base, estado: 'fora', causa: causaDe(error) };
    }
  }

  #mede(texto: string, em: number): Pick<Servico, 'desde' | 'passaPorSegundo' | 'falhaPorSegundo'> {
    const { passa, falha } = MEDIDAS[this.#nome];
    const inicio = soma(texto, { nome: 'process_start_time_seconds' });
    const desde = inicio === 0 ? null : inicio * 1_000;
    // Another process counts from nothing.
    const anteriores = this.#amostras.filter((a) => a.desde === desde && a.em >= em - JANELA_MS);
    this.#amostras = [...anteriores, { em, desde, passa: soma(texto, passa), falha: soma(texto, falha) }];
    const [primeira, ultima] = [this.#amostras[0], this.#amostras.at(-1)];
    if (primeira === undefined || ultima === undefined || ultima.em === primeira.em) {
      return { desde, passaPorSegundo: null, falhaPorSegundo: null };
    }
    const segundos = (ultima.em - primeira.em) / 1_000;
    return {
      desde,
      passaPorSegundo: (ultima.passa - primeira.passa) / segundos,
      falhaPorSegundo: (ultima.falha - primeira.falha) / segundos,
    };
  }
}
