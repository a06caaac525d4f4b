import { anosDe, type ContaDoCliente, publicoDe, titularDe } from './cliente.ts';
import { acumulaContadores, type Contadores, contadorDe, metricaDoNome } from './indicadores.ts';
import type { Portfolio } from './portfolio.ts';
import { Reagregacao } from './reagregacao.ts';
import { Reclassificacao, type Registro } from './reclassificacao.ts';
import type { Rulebooks, Vigencia } from './rulebook.ts';

/** A figure as it is by the rulebooks in force, and as it would be. */
export interface Par {
  antes: number;
  depois: number;
}

/** An indicator's total in a period that would change. `unidade` `*`: all units. */
export interface MudancaDeIndicador {
  codigo: string;
  periodo: string;
  unidade: string;
  clientes: Par;
  atendimentos: Par;
}

/** What would change; what would stay as it is is left out. */
export interface Mudancas {
  /** By code, period and unit. */
  indicadores: MudancaDeIndicador[];
  /** Interactions by reason; `metrica` `quarentena`: they would wait there. */
  motivos: ({ metrica: string; motivo: string } & Par)[];
  /** Interactions that count, by type of solution. */
  tipos: ({ tipoSolucao: string } & Par)[];
  /** Interactions that count, by unit. */
  unidades: ({ unidade: string } & Par)[];
  /** Clients who would become atendidos in a year, and who would cease to be. */
  clientes: { ano: string; passam: number; deixam: number }[];
}

const mudou = ({ antes, depois }: Par): boolean => antes !== depois;
const ordemDe = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Both sides of some counters, added up by a name made of each counter's. */
function pares(antes: Contadores, depois: Contadores, nomeDe: (nome: string) => string | null): [string, Par][] {
  const somados = new Map<string, Par>();
  for (const [lado, contadores] of [['antes', antes] as const, ['depois', depois] as const]) {
    for (const [contador, n] of contadores) {
      const nome = nomeDe(contador);
      if (nome === null) continue;
      const par = somados.get(nome) ?? { antes: 0, depois: 0 };
      par[lado] += n;
      somados.set(nome, par);
    }
  }
  return [...somados].sort(([a], [b]) => ordemDe(a, b));
}

function indicadores(antes: Contadores, depois: Contadores): MudancaDeIndicador[] {
  const totais = pares(antes, depois, (nome) => (contadorDe(nome).dimensao === 'total' ? nome : null));
  const porLugar = new Map<string, MudancaDeIndicador>();
  for (const [nome, par] of totais) {
    const { indicador: codigo, periodo, unidade, medida } = contadorDe(nome);
    const lugar = `${codigo}|${periodo}|${unidade}`;
    const nada = { clientes: { antes: 0, depois: 0 }, atendimentos: { antes: 0, depois: 0 } };
    porLugar.set(lugar, { codigo, periodo, unidade, ...nada, ...porLugar.get(lugar), [medida]: par });
  }
  return [...porLugar.values()].filter((i) => mudou(i.clientes) || mudou(i.atendimentos));
}

function anosAtendidos(estado: ContaDoCliente | undefined): string[] {
  if (estado === undefined) return [];
  return Object.entries(anosDe(estado)).flatMap(([ano, { atendido }]) => (atendido ? [ano] : []));
}

/** Who would become atendido in a year, and who would cease to be, by year. */
type Viradas = Map<string, { passam: number; deixam: number }>;

function acumulaViradas(viradas: Viradas, antes: Reagregacao, depois: Reagregacao): void {
  const conta = (ano: string, que: 'passam' | 'deixam'): void => {
    const doAno = viradas.get(ano) ?? { passam: 0, deixam: 0 };
    doAno[que] += 1;
    viradas.set(ano, doAno);
  };
  for (const titular of new Set([...antes.titulares(), ...depois.titulares()])) {
    if (publicoDe(titular) === 'nao-identificado') continue;
    const [eram, seriam] = [anosAtendidos(antes.conta(titular)), anosAtendidos(depois.conta(titular))];
    for (const ano of seriam) if (!eram.includes(ano)) conta(ano, 'passam');
    for (const ano of eram) if (!seriam.includes(ano)) conta(ano, 'deixam');
  }
}

/** History through some rulebooks: what is at hand of the pass under way, and what all passes come to. */
class Lado {
  readonly rulebooks: Rulebooks;
  readonly portfolio: Portfolio;
  readonly indicadores: Contadores = new Map();
  readonly metricas: Contadores = new Map();
  quarentena: Contadores = new Map();
  reclassificacao: Reclassificacao;
  reagregacao = new Reagregacao();

