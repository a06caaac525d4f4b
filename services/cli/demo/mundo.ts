import { PREFIXO_TIPO, type TipoInteracao } from '#domain/interacao.ts';
import { type ClienteDemo, type ClienteNoEvento, type Clientes, clientesDaDemo } from './clientes.ts';
import { FONTES, type NomeDaFonte, type Transporte } from './fontes.ts';
import { Sorteio } from './sorteio.ts';

/** One event on its way in: the CloudEvent, with clear documents, and the door its system uses. */
export interface EventoDemo {
  transporte: Transporte;
  fonte: NomeDaFonte;
  evento: {
    specversion: '1.0';
    id: string;
    source: NomeDaFonte;
    type: string;
    time: string;
    data: Record<string, unknown>;
  };
}

/** What happens to one client or offer, in the order in which the systems tell it. */
export type Historia = EventoDemo[];

const MINUTO = 60_000;
const HORA = 60 * MINUTO;
export const DIA = 24 * HORA;
const BRASILIA = 3 * HORA;
const INICIO = Date.parse('2025-01-01T00:00:00-03:00');
const FIM = Date.parse('2026-09-30T00:00:00-03:00');

export function dataEHora(instante: number): string {
  return `${new Date(instante - BRASILIA).toISOString().slice(0, 19)}-03:00`;
}

export interface OpcoesDoMundo {
  semente: number;
  eventos: number;
  /** Goes in front of every event id, so that a second run sends new events. */
  execucao: string;
  /** The present (ms): nothing happens later. */
  agora: number;
}

/** What the stories are made from: draws, clients and the calendar, which moves on as events are sent. */
export class Mundo {
  readonly semente: number;
  readonly sorteio: Sorteio;
  readonly clientes: Clientes;
  /** 0 to 1: how much has been sent. */
  avanco = 0;
  /** Participants of the largest offers. */
  readonly maiorTurma: number;
  readonly #execucao: string;
  readonly #fim: number;
  #emitidos = 0;

  constructor({ semente, eventos, execucao, agora }: OpcoesDoMundo) {
    this.semente = semente;
    this.sorteio = new Sorteio(semente);
    this.clientes = clientesDaDemo({ semente, eventos });
    this.maiorTurma = Math.min(50, Math.max(8, Math.floor(eventos / 60)));
    this.#execucao = execucao;
    this.#fim = Math.min(FIM, agora - HORA);
  }

  /**
   * When a story of `dias` days began: recently, as the calendar of the demo goes; some systems are days late with it,
   * a few are months late.
   */
  comeco(dias: number): number {
    const { sorteio } = this;
    const decorrido = INICIO + (this.#fim - INICIO) * this.avanco;
    const atrasoMaximo = sorteio.chance(0.8) ? 2 : sorteio.chance(0.75) ? 20 : 200;
    const fim = decorrido - sorteio.fracao() * atrasoMaximo * DIA;
    const dia = Math.floor((fim - dias * DIA - INICIO) / DIA);
    const desde = dia >= 0 ? dia : sorteio.inteiro(0, 14);
    return INICIO + desde * DIA + sorteio.inteiro(8 * 60, 21 * 60) * MINUTO + sorteio.inteiro(0, 59_000);
  }

  evento(fonte: NomeDaFonte, tipo: TipoInteracao, instante: number, data: Record<string, unknown>): EventoDemo {
    this.#emitidos += 1;
    const id = `${this.#execucao}-${this.#emitidos.toString(36)}`;
    const time = dataEHora(Math.max(INICIO, Math.min(instante, this.#fim)));
    const evento = { specversion: '1.0' as const, id, source: fonte, type: PREFIXO_TIPO + tipo, time, data };
    return { transporte: FONTES[fonte].transporte, fonte, evento };
  }

  /** Takes `e` back, from the system that sent it. */
  estorno(e: EventoDemo, instante: number): EventoDemo {
    const { unidade, cliente, disponibilizacaoId } = e.evento.data;
    const daPresenca = e.evento.type === `${PREFIXO_TIPO}check-in`;
    return this.evento(e.fonte, 'estorno', instante, {
      unidade,
      cliente,
      ...(daPresenca ? { disponibilizacaoId } : {}),
      estornada: { source: e.fonte, id: e.evento.id },
      causa: 'registro indevido',
    });
  }

  /** The same delivery as another system tells it. */
  relatadoPor(fonte: NomeDaFonte, e: EventoDemo, atraso: number): EventoDemo {
    const tipo = e.evento.type.slice(PREFIXO_TIPO.length) as TipoInteracao;
    return this.evento(fonte, tipo, Date.parse(e.evento.time) + atraso, e.evento.data);
  }

  cliente(c: ClienteDemo): ClienteNoEvento {
    return this.clientes.noEvento(c);
  }

  /** The person alone. */
  pessoa(c: ClienteDemo): ClienteNoEvento {
    return this.clientes.noEvento({ pf: c.pf, pj: null });
  }

  /** A code such as `MAT-4f2k9`, which no other story of this run has. */
  codigo(prefixo: string): string {
    this.#emitidos += 1;
    return `${prefixo}-${this.#execucao}-${this.#emitidos.toString(36)}`;
  }
}

export { HORA, MINUTO };
