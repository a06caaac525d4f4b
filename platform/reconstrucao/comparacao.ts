import { anosDe, type EstadoCliente, entregas } from '#domain/cliente.ts';
import { type Contadores, contadoresDiferentes, semDias } from '#domain/indicadores.ts';
import { type MudancaDeStatus, mudancasDeStatus } from '#domain/status.ts';
import { donoDaChave, padraoDeClientes } from '../estado/chaves.ts';
import { decodificaEstado } from '../estado/codificacao.ts';
import { varre } from '../estado/geracoes.ts';
import { leitorDeEstado } from '../estado/leitor-redis.ts';
import { type RedisConnection, toRetryable } from '../redis.ts';

/** One figure on which two generations of the state do not agree. */
export interface DiferencaDeGeracao {
  onde: 'cliente' | 'indicador' | 'metrica';
  chave: string;
  viva: unknown;
  nova: unknown;
}

/** A client that differs: where, how, and whose years turn when the new generation is served. */
export interface ClienteDiferente extends DiferencaDeGeracao {
  onde: 'cliente';
  particao: number;
  status: MudancaDeStatus[];
}

/** A holder's state as each generation has it. */
interface Par {
  /** What the keys have in common. */
  final: string;
  viva: Buffer | null;
  nova: Buffer | null;
}

const POR_VEZ = 1_000;

/** A state as it may be read: absent, or of bytes that are none. */
function decodifica(bytes: Buffer | null): EstadoCliente | 'ausente' | 'ilegível' {
  if (bytes === null) return 'ausente';
  try {
    const estado = decodificaEstado(bytes);
    // Its holders are unpacked only when asked for.
    void estado.portadores;
    return estado;
  } catch {
    return 'ilegível';
  }
}

/** A state as a text, whatever order things came in. */
function canonico(estado: EstadoCliente | string): string {
  if (typeof estado === 'string') return estado;
  const { portadores, estornados, vistos, outrasMetricas } = estado;
  const emOrdem = (itens: Iterable<object>): string[] =>
    Array.from(itens, (item) => JSON.stringify(Object.entries(item).sort())).sort();
  return JSON.stringify([emOrdem(portadores), [...estornados].sort(), [...vistos].sort(), emOrdem(outrasMetricas)]);
}

const entregasDe = (estado: EstadoCliente | string) => (typeof estado === 'string' ? [] : entregas(estado));

/** Compares two generations of the state in one Redis. */
export class Comparacao {
  readonly #redis: RedisConnection;
  readonly #viva: string;
  readonly #nova: string;

  constructor(redis: RedisConnection, viva: string, nova: string) {
    this.#redis = redis;
    this.#viva = viva;
    this.#nova = nova;
  }

  /**
   * Goes over all holders of state in both. They may be at work meanwhile: who is the same in both at any moment stays
   * so, for the same entries follow; who is not may only be ahead in one.
   * @param aoAndar told how many keys were looked at
   * @returns those who are not the same, by what their keys have in common (`{n}:c:<titular>`)
   */
  suspeitos(aoAndar: (chaves: number) => void): Promise<string[]> {
    return this.#procura(aoAndar, () => true);
  }

  /** Likewise, those whose status in some year is another in the new generation: of another apuração nobody stays the same. */
  viram(aoAndar: (chaves: number) => void): Promise<string[]> {
    return this.#procura(aoAndar, ({ final, viva, nova }) => this.#diferenca(final, viva, nova).status.length > 0);
  }

  /** Those of `finais` that differ now. */
  async aindaDiferem(finais: readonly string[]): Promise<string[]> {
    const diferem: string[] = [];
    for await (const { final } of this.#emPartes(finais)) diferem.push(final);
    return diferem;
  }

  /** How those of `finais` that differ now do. */
  async clientes(finais: readonly string[]): Promise<ClienteDiferente[]> {
    const diferem: ClienteDiferente[] = [];
    for await (const { final, viva, nova } of this.#emPartes(finais)) diferem.push(this.#diferenca(final, viva, nova));
    return diferem;
  }

  /**
   * The counters that differ now; both should stand still, at the same position. Clients by day only where both keep them:
   * to have them is what a state of an older program is rebuilt for.
   */
  async contadores(particoes: number): Promise<DiferencaDeGeracao[]> {
    const de = (geracao: string) => leitorDeEstado(this.#redis, { particoes, geracao }).contadores();
    const [viva, nova] = await Promise.all([de(this.#viva), de(this.#nova)]);
    const [indicadoresDaViva, indicadoresDaNova] =
      viva.comDias && nova.comDias
        ? [viva.indicadores, nova.indicadores]
        : [semDias(viva.indicadores), semDias(nova.indicadores)];
    const compara = (onde: 'indicador' | 'metrica', daViva: Contadores, daNova: Contadores) =>
      contadoresDiferentes(daViva, daNova).map(({ nome, emA, emB }) => {
        return { onde, chave: nome, viva: emA, nova: emB };
      });
    return [
      ...compara('indicador', indicadoresDaViva, indicadoresDaNova),
      ...compara('metrica', viva.metricas, nova.metricas),
    ];
  }

  async #procura(aoAndar: (chaves: number) => void, interessa: (par: Par) => boolean): Promise<string[]> {
    const achados = new Set<string>();
    let vistas = 0;
    for (const geracao of [this.#viva, this.#nova]) {
      for await (const chaves of varre(this.#redis, padraoDeClientes(geracao))) {
        const finais = chaves.map((chave) => chave.slice(geracao.length + 1));
        for (const par of await this.#diferentes(finais)) if (interessa(par)) achados.add(par.final);
        vistas += chaves.length;
        aoAndar(vistas);
      }
    }
    return [...achados];
  }

  #diferenca(final: string, viva: Buffer | null, nova: Buffer | null): ClienteDiferente {
    const { particao, titular } = donoDaChave(`${this.#viva}:${final}`);
    const [antes, depois] = [decodifica(viva), decodifica(nova)];
    const anos = (estado: EstadoCliente | string): unknown => (typeof estado === 'string' ? estado : anosDe(estado));
    const status = mudancasDeStatus(titular, entregasDe(antes), entregasDe(depois));
    return { onde: 'cliente', chave: titular, viva: anos(antes), nova: anos(depois), particao, status };
  }

  async *#emPartes(finais: readonly string[]) {
    for (let de = 0; de < finais.length; de += POR_VEZ) yield* await this.#diferentes(finais.slice(de, de + POR_VEZ));
  }

  async #diferentes(finais: readonly string[]): Promise<Par[]> {
    const porShard = Map.groupBy(finais, (final) => final.slice(0, final.indexOf('}')));
    const lidos = await Promise.all(
      [...porShard.values()].map(async (doShard) => {
        const le = (geracao: string) =>
          toRetryable(this.#redis.mgetBuffer(doShard.map((final) => `${geracao}:${final}`)));
        const [vivas, novas] = await Promise.all([le(this.#viva), le(this.#nova)]);
        return doShard.map((final, n) => ({ final, viva: vivas[n] ?? null, nova: novas[n] ?? null }));
      }),
    );
    return lidos.flat().filter(({ viva, nova }) => {
      if (viva !== null && nova !== null && viva.equals(nova)) return false;
      return canonico(decodifica(viva)) !== canonico(decodifica(nova));
    });
  }
}
