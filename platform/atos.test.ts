import { describe, expect, it } from 'vitest';
import { type Ato, leAtos, registroDoAto } from './atos.ts';
import type { Kafka, OutputRecord } from './kafka/port.ts';

const ANA = { quem: 'ana', chave: null };

function kafkaCom(registros: readonly OutputRecord[]): Pick<Kafka, 'readToEnd'> {
  return {
    readToEnd: async (topic, { onBatch }) => {
      const records = registros.map(({ value }, offset) => ({ offset, timestamp: 0, key: null, value, headers: {} }));
      await onBatch({ topic, partition: 0, records });
    },
  };
}

const conteudo = ({ value }: OutputRecord): Ato => JSON.parse(String(value));

describe('registroDoAto', () => {
  it('says who, what, to what and when', () => {
    const antes = Date.now();
    const detalhe = { papeis: ['produtor'], limite: 10, source: null };
    const registro = registroDoAto({ quem: 'ana', chave: 'operacao' }, { ato: 'chave-criada', alvo: 'lms', detalhe });
    expect(registro).toMatchObject({ topic: 'atos', key: 'chave-criada' });
    const { em, ...resto } = conteudo(registro);
    expect(resto).toEqual({ quem: 'ana', chave: 'operacao', ato: 'chave-criada', alvo: 'lms', detalhe });
    expect(Date.parse(em)).toBeGreaterThanOrEqual(antes);
  });

  it('has no document in any field', () => {
    const detalhe = { nome: 'de 52998224725', ids: ['52998224725'], '52998224725': 1 };
    const registro = registroDoAto(
      { quem: '529.982.247-25', chave: 'k-52998224725' },
      { ato: 'cliente-exportado', alvo: 'CPF 529.982.247-25', detalhe },
    );
    expect(String(registro.value)).not.toMatch(/529\.?982/);
  });
});

describe('leAtos', () => {
  const feitos = [
    registroDoAto(ANA, { ato: 'estado-trocado', alvo: 'g2', detalhe: {} }),
    registroDoAto({ quem: 'bia', chave: 'operacao' }, { ato: 'chave-criada', alvo: 'lms', detalhe: {} }),
    { topic: 'atos', key: null, value: Buffer.from('{"ato":') },
    { topic: 'atos', key: null, value: null },
  ];
  const alvos = async (filtros: Parameters<typeof leAtos>[1]) =>
    (await leAtos(kafkaCom(feitos), filtros)).atos.map(({ alvo }) => alvo);

  it('reads them in order, and counts what is none', async () => {
    const { atos, ilegiveis } = await leAtos(kafkaCom(feitos), {});
    expect(atos.map(({ alvo }) => alvo)).toEqual(['g2', 'lms']);
    expect(ilegiveis).toBe(2);
  });

  it('chooses by who, by key, by what and by when', async () => {
    expect(await alvos({ quem: 'ana' })).toEqual(['g2']);
    expect(await alvos({ quem: 'operacao' })).toEqual(['lms']);
    expect(await alvos({ ato: 'estado-trocado' })).toEqual(['g2']);
    expect(await alvos({ de: Date.now() + 60_000 })).toEqual([]);
    expect(await alvos({ ate: Date.now() - 60_000 })).toEqual([]);
  });
});
