import avro, { type Type } from 'avsc';
import { describe, expect, it } from 'vitest';
import type { Decisao } from '#domain/decisao.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { codecFor, header, PoisonError } from './codec.ts';
import { ClassificadaEncoder } from './codec-classificada.ts';
import { type Quarentena, schemaOf, typeOf } from './codec-types.ts';
import { RetryableError } from './errors.ts';
import type { Registry } from './registry.ts';

const OUR_ID = 7;

/** A registry in memory: our schemas have id 7, `writers` the rest. */
function registry(writers: Record<number, Type | RetryableError> = {}): Registry & { asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    register: async () => OUR_ID,
    idOf: async () => OUR_ID,
    async writer(id) {
      asked.push(id);
      const found = writers[id];
      if (found instanceof Error) throw found;
      return found ?? null;
    },
  };
}

type Fields = { name: string; type: unknown; default?: unknown }[];

/** The schema of an interaction as an older or newer version of us would write it. */
function version(change: (fields: Fields) => Fields): Type {
  const schema = schemaOf('Interacao') as { fields: Fields };
  return avro.Type.forSchema({ ...schema, fields: change(schema.fields) } as avro.Schema);
}

const CHECK_IN: Interacao = {
  ...INTERACAO_VAZIA,
  source: 'leitor',
  id: 'ação-1',
  tipoInteracao: 'check-in',
  time: 1_772_445_600_123,
  unidade: 'SP',
  cliente: { pf: 'pf:abc', pj: { id: 'pj:11222333000181', vinculo: 'indicacao' }, naoIdentificado: null },
  frequencia: 0.75,
  participantes: [
    { cliente: { pf: 'pf:x', pj: null, naoIdentificado: null }, presencas: 2, frequencia: null, papel: null },
  ],
};

const DECISAO: Decisao = {
  resultado: 'contabiliza',
  metrica: 'atendimento',
  motivo: 'CONSOLIDACAO_DE_PARTICIPACAO',
  regra: '3.1',
  rulebook: '2024-1',
  modalidade: 'presencial',
  estrutura: 'coletiva',
  propostaValor: 'capacitacao',
  creditos: ['pf:abc'],
  chave: 'curso|T1',
  detalhe: null,
};

