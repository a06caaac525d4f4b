import { request as pedeEmClaro } from 'node:http';
import { request as pedePorTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { causaDe } from '#platform/causa.ts';

/** The services of the line, in its order. */
export const SERVICOS = ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'] as const;
export type NomeDoServico = (typeof SERVICOS)[number];

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

/** How an instance of a service is, as of the last look. */
export interface Servico {
  nome: NomeDoServico;
  /** Which: where it answers; null: nobody said where the service is. */
  instancia: string | null;
  /** `esperando`: it is up, and waits for a server; `desconhecido`: it does not answer, or nobody said where it is. */
  estado: 'ok' | 'esperando' | 'desconhecido';
  causa: string | null;
  /** When the process began, milliseconds since the epoch. */
  desde: number | null;
  unidade: string;
  /** Each second over the last half a minute; null: not known (yet). */
  passaPorSegundo: number | null;
  falhaPorSegundo: number | null;
}

/** Of which nothing is known, and why. */
export function desconhecido(nome: NomeDoServico, instancia: string | null, causa: unknown): Servico {
  const nada = { desde: null, passaPorSegundo: null, falhaPorSegundo: null };
  return { nome, instancia, estado: 'desconhecido', causa: causaDe(causa), unidade: MEDIDAS[nome].unidade, ...nada };
}

const PACIENCIA_MS = 1_500;
const JANELA_MS = 30_000;

interface Amostra {
  em: number;
  desde: number;
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

/** Where an instance answers: the address that was said, and which of the machines behind its name. */
export interface Lugar {
  endereco: string;
  maquina: string;
}

interface Resposta {
  corpo: string;
  status: number;
}

/** Asks that machine and no other, by the name that was said: a certificate is of the name. */
function pede(caminho: string, { endereco, maquina }: Lugar): Promise<Resposta> {
  const family = isIP(maquina);
  const lookup: LookupFunction = (_nome, { all }, pronto) =>
    all === true ? pronto(null, [{ address: maquina, family }]) : pronto(null, maquina, family);
  const { promise, resolve, reject } = Promise.withResolvers<Resposta>();
  const signal = AbortSignal.timeout(PACIENCIA_MS);
  const falhou = (error: unknown): void => reject(signal.aborted ? new Error('sem resposta a tempo') : error);
  const faz = endereco.startsWith('https:') ? pedePorTls : pedeEmClaro;
  // A connection that is kept is found by its name alone, and might be another machine's.
  const pedido = faz(`${endereco}${caminho}`, { agent: false, lookup, signal }, (resposta) => {
    const { statusCode: status = 0 } = resposta;
    text(resposta).then((corpo) => resolve({ corpo, status }), falhou);
  });
  pedido.on('error', falhou).end();
  return promise;
}

/** One instance of a service, looked at again and again. */
export class ServicoVisto {
  readonly #nome: NomeDoServico;
  readonly #lugar: Lugar;
  #amostras: Amostra[] = [];

  constructor(nome: NomeDoServico, lugar: Lugar) {
    this.#nome = nome;
    this.#lugar = lugar;
  }

  /** @param instancia how it is called */
  async olha(agora: number, instancia: string): Promise<Servico> {
    const nome = this.#nome;
    try {
      const [pronto, metricas] = await Promise.all([pede('/saude/pronto', this.#lugar), pede('/metrics', this.#lugar)]);
      const { causa } = JSON.parse(pronto.corpo) as { causa: string | null };
      const estado = pronto.status === 200 ? 'ok' : 'esperando';
      const { unidade } = MEDIDAS[nome];
      return { nome, instancia, unidade, estado, causa, ...this.#mede(metricas, agora) };
    } catch (error) {
      this.#amostras = [];
      return desconhecido(nome, instancia, error);
    }
  }

  #mede(
    { status, corpo: texto }: Resposta,
    em: number,
  ): Pick<Servico, 'desde' | 'passaPorSegundo' | 'falhaPorSegundo'> {
    const { passa, falha } = MEDIDAS[this.#nome];
    const inicio = soma(texto, { nome: 'process_start_time_seconds' });
    // It told no metrics: they are not known, and not zero.
    if (status !== 200 || inicio === 0) {
      this.#amostras = [];
      return { desde: null, passaPorSegundo: null, falhaPorSegundo: null };
    }
    const desde = inicio * 1_000;
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
