import { mesDaMetrica } from '#domain/indicadores.ts';

/** The generation of keys that is live until a rebuild is changed for it; those of rebuilds are `r1`, `r2`… */
export const GERACAO_INICIAL = 'at';

/**
 * The form of what is written, a field of `mudou`: the position up to which every run of the shard was written in it. Where
 * that is not where the shard stands, an older program wrote it, which kept no clients by day: those it has are unknown
 * until the state is rebuilt. Another form, another name.
 */
export const FORMA = 'forma:2';

/** Whether a shard, as it says of itself, has its clients by day whole; one that was never written has. */
export function ehDaForma(forma: string | null, posicao: string | null): boolean {
  const onde = posicao?.replace(/^#/, '') ?? '0';
  return onde === '0' || forma === onde;
}

/** The name of the n-th generation after the first, which holds what an apuração decided. */
export function nomeDaGeracao(numero: number, apuracao: number): string {
  return apuracao === 0 ? `r${numero}` : `r${numero}.${apuracao}`;
}

/**
 * The generation that is live where nothing says which one is: there never was another, or Redis was emptied. What it
 * holds is what the apuração in force decided.
 */
export function geracaoInicial(emVigor: number): string {
  return emVigor === 0 ? GERACAO_INICIAL : `${GERACAO_INICIAL}.${emVigor}`;
}

/** The apuração whose decisions a generation holds. */
export function apuracaoDaGeracao(nome: string): number {
  return Number(/\.(\d+)$/.exec(nome)?.[1] ?? 0);
}

/**
 * The keys of one shard: one for each partition of `lancamentos`, all in one Cluster slot by the hash tag. What they
 * begin with names the generation (geracoes.ts), here the first one.
 * | key | holds |
 * |---|---|
 * | `at:{n}:pos` | next offset of the partition to be applied; with `#` in front while nobody may apply (para.lua) |
 * | `at:{n}:c:<titular>` | a client's state (codificacao.ts) |
 * | `at:{n}:grupos` | set of the groups of counters that were ever written |
 * | `at:{n}:mudou` | hash: by group of counters, the position after the run that changed it last; and {@link FORMA} |
 * | `at:{n}:ind:<indicador>\|<periodo>` | hash: an indicator's counters in a period, by `unidade\|dimensao\|valor\|medida` |
 * | `at:{n}:met:<2026-03>` | hash: the counters of metricas in a month, by whole name |
 */
export class ChavesDoShard {
  /** What all keys of the shard begin with. */
  readonly inicio: string;
  readonly apuracao: number;

  constructor(particao: number, geracao: string = GERACAO_INICIAL) {
    this.apuracao = apuracaoDaGeracao(geracao);
    this.inicio = `${geracao}:{${particao}}:`;
  }

  get posicao(): string {
    return `${this.inicio}pos`;
  }

  get grupos(): string {
    return `${this.inicio}grupos`;
  }

  get mudou(): string {
    return `${this.inicio}mudou`;
  }

  grupo(grupo: string): string {
    return this.inicio + grupo;
  }

  cliente(titular: string): string {
    return `${this.inicio}c:${titular}`;
  }
}

/** What the keys of all states look like, for SCAN. */
export const padraoDeClientes = (geracao: string): string => `${geracao}:{*}:c:*`;

/** Whose state a key holds, and in which shard. */
export function donoDaChave(chave: string): { particao: number; titular: string } {
  const aberta = chave.indexOf('{');
  const fechada = chave.indexOf('}', aberta);
  return { particao: Number(chave.slice(aberta + 1, fechada)), titular: chave.slice(fechada + '}:c:'.length) };
}

/** Differences of counters by the hash they are kept in: a field and a number each, in two lists. */
export type Grupos = Map<string, { campos: string[]; n: number[] }>;

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

/** Whether a field holds clients by day: see {@link FORMA}. */
export const ehDeDia = (campo: string): boolean => campo.startsWith('*|primeiro|');

function poe(grupos: Grupos, grupo: string, campo: string, n: number): void {
  const campos = grupos.get(grupo);
  if (campos === undefined) grupos.set(grupo, { campos: [campo], n: [n] });
  else {
    campos.campos.push(campo);
    campos.n.push(n);
  }
}

/** Sorts differences of counters into the hashes they are kept in. */
export function agrupa(indicadores: Iterable<[string, number]>, metricas: Iterable<[string, number]>): Grupos {
  const porIndicador: Grupos = new Map();
  const porMes: Grupos = new Map();
  for (const [nome, n] of indicadores) {
    // Its first two parts are the group's name, the rest the field's.
    const fim = nome.indexOf('|', nome.indexOf('|') + 1);
    poe(porIndicador, nome.slice(0, fim), nome.slice(fim + 1), n);
  }
  for (const [nome, n] of metricas) poe(porMes, mesDaMetrica(nome), nome, n);
  const grupos: Grupos = new Map();
  for (const [indicador, campos] of porIndicador) grupos.set(INDICADOR + indicador, campos);
  for (const [mes, campos] of porMes) grupos.set(grupoDoMes(mes), campos);
  return grupos;
}