/** Plain objects all the way down, as JSON gives them. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('codec', () => {
  it('gives back what it was given, every absent field null', async () => {
    const codec = await codecFor(registry(), 'interacoes');
    const bytes = codec.encode(CHECK_IN);
    expect(bytes.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 0, OUR_ID]));
    expect(plain(codec.decodeSync(bytes))).toEqual(CHECK_IN);
    expect(Object.keys(codec.decodeSync(bytes))).toEqual(Object.keys(INTERACAO_VAZIA));
  });

  it('keeps bytes as bytes', async () => {
    const codec = await codecFor(registry(), 'interacoes-em-quarentena');
    const record: Quarentena = {
      chave: null,
      valor: Buffer.from([0, 255, 1]),
      cabecalhos: { rota: Buffer.from('x') },
      topico: 'interacoes',
      particao: 3,
      posicao: 2 ** 40,
      recebidaEm: 1,
      estagio: 'classificador',
      motivo: 'ESQUEMA_INVALIDO',
      detalhe: 'd',
      rulebook: '2024-1',
      tentativa: 1,
      source: null,
      id: null,
      apuracao: 2,
    };
    expect({ ...codec.decodeSync(codec.encode(record)) }).toEqual(record);
  });

  it('reads older and newer writers as ours, asking for each schema once', async () => {
    const older = version((fields) => fields.filter(({ name }) => name !== 'estornada'));
    const newer = version((fields) => [...fields, { name: 'novo', type: ['null', 'string'], default: null }]);
    const asking = registry({ 8: older, 9: newer });
    const codec = await codecFor(asking, 'interacoes');
    const values = [older, newer].map((type, i) =>
      Buffer.concat([header(8 + i), type.toBuffer({ ...CHECK_IN, ...(i === 1 ? { novo: 'x' } : {}) })]),
    );
    await codec.prepareIds([...values, ...values, null]);
    await codec.prepareIds(values);
    expect(values.map((bytes) => plain(codec.decodeSync(bytes)))).toEqual([CHECK_IN, CHECK_IN]);
    expect(asking.asked.sort()).toEqual([8, 9]);
  });

  it('tells poison from a registry that is away', async () => {
    const incompatible = avro.Type.forSchema({ type: 'record', name: 'X', fields: [] });
    const codec = await codecFor(registry({ 8: incompatible, 9: new RetryableError('fora') }), 'interacoes');
    const good = codec.encode(CHECK_IN);
    const under = (id: number) => Buffer.concat([header(id), good.subarray(5)]);
    const poison = [null, Buffer.alloc(0), Buffer.from('{"a":1}'), good.subarray(0, 40), Buffer.concat([good, good])];
    for (const bytes of [...poison, under(8), under(99)])
      await expect(codec.decode(bytes)).rejects.toThrow(PoisonError);
    await expect(codec.decode(under(9))).rejects.toThrow(RetryableError);
    expect(plain(await codec.decode(good))).toEqual(CHECK_IN);
  });

  it('asks again for a schema that was unknown', async () => {
    const writers: Record<number, Type> = {};
    const codec = await codecFor(registry(writers), 'interacoes');
    const bytes = Buffer.concat([header(8), codec.encode(CHECK_IN).subarray(5)]);
    await expect(codec.decode(bytes)).rejects.toThrow(PoisonError);
    writers[8] = typeOf('Interacao');
    expect(plain(await codec.decode(bytes))).toEqual(CHECK_IN);
  });

  it('is not led into memory or time without end by an announced number of items', async () => {
    const codec = await codecFor(registry(), 'interacoes');
    const bytes = codec.encode({ ...CHECK_IN, participantes: [] });
    // Union branch 1, then the empty array's closing zero: the place where a hostile length goes.
    const before = codec.encode({ ...CHECK_IN, participantes: null });
    const at = bytes.findIndex((byte, i) => byte !== before[i]);
    const length = avro.Type.forSchema('long').toBuffer(2 ** 50);
    const hostile = Buffer.concat([bytes.subarray(0, at + 1), length, Buffer.alloc(20)]);
    expect(() => codec.decodeSync(hostile)).toThrow(/bloco de 1125899906842624 itens/);
  });
});

describe('ClassificadaEncoder', () => {
  const decisao = { contabiliza: true, apuracao: 3, ...DECISAO, resultado: undefined, detalhe: undefined };

  async function parts(writers: Record<number, Type> = {}) {
    const interacoes = await codecFor(registry(writers), 'interacoes');
    // Each schema has its own id, as in any registry.
    const classificadas = await codecFor({ ...registry(), idOf: async () => 9 }, 'interacoes-contabilizadas');
    return { interacoes, classificadas, encoder: new ClassificadaEncoder(interacoes, classificadas) };
  }

  it('carries the bytes of the interaction as they came', async () => {
    const { interacoes, classificadas, encoder } = await parts();
    const raw = interacoes.encode(CHECK_IN);
    const bytes = encoder.encode(raw, CHECK_IN, DECISAO, 3);
    expect(bytes.subarray(5, raw.length)).toEqual(raw.subarray(5));
    expect(bytes.subarray(0, 5)).toEqual(header(9));
    expect(plain(classificadas.decodeSync(bytes))).toEqual({ interacao: CHECK_IN, decisao: plain(decisao) });
  });

  it('writes the interaction anew where another version wrote it', async () => {
    const older = version((fields) => fields.filter(({ name }) => name !== 'estornada'));
    const { interacoes, classificadas, encoder } = await parts({ 8: older });
    const raw = Buffer.concat([header(8), older.toBuffer(CHECK_IN)]);
    const interacao = await interacoes.decode(raw);
    const bytes = encoder.encode(raw, interacao, { ...DECISAO, resultado: 'nao-contabiliza' }, 3);
    expect(plain(classificadas.decodeSync(bytes))).toEqual({
      interacao: CHECK_IN,
      decisao: plain({ ...decisao, contabiliza: false }),
    });
  });

  it('refuses a decision of quarantine', async () => {
    const { interacoes, encoder } = await parts();
    const quarantine: Decisao = { ...DECISAO, resultado: 'quarentena', metrica: null };
    expect(() => encoder.encode(interacoes.encode(CHECK_IN), CHECK_IN, quarantine, 0)).toThrow(/quarentena/);
  });
});
