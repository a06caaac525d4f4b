import { beforeAll, describe, expect, it } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import { type Esquecimento, Esquecimentos } from '#domain/esquecimento.ts';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { marcaDoLote } from '#platform/apuracoes.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import type { InteracaoClassificada, LoteDeLancamentos } from '#platform/codec-types.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { InputRecord, OutputRecord } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { type Classified, type Classifier, classify } from './classify.ts';
import { Lots } from './lots.ts';

const TP = { topic: 'interacoes', partition: 3 };
const NOW = Date.parse('2026-03-03T12:00:00-03:00');
const REGISTRY: Registry = { register: async () => 7, idOf: async () => 7, writer: async () => null };

const LOGIN: Interacao = {
  ...INTERACAO_VAZIA,
  source: 'portal',
  id: 'l1',
  tipoInteracao: 'login',
  time: NOW - 1_000,
  unidade: 'SP',
  canal: 'portal',
  cliente: { pf: 'pf:AAAAAAAAAAAAAAAAAAAAAA', pj: null, naoIdentificado: null },
};
const CONTEUDO: Interacao = {
  ...LOGIN,
  id: 'c1',
  tipoInteracao: 'acesso-conteudo',
  tipoSolucao: 'orientacao-tecnica',
  conteudoId: 'C-1',
  natureza: 'tecnico',
};

let classifier: Classifier;
let classificadas: Codec<InteracaoClassificada>;
let lotes: Codec<LoteDeLancamentos>;

beforeAll(async () => {
  const interacoes = await codecFor(REGISTRY, 'interacoes');
  classificadas = await codecFor(REGISTRY, 'interacoes-contabilizadas');
  lotes = await codecFor(REGISTRY, 'lancamentos');
  classifier = {
    apuracoes: new Apuracoes(await loadRulebooks()),
    esquecimentos: new Esquecimentos(),
    portfolio: new PortfolioEmMemoria(),
    interacoes,
    classificadas: new ClassificadaEncoder(interacoes, classificadas),
    quarentenas: await codecFor(REGISTRY, 'interacoes-em-quarentena'),
  };
});

function record(value: Buffer | null): InputRecord {
  return { offset: 42, timestamp: NOW, key: Buffer.from('k'), value, headers: { traceparent: Buffer.from('00-1') } };
}
const of = (i: Interacao): InputRecord => record(classifier.interacoes.encode(i));

function classifyOne(one: InputRecord): Classified {
  const [classified] = classify(classifier, { ...TP, records: [one] });
  if (classified === undefined) throw new Error('every record becomes something');
  return classified;
}

