import type { Apuracoes } from '#domain/apuracao.ts';
import { diaDe } from '#domain/tempo.ts';
import { causaDe } from '#platform/causa.ts';
import type { GroupLag, LagMonitor, PartitionLag } from '#platform/lag/monitor.ts';
import { within } from '#platform/within.ts';
import { type Enderecos, InstanciasVistas, type Procura } from './instancias.ts';
import { SERVICOS, type Servico } from './servicos.ts';

/** A server that the line stands on. */
export interface ServidorVisto {
  nome: string;
  estado: 'ok' | 'fora';
  causa: string | null;
}

/** A version of the rules, and from which day (`2026-01-01`) it decides what happens; null: whatever is older. */
export interface RulebookVisto {
  versao: string;
  desde: string | null;
  /** Decides what happens today. */
  deHoje: boolean;
}

/** Everything that operations look at. */
export interface Operacao {
  servidores: ServidorVisto[];
  /** Each instance, in the order of the line. */
  servicos: Servico[];
  grupos: GroupLag[];
  particoes: PartitionLag[];
  rulebooks: RulebookVisto[];
  /** The apuração in force (0: the project's own rulebooks), and the one whose decisions Redis holds; null: unknown. */
  apuracao: { emVigor: number; servida: number | null };
}

export interface PartesDaOperacao {
  atraso: Pick<LagMonitor, 'groups' | 'partitions'>;
  apuracoes: Pick<Apuracoes, 'emVigor' | 'rulebooksEmVigor'>;
  /** Of what stands in Redis. @throws RetryableError */
  apuracaoServida: () => Promise<number>;
  /** Each asked whether it answers; a rejection is the cause. */
  servidores: Readonly<Record<string, () => Promise<unknown>>>;
  enderecos: Enderecos;
  /** How names are found; left out: as the system does. */
  procura?: Procura;
}

const PACIENCIA_MS = 2_000;

/** What hangs does not answer. */
function semDemora<T>(resposta: Promise<T>): Promise<T> {
  return within(PACIENCIA_MS, resposta, () => new Error('sem resposta a tempo'));
}

async function pergunta([nome, faz]: [string, () => Promise<unknown>]): Promise<ServidorVisto> {
  try {
    await semDemora(faz());
    return { nome, estado: 'ok', causa: null };
  } catch (error) {
    return { nome, estado: 'fora', causa: causaDe(error) };
  }
}

function rulebooksDe({ rulebooksEmVigor }: PartesDaOperacao['apuracoes'], agora: number): RulebookVisto[] {
  const deHoje = rulebooksEmVigor.em(agora);
  return rulebooksEmVigor.vigencias().map(({ desde, rulebook }) => ({
    versao: rulebook.versao,
    desde: Number.isFinite(desde) ? diaDe(desde) : null,
    deHoje: rulebook === deHoje,
  }));
}

/** How the line is: asked of everything it is made of, each for itself, so that what is away hides nothing else. */
export class VisaoDaOperacao {
  readonly #partes: PartesDaOperacao;
  readonly #servicos: readonly InstanciasVistas[];

  constructor(partes: PartesDaOperacao) {
    this.#partes = partes;
    this.#servicos = SERVICOS.map((nome) => new InstanciasVistas(nome, partes.enderecos[nome], partes.procura));
  }

  async olha(): Promise<Operacao> {
    const { atraso, apuracoes, apuracaoServida } = this.#partes;
    const agora = Date.now();
    const [servidores, servicos, servida] = await Promise.all([
      Promise.all(Object.entries(this.#partes.servidores).map(pergunta)),
      Promise.all(this.#servicos.map((s) => s.olha(agora))),
      semDemora(apuracaoServida()).catch(() => null),
    ]);
    return {
      servidores,
      servicos: servicos.flat(),
      grupos: atraso.groups(),
      particoes: atraso.partitions(),
      rulebooks: rulebooksDe(apuracoes, agora),
      apuracao: { emVigor: apuracoes.emVigor, servida },
    };
  }
}