  constructor(rulebooks: Rulebooks, portfolio: Portfolio) {
    this.rulebooks = rulebooks;
    this.portfolio = portfolio;
    this.reclassificacao = new Reclassificacao(rulebooks, portfolio);
  }

  registra(registro: Registro, nosso: (titular: string) => boolean): void {
    const decisao = this.reclassificacao.decisaoDe(registro);
    for (const l of this.reclassificacao.lancamentos(registro, decisao)) {
      const titular = titularDe(l);
      if (nosso(titular)) this.reagregacao.lanca(titular, l);
    }
  }

  fechaPasse(): void {
    acumulaContadores(this.indicadores, this.reagregacao.indicadores(this.rulebooks));
    acumulaContadores(this.metricas, this.reagregacao.metricas);
    // The same in every pass.
    this.quarentena = this.reclassificacao.quarentena;
    this.reclassificacao = new Reclassificacao(this.rulebooks, this.portfolio);
    this.reagregacao = new Reagregacao();
  }
}

/** In which pass a holder of state is counted: the ends of pseudonyms and CNPJs are as good as chance. */
function passeDe(titular: string, passes: number): number {
  let n = 0;
  for (let em = Math.max(0, titular.length - 4); em < titular.length; em += 1) n = 31 * n + titular.charCodeAt(em);
  return n % passes;
}

/**
 * History through another rulebook beside those in force: the whole line twice in plain memory, record by record, and
 * what comes out otherwise. Each interaction's own time says whether the other rulebook decides it. In several passes
 * over the same records each holds a part of the clients only.
 */
export class Reprocessamento {
  readonly #antes: Lado;
  readonly #depois: Lado;
  readonly #passes: number;
  readonly #viradas: Viradas = new Map();
  #passe = 0;

  /**
   * @param emVigor the rulebooks in force
   * @param aPartir the other one, of a name of its own, and from which time of interactions on (ms) it is to decide
   * @param passes how often all records are given, each time from the first to the last and then `fechaPasse`
   */
  constructor(emVigor: Rulebooks, aPartir: Vigencia, portfolio: Portfolio, { passes = 1 } = {}) {
    this.#antes = new Lado(emVigor, portfolio);
    this.#depois = new Lado(emVigor.aPartirDe(aPartir), portfolio);
    this.#passes = passes;
  }

  registra(registro: Registro): void {
    const nosso = (titular: string): boolean => passeDe(titular, this.#passes) === this.#passe;
    this.#antes.registra(registro, nosso);
    this.#depois.registra(registro, nosso);
  }

  fechaPasse(): void {
    acumulaViradas(this.#viradas, this.#antes.reagregacao, this.#depois.reagregacao);
    this.#antes.fechaPasse();
    this.#depois.fechaPasse();
    this.#passe += 1;
  }

  /** What would change, once all passes are closed. */
  mudancas(): Mudancas {
    const [antes, depois] = [this.#antes, this.#depois];
    const porMotivo = (nome: string): string => `${metricaDoNome(nome).metrica}|${metricaDoNome(nome).motivo}`;
    const queContam = (campo: 'tipoSolucao' | 'unidade') => (nome: string) => {
      const metrica = metricaDoNome(nome);
      return metrica.metrica === 'atendimento' ? metrica[campo] : null;
    };
    const deMetricas = (nomeDe: (nome: string) => string | null): [string, Par][] =>
      pares(antes.metricas, depois.metricas, nomeDe).filter(([, par]) => mudou(par));
    const emQuarentena = pares(antes.quarentena, depois.quarentena, (motivo) => `quarentena|${motivo}`);
    const viradas = [...this.#viradas].sort(([a], [b]) => ordemDe(a, b));
    return {
      indicadores: indicadores(antes.indicadores, depois.indicadores),
      motivos: [...deMetricas(porMotivo), ...emQuarentena.filter(([, par]) => mudou(par))].map(([nome, par]) => {
        const [metrica = '', motivo = ''] = nome.split('|');
        return { metrica, motivo, ...par };
      }),
      tipos: deMetricas(queContam('tipoSolucao')).map(([tipoSolucao, par]) => ({ tipoSolucao, ...par })),
      unidades: deMetricas(queContam('unidade')).map(([unidade, par]) => ({ unidade, ...par })),
      clientes: viradas.map(([ano, doAno]) => ({ ano, ...doAno })),
    };
  }
}