describe('classify', () => {
  it('sends what counts to contabilizadas, under the same key and headers, with its entry', () => {
    const classified = classifyOne(of(CONTEUDO));
    if (classified.kind !== 'classificada') throw new Error(classified.motivo);
    expect(classified.output).toMatchObject({ topic: 'interacoes-contabilizadas', key: Buffer.from('k') });
    expect(classified.output.headers).toEqual({ traceparent: Buffer.from('00-1') });
    const value = classificadas.decodeSync(classified.output.value);
    expect(value.interacao).toEqual(CONTEUDO);
    expect(value.decisao).toMatchObject({ contabiliza: true, motivo: 'CONTEUDO_TECNICO', regra: '2.1' });
    expect(classified.lancamentos).toMatchObject([{ cliente: LOGIN.cliente?.pf, principal: true }]);
  });

  it('sends what does not count to nao-contabilizadas, with an entry that credits nobody', () => {
    const classified = classifyOne(of(LOGIN));
    if (classified.kind !== 'classificada') throw new Error(classified.motivo);
    expect(classified.output.topic).toBe('interacoes-nao-contabilizadas');
    expect(classified.lancamentos).toMatchObject([{ metrica: 'jornada', credito: null }]);
  });

  it.each([
    ['bytes that are not Avro', () => record(Buffer.from('lixo')), 'ESQUEMA_INVALIDO', null],
    ['no value at all', () => record(null), 'ESQUEMA_INVALIDO', null],
    ['a field the contract misses', () => of({ ...CONTEUDO, conteudoId: null }), 'ESQUEMA_INVALIDO', 'c1'],
    ['a date before the Sebrae was', () => of({ ...LOGIN, time: -9e12 }), 'ESQUEMA_INVALIDO', 'l1'],
    ['a time ahead of the broker', () => of({ ...LOGIN, time: NOW + 300_001 }), 'DATA_NO_FUTURO', 'l1'],
    ['a CPF in the clear', () => of({ ...LOGIN, cliente: clear('52998224725') }), 'CPF_INVALIDO', 'l1'],
  ])('quarantines %s, with its bytes and where it stood', (_, make, motivo, id) => {
    const bad = make();
    const classified = classifyOne(bad);
    expect(classified).toMatchObject({ kind: 'quarentena', motivo });
    expect(classifier.quarentenas.decodeSync(classified.output.value)).toMatchObject({
      valor: bad.value,
      topico: 'interacoes',
      particao: 3,
      posicao: 42,
      motivo,
      id,
    });
  });

  it('says which attempt it is of a record that came back from quarantine', () => {
    const again = (tentativa: string) => ({
      ...record(Buffer.from('lixo')),
      headers: { 'atendido-tentativa': Buffer.from(tentativa) },
    });
    const attemptOf = (one: InputRecord) => classifier.quarentenas.decodeSync(classifyOne(one).output.value).tentativa;
    expect([attemptOf(record(Buffer.from('lixo'))), attemptOf(again('3')), attemptOf(again('-1e9'))]).toEqual([
      1, 3, 1,
    ]);
  });

  it('sends a value whose key and headers no topic takes without them', () => {
    const classified = classifyOne({ ...of(CONTEUDO), headers: { longo: Buffer.alloc(2_100_000) } });
    if (classified.kind !== 'classificada') throw new Error(classified.motivo);
    expect(classified.output).toMatchObject({ topic: 'interacoes-contabilizadas', key: null });
    expect(classificadas.decodeSync(classified.output.value).interacao).toEqual(CONTEUDO);
  });

  it.each([
    ['unreadable', () => record(Buffer.alloc(2_100_000, 'x'))],
    ['readable', () => of({ ...CONTEUDO, conteudoId: 'x'.repeat(2_100_000) })],
  ])('says where it stands of a record that no topic takes, %s', (_, make) => {
    const classified = classifyOne(make());
    expect(classified).toMatchObject({ kind: 'quarentena', motivo: 'ESQUEMA_INVALIDO' });
    const { valor, detalhe, posicao } = classifier.quarentenas.decodeSync(classified.output.value);
    expect({ valor, posicao }).toEqual({ valor: null, posicao: 42 });
    expect(detalhe).toContain('interacoes/3/42');
  });

  it('takes a time ahead of the broker by up to five minutes', () => {
    expect(classifyOne(of({ ...LOGIN, time: NOW + 300_000 })).kind).toBe('classificada');
  });
});

describe('who was forgotten', () => {
  const order = (encerrado: boolean): Esquecimento => ({
    ...{ numero: 1, titular: LOGIN.cliente?.pf ?? '', nome: 'pf:novo', por: 'ana', em: 0, anunciado: false },
    ...{ desde: NOW, limites: { interacoes: [0, 0, 0, 43], presencas: [] } },
    fechamentos: [{ apuracao: 0, interacoes: [0, 0, 0, 43], encerrado }],
  });
  const entriesBy = (one: Classifier, imposta?: number) => {
    const [classified] = classify(one, { ...TP, records: [of(CONTEUDO)] }, imposta);
    return classified?.kind === 'classificada' ? classified.lancamentos.map(({ cliente }) => cliente) : null;
  };

  it('is told of to BI without the person: neither in the record nor as its key', () => {
    const [esquecimentos, pf, nome] = [new Esquecimentos(), LOGIN.cliente?.pf ?? '', `pf:${'N'.repeat(22)}`];
    esquecimentos.registra({ ...order(true), nome, limites: { interacoes: [0, 0, 0, 42], presencas: [] } });
    const told = (time: number) => {
      const late = { ...of({ ...CONTEUDO, time }), key: Buffer.from(pf) };
      const [one] = classify({ ...classifier, esquecimentos }, { ...TP, records: [late] });
      if (one?.kind !== 'classificada') throw new Error('it waits in quarantine');
      const { key, value, topic } = one.output;
      expect(value?.includes(pf)).toBe(false);
      return { topic, key: String(key), ...(value === null ? null : classificadas.decodeSync(value)) };
    };
    expect(told(NOW - 1)).toMatchObject({
      ...{ topic: 'interacoes-nao-contabilizadas', key: 'portal+c1' },
      ...{ decisao: { motivo: 'TITULAR_ESQUECIDO', creditos: [] }, interacao: { cliente: { pf: null } } },
    });
    expect(told(NOW)).toMatchObject({
      ...{ topic: 'interacoes-contabilizadas', key: nome },
      ...{ decisao: { creditos: [nome] }, interacao: { cliente: { pf: nome } } },
    });
  });

  it('is entered again by no record of before that the line reads once more', () => {
    const esquecimentos = new Esquecimentos();
    const one = { ...classifier, esquecimentos };
    esquecimentos.registra(order(false));
    expect(entriesBy(one)).toEqual([LOGIN.cliente?.pf]);
    esquecimentos.registra(order(true));
    expect(entriesBy(one)).toEqual([]);
    // Of a ledger made anew they are part, until it is closed.
    expect(entriesBy(one, 0)).toEqual([LOGIN.cliente?.pf]);
  });
});

