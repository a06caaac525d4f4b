import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { dadosDoEvento } from '#domain/evento.ts';
import { PREFIXO_TIPO, type TipoInteracao } from '#domain/interacao.ts';

type Dados = z.input<typeof dadosDoEvento>;

/** What `data` must have in each kind, beside `unidade`. A test holds it to the contract. */
export const EXIGIDOS = {
  'momento-digital': ['tipoSolucao', 'momento'],
  'check-in': ['tipoSolucao'],
  contratacao: ['tipoSolucao', 'contratoId'],
  atendimento: ['tipoSolucao'],
  'consolidacao-participacao': ['tipoSolucao'],
  'consolidacao-disponibilizacao': ['tipoSolucao'],
  'acesso-conteudo': ['tipoSolucao', 'conteudoId', 'natureza'],
  'envio-conteudo': ['tipoSolucao', 'conteudoId', 'solicitado'],
  'visualizacao-oferta': ['tipoSolucao'],
  inscricao: ['tipoSolucao'],
  agendamento: ['tipoSolucao'],
  cancelamento: ['tipoSolucao'],
  ausencia: ['tipoSolucao'],
  'contato-improcedente': ['causa'],
  'campanha-ativa': ['finalidade'],
  'email-marketing': ['acao'],
  cadastro: [],
  login: [],
  abandono: ['tipoSolucao'],
  estorno: ['estornada'],
} as const satisfies Record<TipoInteracao, readonly (keyof Dados)[]>;

/** `data` of one kind, documents in the clear: they are replaced at the door, or by the library on the way to Kafka. */
export type DadosDe<K extends TipoInteracao> = Dados & Required<Pick<Dados, (typeof EXIGIDOS)[K][number]>>;

export interface EventoDe<K extends TipoInteracao> {
  tipo: K;
  /** When it happened; text needs its offset, as in `2026-03-02T10:15:00-03:00`. */
  time: Date | string;
  /** Unique within the source; without it one is made (a retry by the caller needs its own, or counts as new). */
  id?: string;
  data: DadosDe<K>;
}

/** An interaction of any kind, each with the fields its kind requires. */
export type Evento = { [K in TipoInteracao]: EventoDe<K> }[TipoInteracao];

/** The CloudEvent 1.0 that travels. */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time: string;
  data: Record<string, unknown>;
}

/** The CloudEvent of an interaction, with an id where none was given. */
export function cloudEventDe(source: string, { tipo, time, id, data }: Evento): CloudEvent {
  return {
    specversion: '1.0',
    id: id ?? randomUUID(),
    source,
    type: PREFIXO_TIPO + tipo,
    time: typeof time === 'string' ? time : time.toISOString(),
    data,
  };
}
