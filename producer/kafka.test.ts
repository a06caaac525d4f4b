import { describe, expect, test } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { codecFor } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import type { Kafka, OutputRecord } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import { cloudEventDe, type Evento } from './evento.ts';
import { transporteKafka } from './kafka.ts';

const CHAVE = 'uma-chave-de-teste-qualquer';
const registry: Registry = { register: async () => 1, idOf: async () => 1, writer: async () => null };

function kafkaDeMentira(enviados: OutputRecord[]): Kafka {
  const producer = { send: async (r: readonly OutputRecord[]) => void enviados.push(...r), close: async () => {} };
  const follower = { caughtUp: async () => {}, stop: async () => {} };
  return { producer: async () => producer, follow: async () => follower } as unknown as Kafka;
}

const checkIn: Evento = {
  tipo: 'check-in',
  time: '2026-03-02T10:15:00-03:00',
  id: 'c-1',
  data: {
    tipoSolucao: 'palestra',
    disponibilizacaoId: 'PAL-1-A',
    unidade: 'SP',
    cliente: { pf: { cpf: '529.982.247-25' } },
  },
};

describe('the Kafka transport', () => {
  test('replaces the CPF, keys by what the topic is ordered by, and says what was kept', async () => {
    const enviados: OutputRecord[] = [];
    const transporte = await transporteKafka({ kafka: kafkaDeMentira(enviados), registry, clientIdKey: CHAVE });
    const login: Evento = {
      ...checkIn,
      tipo: 'login',
      id: 'l-1',
      data: { unidade: 'SP', cliente: checkIn.data.cliente },
    };
    const eventos = [checkIn, login].map((e) => cloudEventDe('leitor', e));
    expect(await transporte.envia(eventos)).toEqual([
      { id: 'c-1', estado: 'aceito' },
      { id: 'l-1', estado: 'aceito' },
    ]);
    const pf = pseudonimizador(CHAVE)('52998224725');
    expect(enviados.map(({ topic, key }) => [topic, key])).toEqual([
      ['presencas', 'PAL-1-A'],
      ['interacoes', pf],
    ]);
    expect(enviados.some(({ value }) => value?.includes('52998224725'))).toBe(false);
    const codec = await codecFor(registry, 'interacoes');
    expect(await codec.decode(enviados[0]?.value ?? null)).toMatchObject({ source: 'leitor', cliente: { pf } });
  });

  test('refuses what the door would, alone and in its place', async () => {
    const enviados: OutputRecord[] = [];
    const transporte = await transporteKafka({ kafka: kafkaDeMentira(enviados), registry, clientIdKey: CHAVE });
    const certo = cloudEventDe('leitor', checkIn);
    const semCpf = { ...certo, id: 'c-2', data: { ...certo.data, cliente: { pf: { cpf: '52998224726' } } } };
    const aMais = { ...certo, id: 'c-3', data: { ...certo.data, cor: 'azul' } };
    const semHora = { ...certo, id: 'c-4', time: '2026-03-02' };
    const derivada = { ...certo, id: 'c-5', source: 'atendido-consolidador' };
    const emTexto = { ...certo, id: 'c-6', data: { ...certo.data, etapa: 'de 529.982.247-26 e 52998224725' } };
    const resultados = await transporte.envia([semCpf, certo, aMais, semHora, derivada, emTexto]);
    expect(resultados.map((r) => [r.id, r.estado === 'recusado' ? r.motivo : r.estado])).toEqual([
      ['c-2', 'CPF_INVALIDO'],
      ['c-1', 'aceito'],
      ['c-3', 'ESQUEMA_INVALIDO'],
      ['c-4', 'ESQUEMA_INVALIDO'],
      ['c-5', 'FONTE_NAO_AUTORIZADA'],
      ['c-6', 'CPF_FORA_DO_LUGAR'],
    ]);
    expect(enviados).toHaveLength(1);
    expect(JSON.stringify(resultados)).not.toMatch(/5299822472|529\.982/);
  });

  test('goes on trying while Kafka is away, and no longer than it may', async () => {
    let faltam = 2;
    const send = async (): Promise<void> => {
      faltam -= 1;
      if (faltam >= 0) throw new RetryableError('o Kafka está fora');
    };
    const kafka = {
      ...kafkaDeMentira([]),
      producer: async () => ({ send, close: async () => {} }),
    } as unknown as Kafka;
    const opcoes = { kafka, registry, clientIdKey: CHAVE };
    const paciente = await transporteKafka(opcoes);
    expect(await paciente.envia([cloudEventDe('leitor', checkIn)])).toEqual([{ id: 'c-1', estado: 'aceito' }]);
    faltam = 2;
    const apressado = await transporteKafka({ ...opcoes, pacienciaMs: 0 });
    await expect(apressado.envia([cloudEventDe('leitor', checkIn)])).rejects.toThrow(RetryableError);
  });
});
