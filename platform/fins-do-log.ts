import type { Apuracao, TopicoApurado } from '#domain/apuracao.ts';
import type { KafkaAdmin } from './kafka/port.ts';

/** By topic and partition: the next offset. */
export type Posicoes = Record<TopicoApurado, ReadonlyMap<number, number>>;

/** Where a topic ends now, by partition. */
export async function fimDe(admin: Pick<KafkaAdmin, 'offsets'>, topico: string): Promise<Map<number, number>> {
  return new Map((await admin.offsets(topico)).map(({ partition, high }) => [partition, high]));
}

/** Where the raw interactions end now. */
export async function finsDoLog(admin: Pick<KafkaAdmin, 'offsets'>): Promise<Posicoes> {
  const [interacoes, presencas] = await Promise.all([fimDe(admin, 'interacoes'), fimDe(admin, 'presencas')]);
  return { interacoes, presencas };
}

/** The same, as an apuração keeps it. */
export const limitesDe = (fins: Posicoes): Apuracao['limites'] => {
  const lista = (topico: TopicoApurado): number[] => {
    return Array.from({ length: fins[topico].size }, (_, particao) => fins[topico].get(particao) ?? 0);
  };
  return { interacoes: lista('interacoes'), presencas: lista('presencas') };
};
