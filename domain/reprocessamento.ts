import { anosDe, type EstadoCliente, publicoDe } from './cliente.ts';
import { type Contadores, contadorDe, metricaDoNome } from './indicadores.ts';
import type { Portfolio } from './portfolio.ts';
import { Recontagem, type Registro } from './recontagem.ts';
import { type Rulebook, Rulebooks } from './rulebook.ts';

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

function anosAtendidos(estado: EstadoCliente | undefined): string[] {
  if (estado === undefined) return [];
  return Object.entries(anosDe(estado)).flatMap(([ano, { atendido }]) => (atendido ? [ano] : []));
}

function clientes(antes: Recontagem, depois: Recontagem): Mudancas['clientes'] {
  const anos = new Map<string, { passam: number; deixam: number }>();
  const conta = (ano: string, que: 'passam' | 'deixam'): void => {
    const doAno = anos.get(ano) ?? { passam: 0, deixam: 0 };
    doAno[que] += 1;
    anos.set(ano, doAno);
  };
  for (const titular of new Set([...antes.estados.keys(), ...depois.estados.keys()])) {
    if (publicoDe(titular) === 'nao-identificado') continue;
    const [eram, seriam] = [anosAtendidos(antes.estados.get(titular)), anosAtendidos(depois.estados.get(titular))];
    for (const ano of seriam) if (!eram.includes(ano)) conta(ano, 'passam');
    for (const ano of eram) if (!seriam.includes(ano)) conta(ano, 'deixam');
  }
  return [...anos].sort(([a], [b]) => ordemDe(a, b)).map(([ano, viradas]) => ({ ano, ...viradas }));
}

/**
 * History through another rulebook beside those in force: the whole line twice in plain memory, record by record, and
 * what comes out otherwise. Each interaction's own time says whether the other rulebook decides it.
 */
export class Reprocessamento {
  readonly #antes: Recontagem;
  readonly #depois: Recontagem;

  /**
   * @param emVigor the rulebooks in force
   * @param aPartir the other one, and from which time of interactions on (ms) it is to decide
   */
  constructor(emVigor: Rulebooks, aPartir: { desde: number; rulebook: Rulebook }, portfolio: Portfolio) {
    this.#antes = new Recontagem(emVigor, portfolio, { porCliente: true });
    this.#depois = new Recontagem(new Rulebooks(emVigor.todos(), aPartir), portfolio, { porCliente: true });
  }

  registra(registro: Registro): void {
    this.#antes.registra(registro);
    this.#depois.registra(registro);
  }

  /** What would change, by the records so far. */
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
    return {
      indicadores: indicadores(antes.indicadores(), depois.indicadores()),
      motivos: [...deMetricas(porMotivo), ...emQuarentena.filter(([, par]) => mudou(par))].map(([nome, par]) => {
        const [metrica = '', motivo = ''] = nome.split('|');
        return { metrica, motivo, ...par };
      }),
      tipos: deMetricas(queContam('tipoSolucao')).map(([tipoSolucao, par]) => ({ tipoSolucao, ...par })),
      unidades: deMetricas(queContam('unidade')).map(([unidade, par]) => ({ unidade, ...par })),
      clientes: clientes(antes, depois),
    };
  }
}
