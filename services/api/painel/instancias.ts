import { lookup } from 'node:dns/promises';
import { CodedError } from '#platform/errors.ts';
import { within } from '#platform/within.ts';
import { desconhecido, type NomeDoServico, SERVICOS, type Servico, ServicoVisto } from './servicos.ts';

/** Where each answers /saude and /metrics, an address or more of each; none: nobody said. */
export type Enderecos = Readonly<Record<NomeDoServico, readonly string[]>>;

/** The addresses of a machine's name. @throws Error it has none, or nobody could say */
export type Procura = (maquina: string) => Promise<readonly string[]>;

const PACIENCIA_MS = 1_500;

const COMO =
  'deve ser nome=http://endereço:porta, com vírgulas, para ingest, classifier, consolidator, aggregator e api; ' +
  'de várias instâncias, um endereço atrás do outro, ou um nome que leva a todas';

const invalida = (): CodedError => new CodedError('CONFIGURACAO_INVALIDA', `ATENDIDO_SERVICOS: ${COMO}`);
const ehServico = (nome: string): nome is NomeDoServico => SERVICOS.some((s) => s === nome);

function leEndereco(texto: string): string {
  const lido = URL.parse(texto);
  if (lido === null || !/^https?:$/.test(lido.protocol) || lido.hostname === '') throw invalida();
  return texto.replace(/\/+$/, '');
}

/**
 * Where the services are, from `ATENDIDO_SERVICOS`: `classifier=http://a:8080,http://b:8080,aggregator=http://c:8080`.
 * An address without a name is one more of the service before it.
 * @param sabidos those that are known besides, where nothing is said of them
 * @throws CodedError CONFIGURACAO_INVALIDA
 */
export function leEnderecos(texto: string | undefined, sabidos: Partial<Enderecos>): Enderecos {
  const ditos: Partial<Record<NomeDoServico, string[]>> = {};
  let nome: string | undefined;
  for (const parte of (texto ?? '').split(',').map((p) => p.trim())) {
    if (parte === '') continue;
    const [, dito, endereco = parte] = /^([a-z]+)=(.*)$/.exec(parte) ?? [];
    nome = dito ?? nome;
    if (nome === undefined || !ehServico(nome)) throw invalida();
    ditos[nome] = [...(ditos[nome] ?? []), leEndereco(endereco.trim())];
  }
  const nenhum = { ingest: [], classifier: [], consolidator: [], aggregator: [], api: [] };
  return { ...nenhum, ...sabidos, ...ditos };
}

/** As the system finds names (its files and search domains too); where there are both kinds, each machine once: IPv4. */
const procuraNoSistema: Procura = async (maquina) => {
  const todos = await lookup(maquina, { all: true });
  const v4 = todos.filter(({ family }) => family === 4);
  return (v4.length > 0 ? v4 : todos).map(({ address }) => address);
};

/** An address that was said: behind its name there may be one machine or many, others from one look to the next. */
class Endereco {
  readonly texto: string;
  readonly #maquina: string;
  readonly #procura: Procura;
  #procurando: Promise<readonly string[]> | null = null;
  #conhecidas: readonly string[] = [];

  constructor(texto: string, procura: Procura) {
    this.texto = texto;
    this.#procura = procura;
    // An IPv6 address stands in brackets.
    this.#maquina = new URL(texto).hostname.replace(/^\[(.*)\]$/, '$1');
  }

  /** Those it leads to; while nobody can say, those it led to. @throws Error it leads nowhere, or never did */
  async maquinas(): Promise<readonly string[]> {
    // Never a second while one hangs: the system looks up few names at a time.
    this.#procurando ??= this.#procura(this.#maquina).finally(() => {
      this.#procurando = null;
    });
    try {
      const achadas = await within(PACIENCIA_MS, this.#procurando, () => new Error('o nome não foi achado a tempo'));
      this.#conhecidas = [...new Set(achadas)].sort();
    } catch (error) {
      // Said to be nobody's, it is: where it led, another service may stand by now.
      if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') this.#conhecidas = [];
      if (this.#conhecidas.length === 0) throw error;
    }
    return this.#conhecidas;
  }

  /** How an instance is called: as it was said, or, of several behind one name, by its own address. */
  nomeDa(maquina: string): string {
    const { host, port } = new URL(this.texto);
    if (this.#conhecidas.length === 1) return host;
    const endereco = maquina.includes(':') ? `[${maquina}]` : maquina;
    return port === '' ? endereco : `${endereco}:${port}`;
  }
}

/** Every instance of a service, each looked at again and again for itself. */
export class InstanciasVistas {
  readonly #nome: NomeDoServico;
  readonly #enderecos: readonly Endereco[];
  #vistas = new Map<string, ServicoVisto>();

  constructor(nome: NomeDoServico, enderecos: readonly string[], procura: Procura = procuraNoSistema) {
    this.#nome = nome;
    this.#enderecos = [...new Set(enderecos)].map((texto) => new Endereco(texto, procura));
  }

  /** A line for each instance; one where none is known of, for then it is not known how the service is. */
  async olha(agora: number): Promise<Servico[]> {
    if (this.#enderecos.length === 0) {
      return [desconhecido(this.#nome, null, new Error('a api não sabe onde ele está (ATENDIDO_SERVICOS)'))];
    }
    const antes = this.#vistas;
    this.#vistas = new Map();
    const linhas = await Promise.all(this.#enderecos.map((endereco) => this.#olhaEm(endereco, antes, agora)));
    return linhas.flat();
  }

  async #olhaEm(endereco: Endereco, antes: ReadonlyMap<string, ServicoVisto>, agora: number): Promise<Servico[]> {
    const { texto } = endereco;
    try {
      const maquinas = await endereco.maquinas();
      const olhadas = maquinas.map((maquina) => {
        const chave = `${texto} ${maquina}`;
        const vista = antes.get(chave) ?? new ServicoVisto(this.#nome, { endereco: texto, maquina });
        this.#vistas.set(chave, vista);
        return vista.olha(agora, endereco.nomeDa(maquina));
      });
      return await Promise.all(olhadas);
    } catch (error) {
      return [desconhecido(this.#nome, new URL(texto).host, error)];
    }
  }
}
