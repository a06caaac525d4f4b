import { type Contadores, contadorDe, metricaDoNome } from '#domain/indicadores.ts';

/** The generation of keys that is read and served. A rebuild writes under another one beside it. */
export const GERACAO_ATUAL = 'at';

/**
 * The keys of one shard: one for each partition of `lancamentos`, all in one Cluster slot by the hash tag.
 * | key | holds |
 * |---|---|
 * | `at:{n}:pos` | next offset of the partition to be applied |
 * | `at:{n}:c:<titular>` | a client's state (codificacao.ts) |
 * | `at:{n}:grupos` | set of the groups of counters that were ever written |
 * | `at:{n}:ind:<indicador>\|<periodo>` | hash: an indicator's counters in a period, by `unidade\|dimensao\|valor\|medida` |
 * | `at:{n}:met:<2026-03>` | hash: the counters of metricas in a month, by whole name |
 */
export class ChavesDoShard {
  readonly #inicio: string;

  constructor(particao: number, geracao: string = GERACAO_ATUAL) {
    this.#inicio = `${geracao}:{${particao}}:`;
  }

  get posicao(): string {
    return `${this.#inicio}pos`;
  }

  get grupos(): string {
    return `${this.#inicio}grupos`;
  }

  grupo(grupo: string): string {
    return this.#inicio + grupo;
  }

  cliente(titular: string): string {
    return `${this.#inicio}c:${titular}`;
  }
}

/** What the keys of all states look like, for SCAN. */
export const padraoDeClientes = (geracao: string = GERACAO_ATUAL): string => `${geracao}:{*}:c:*`;

/** Whose state a key holds, and in which shard. */
export function donoDaChave(chave: string): { particao: number; titular: string } {
  const aberta = chave.indexOf('{');
  const fechada = chave.indexOf('}', aberta);
  return { particao: Number(chave.slice(aberta + 1, fechada)), titular: chave.slice(fechada + '}:c:'.length) };
}

/** Counters of one hash, by field. */
export type Grupos = Map<string, Map<string, number>>;

const INDICADOR = 'ind:';
const METRICA = 'met:';

export const grupoDoIndicador = (codigo: string, periodo: string): string => `${INDICADOR}${codigo}|${periodo}`;
export const grupoDoMes = (mes: string): string => METRICA + mes;

/** The month (`2026-03`) of a group of metricas; null for one of an indicator. */
export function mesDoGrupo(grupo: string): string | null {
  return grupo.startsWith(METRICA) ? grupo.slice(METRICA.length) : null;
}

/** A counter's whole name, from where it is kept. */
export function nomeDoCampo(grupo: string, campo: string): string {
  return grupo.startsWith(INDICADOR) ? `${grupo.slice(INDICADOR.length)}|${campo}` : campo;
}

function poe(grupos: Grupos, grupo: string, campo: string, n: number): void {
  const campos = grupos.get(grupo);
  if (campos === undefined) grupos.set(grupo, new Map([[campo, n]]));
  else campos.set(campo, n);
}

/** Sorts differences of counters into the hashes they are kept in. */
export function agrupa(indicadores: Contadores, metricas: Contadores): Grupos {
  const grupos: Grupos = new Map();
  for (const [nome, n] of indicadores) {
    const { indicador, periodo } = contadorDe(nome);
    const grupo = grupoDoIndicador(indicador, periodo);
    poe(grupos, grupo, nome.slice(grupo.length - INDICADOR.length + 1), n);
  }
  for (const [nome, n] of metricas) poe(grupos, grupoDoMes(metricaDoNome(nome).dia.slice(0, 7)), nome, n);
  return grupos;
}
