import type { ApuracoesSeguidas } from './apuracoes.ts';
import type { Kafka, KafkaAdmin } from './kafka/port.ts';
import type { Nomes } from './nomes.ts';
import { registroDaChaveEmUso } from './trocas.ts';

export interface PartesDaChave {
  kafka: Pick<Kafka, 'producer'>;
  admin: Pick<KafkaAdmin, 'ends'>;
  seguidas: Pick<ApuracoesSeguidas, 'esquecimentos' | 'caughtUp'>;
}

/** Whether anybody may have been named yet. */
async function haRegistros({ admin }: Pick<PartesDaChave, 'admin'>): Promise<boolean> {
  const fins = await Promise.all([admin.ends('interacoes'), admin.ends('presencas')]);
  return fins.some((porParticao) => [...porParticao.values()].some((fim) => fim > 0));
}

/** Says that this key is the one in use, whatever was said before. @throws RetryableError Kafka is away */
export async function publicaChave({ kafka, seguidas }: PartesDaChave, { impressao }: Nomes): Promise<void> {
  const producer = await kafka.producer();
  try {
    await producer.send([registroDaChaveEmUso(impressao)]);
  } finally {
    await producer.close();
  }
  await seguidas.caughtUp();
}

/**
 * That CPFs are named here by the key that they are named by everywhere. The first to ask says which one that is; and as
 * long as nobody was named, whoever has another one may still say so.
 * @throws CodedError CHAVE_DIVERGENTE, CHAVE_SUPERADA; RetryableError Kafka is away
 */
export async function exigeAChaveEmUso(partes: PartesDaChave, nomes: Nomes): Promise<void> {
  const { caughtUp, esquecimentos } = partes.seguidas;
  await caughtUp();
  const { emVigor, emUso } = esquecimentos.trocas;
  const outra = emUso !== nomes.impressao && !nomes.demais;
  if (emVigor === null && outra && (emUso === null || !(await haRegistros(partes)))) await publicaChave(partes, nomes);
  nomes.confere();
}