describe('who is named by a key that is no more', () => {
  const conhecidos = FiltroDeIds.para(10);
  const esquecimentos = new Esquecimentos();
  esquecimentos.trocas.poeEmVigor({
    ...{ id: 't', por: 'ana', em: 0, anterior: 'a', nova: 'b', conhecidos },
    limites: { interacoes: [0, 0, 0, 42], presencas: [] },
  });
  const become = (offset: number, source = 'portal') => {
    const records = [{ ...of({ ...CONTEUDO, source }), offset }];
    const [classified] = classify({ ...classifier, esquecimentos }, { ...TP, records });
    return classified?.kind === 'quarentena' ? classified.motivo : classified?.kind;
  };

  it('waits in quarantine, from where the key changed on, and unless the line derived it', () => {
    expect(become(41)).toBe('classificada');
    expect(become(42)).toBe('CHAVE_SUPERADA');
    expect(become(42, FONTE_CONSOLIDADOR)).toBe('classificada');
    conhecidos.adiciona(LOGIN.cliente?.pf ?? '');
    expect(become(42)).toBe('classificada');
  });
});

function clear(pf: string): Interacao['cliente'] {
  return { pf, pj: null, naoIdentificado: null };
}

describe('Lots', () => {
  function lotsOf(entries: Lancamento[]): OutputRecord[] {
    const lots = new Lots(6, lotes, 0);
    const full = entries.map((one) => lots.add(one)).filter((lot) => lot !== null);
    return [...full, ...lots.rest()];
  }

  const entry = (n: number): Lancamento => ({
    cliente: `pf:${n % 100}`,
    source: 's',
    id: `e${n}`,
    time: NOW,
    principal: true,
    metrica: 'jornada',
    motivo: 'CADASTRO_OU_LOGIN',
    tipoSolucao: null,
    unidade: 'SP',
    canal: null,
    modalidade: null,
    credito: null,
    estornada: null,
  });

  it('puts each entry in the partition of its client, in order, in few records', () => {
    const entries = Array.from({ length: 5_000 }, (_, n) => entry(n));
    const lots = lotsOf(entries);
    expect(lots.length).toBeLessThan(20);
    expect(Math.max(...lots.map((lot) => lotes.decodeSync(lot.value).lancamentos.length))).toBeLessThanOrEqual(1_000);
    const read = lots.flatMap((lot) =>
      lotes.decodeSync(lot.value).lancamentos.map((l) => ({ ...l, partition: lot.partition })),
    );
    expect(read).toHaveLength(5_000);
    for (const l of read) expect(l.partition).toBe(murmur2Partition(l.cliente ?? '', 6));
    const ofOneClient = read.filter((l) => l.cliente === 'pf:7').map((l) => Number(l.id.slice(1)));
    expect(ofOneClient).toEqual([...ofOneClient].sort((a, b) => a - b));
  });

  it('keeps a lot under what a request may carry', () => {
    const entries = Array.from({ length: 3_000 }, (_, n) => ({ ...entry(n), cliente: 'pf:1', id: `${n}`.repeat(100) }));
    const lots = lotsOf(entries);
    expect(Math.max(...lots.map((l) => l.value?.length ?? 0))).toBeLessThanOrEqual(512 * 1024);
    expect(lots.flatMap((l) => lotes.decodeSync(l.value).lancamentos)).toHaveLength(3_000);
  });

  it('says which traces its entries are of: those in it, and of many the first', () => {
    const entries = Array.from({ length: 300 }, (_, n) => entry(n));
    const traces = new Map(entries.filter((_, n) => n % 2 === 0).map((e, n) => [e, [`t${n % 150}`, `u${n % 2}`]]));
    const lots = new Lots(6, lotes, 3);
    const full = entries.map((one) => lots.add(one, traces.get(one))).filter((lot) => lot !== null);
    const out = [...full, ...lots.rest()];
    for (const { partition, headers = {} } of out) {
      const inside = entries.filter((e) => murmur2Partition(e.cliente ?? '', 6) === partition);
      const expected = [...new Set(inside.flatMap((e) => traces.get(e) ?? []))].slice(0, 64);
      expect(String(headers['atendido-rastros']).split(',')).toEqual(expected);
      expect(headers).toMatchObject(marcaDoLote(3));
    }
    const untraced = new Lots(6, lotes, 3);
    for (const one of entries) untraced.add(one);
    for (const { headers } of untraced.rest()) expect(headers).toEqual(marcaDoLote(3));
  });
});
