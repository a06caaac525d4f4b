import { describe, expect, it } from 'vitest';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { TrocasDeChave } from '#domain/troca-de-chave.ts';
import { apuracaoDoLote, marcaDoLote } from '#platform/apuracoes.ts';
import { codecFor } from '#platform/codec.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { MAX_RECORD_BYTES } from '#platform/kafka/rounds.ts';
import { cabecalhosDoReenvio } from '#platform/quarentena/cabecalhos.ts';
import { idDe } from '#platform/quarentena/registros.ts';
import { LeituraDasTrocas, pedacosDoFiltro, registroDaTroca, registroEmVigor, trocaNova } from '#platform/trocas.ts';
import { copyLine } from './line.ts';
import { CLIENTS, endsOf, FEWER, lines, MORE, orderAt, raw } from './lines-fixture.ts';
import { type MemoryKafka, memoryRegistry } from './memory-fixture.ts';
import { GATHERED } from './read.ts';

/** Of whom only the end of the filter of a change knows. */
const lateFor = (nova: string): string => `pf:${nova.repeat(22)}`;

/** A record and how it stands to a limit: true before it. */
function told(kafka: MemoryKafka, limits: readonly number[]): Map<string, boolean> {
  const all = kafka.log('interacoes').flatMap((records, partition) => {
    return records.map(({ value, offset }) => [String(value), offset < (limits[partition] ?? 0)] as const);
  });
  return new Map(all);
}

async function ordersOf(kafka: MemoryKafka) {
  const codec = await codecFor(memoryRegistry, 'esquecimentos');
  return kafka.log('esquecimentos').flatMap((records) => records.map(({ value }) => codec.decodeSync(value)));
}

describe('a line that is copied', () => {
  it('has by its key each record it was told, in order, with its time', async () => {
    const { from, to, asked, copy } = lines();
    for (const turn of ['a', 'b']) from.write(...CLIENTS.map((key) => raw(key, `${key} ${turn}`, { timestamp: 7 })));
    await copy();
    const log = to.log('interacoes');
    for (const key of CLIENTS) {
      const theirs = log[murmur2Partition(key, MORE)]?.filter((record) => String(record.key) === key) ?? [];
      expect(theirs.map(({ value, timestamp }) => [String(value), timestamp])).toEqual([
        [`${key} a`, 7],
        [`${key} b`, 7],
      ]);
    }
    const ends = { interacoes: endsOf(to, 'interacoes'), presencas: [0, 0, 0, 0, 0] };
    expect(asked).toEqual([true, false, ['atendido-classifier', ends]]);
  });

  it('is written many records at a time, and not as they were sent', async () => {
    const { from, to, copy } = lines();
    from.write(...CLIENTS.map((key) => raw(key, key)));
    const sent: number[] = [];
    to.onSend = (records) => void sent.push(records.length);
    await copy();
    expect(sent).toEqual([CLIENTS.length]);
    const size = GATHERED.bytes / 4;
    from.write(...[1, 2, 3, 4, 5].map((n) => raw('pf:1', 'x'.repeat(size - 100 * n))));
    const again = lines();
    again.to.onSend = (records) => void sent.push(records.length);
    await copyLine({ from: from.kafka, to: again.to.kafka, broker: again.broker, registry: memoryRegistry });
    expect(sent.slice(1).reduce((sum, count) => sum + count, 0)).toBe(CLIENTS.length + 5);
    expect(sent.length).toBeGreaterThan(2);
  });

  it('has a record too, that only packed is one that a topic takes', async () => {
    const { from, to, copy } = lines();
    from.write(raw('pf:1', 'x'.repeat(MAX_RECORD_BYTES)), raw('pf:1', 'after'));
    await copy();
    expect(to.log('interacoes')[murmur2Partition('pf:1', MORE)]?.map(({ value }) => value?.length)).toEqual([
      MAX_RECORD_BYTES,
      5,
    ]);
  });

  it('has behind the limits of an order what stood behind them, and nothing else', async () => {
    const { from, to, copy } = lines();
    const orders: OutputRecord[] = [];
    for (const n of [1, 2, 3]) {
      from.write(...CLIENTS.slice(n).map((key) => raw(key, `${key} ${n}`)));
      orders.push(await orderAt(from, n));
    }
    from.write(...CLIENTS.map((key) => raw(key, `${key} 4`)));
    from.write(...orders.reverse());
    await copy();
    const [before, after] = [await ordersOf(from), await ordersOf(to)];
    for (const [n, { interacoes, fechamentos }] of before.entries()) {
      expect(told(to, after[n]?.interacoes ?? [])).toEqual(told(from, interacoes));
      const [[theirs], [ours]] = [fechamentos, after[n]?.fechamentos ?? []];
      expect(told(to, ours?.interacoes ?? [])).toEqual(told(from, theirs?.interacoes ?? []));
    }
  });

  it('is read over one connection, and of a partition that has nothing more nothing is asked', async () => {
    const { from, copy } = lines();
    for (const n of [1, 2, 3]) {
      from.write({ ...raw('pf:1', String(n)), partition: 1 });
      from.write(await orderAt(from, n));
    }
    await copy();
    expect(from.readers).toBe(1);
    expect(from.asked.filter(([topic, partitions]) => topic === 'interacoes' && partitions !== undefined)).toEqual(
      [1, 2, 3].map(() => ['interacoes', [1]]),
    );
  });

  it('has each change of key in force from the same records on, be there any between two or none', async () => {
    const { from, to, copy } = lines();
    const limits: number[][] = [];
    const change = (anterior: string, nova: string): void => {
      const one = trocaNova({ por: 'ana', anterior, nova });
      const conhecidos = FiltroDeIds.para(100);
      const limites = { interacoes: endsOf(from, 'interacoes'), presencas: [0, 0, 0] };
      from.write(registroDaTroca(one, 'anunciada'), ...pedacosDoFiltro(one.id, conhecidos));
      from.write(registroEmVigor({ ...one, limites, conhecidos }, [lateFor(nova)]));
      limits.push(limites.interacoes);
    };
    from.write(...CLIENTS.map((key) => raw(key, `${key} 1`)));
    change('a', 'b');
    from.write(...CLIENTS.map((key) => raw(key, `${key} 2`)));
    change('b', 'c');
    change('c', 'd');
    from.write(...CLIENTS.map((key) => raw(key, `${key} 3`)));
    await copy();
    const changes = new TrocasDeChave();
    const reading = new LeituraDasTrocas(changes);
    for (const record of to.log('trocas-de-chave').flat()) reading.recebe(record);
    expect(changes.todas.map(({ nova }) => nova)).toEqual(['b', 'c', 'd']);
    for (const [n, { nova, limites, conhecidos }] of changes.todas.entries()) {
      expect(told(to, limites.interacoes)).toEqual(told(from, limits[n] ?? []));
      expect(limites.presencas).toEqual([0, 0, 0, 0, 0]);
      expect(conhecidos.tem(lateFor(nova))).toBe(true);
    }
    expect(changes.todas[2]?.limites).toEqual(changes.todas[1]?.limites);
  });

  it('names by its place there what was set aside, put right and put back', async () => {
    const { from, to, copy } = lines();
    const quarantined = await codecFor(memoryRegistry, 'interacoes-em-quarentena');
    for (const key of CLIENTS) {
      const [at = { partition: 0, offset: 0 }] = from.write(raw(key, `${key} set aside`));
      const about = { topico: 'interacoes', particao: at.partition, posicao: at.offset, motivo: 'X', detalhe: '' };
      const bytes = { chave: Buffer.from(key), valor: Buffer.from(key), cabecalhos: {}, source: 'crm', id: key };
      const rest = { recebidaEm: 1, estagio: 'classifier', rulebook: 'r', tentativa: 1, apuracao: 0 };
      const value = quarantined.encode({ ...about, ...bytes, ...rest });
      const [id = at] = from.write({ topic: 'interacoes-em-quarentena', key, value });
      const name = idDe(id.partition, id.offset);
      from.write({ topic: 'resolucoes-de-quarentena', key: name, value: Buffer.from(key) });
      const headers = cabecalhosDoReenvio(name, { tentativa: 2, por: 'ana', em: 1, execucao: 'e' }, null);
      from.write(raw(key, `${key} put back`, { headers }));
    }
    from.write({ topic: 'resolucoes-de-quarentena', key: '0/9999', value: Buffer.from('of what is gone') });
    await copy();
    const resolutions = to.log('resolucoes-de-quarentena').flat();
    expect(resolutions).toHaveLength(CLIENTS.length);
    const inNew = to
      .log('interacoes')
      .flat()
      .filter(({ headers }) => headers['atendido-quarentena'] !== undefined);
    for (const { key, value } of [
      ...resolutions,
      ...inNew.map((r) => ({ key: r.headers['atendido-quarentena'], value: r.key })),
    ]) {
      const [partition = 0, offset = 0] = String(key).split('/').map(Number);
      const record = to.log('interacoes-em-quarentena')[partition]?.[offset];
      const said = quarantined.decodeSync(record?.value ?? null);
      expect(said.id).toBe(String(value));
      expect(String(to.log('interacoes')[said.particao]?.[said.posicao]?.value)).toBe(`${said.id} set aside`);
    }
    expect(inNew).toHaveLength(CLIENTS.length);
  });

  it('has the entries of its ledger, each where its client is, in order, of their apuração', async () => {
    const { from, to, copy } = lines();
    const lots = await codecFor(memoryRegistry, 'lancamentos');
    const entry = (cliente: string, id: string): Lancamento => ({
      ...{ cliente, source: 'crm', id, time: 1, principal: true, metrica: 'm', motivo: 'x', tipoSolucao: null },
      ...{ unidade: 'SP', canal: null, modalidade: null, credito: null, estornada: null },
    });
    for (const n of [0, 1, 2]) {
      for (const [partition, ids] of Map.groupBy(CLIENTS, (id) => murmur2Partition(id, FEWER))) {
        for (const turn of ['a', 'b']) {
          const value = lots.encode({ lancamentos: ids.map((id) => entry(id, `${n}${turn}`)) });
          from.write({ topic: 'lancamentos', partition, key: null, value, headers: marcaDoLote(n) });
        }
      }
    }
    const lotsOf = (kafka: MemoryKafka): number => endsOf(kafka, 'lancamentos').reduce((sum, end) => sum + end, 0);
    await copy();
    // What follows one another of one apuração is one lot: of two in each partition, no more than one in each.
    expect(lotsOf(to)).toBeLessThanOrEqual((lotsOf(from) / 2) * MORE);
    const found = new Map<string, string[]>();
    for (const [partition, records] of to.log('lancamentos').entries()) {
      for (const { value, headers } of records) {
        for (const { cliente, id } of lots.decodeSync(value).lancamentos) {
          expect(murmur2Partition(cliente ?? '', MORE)).toBe(partition);
          expect(apuracaoDoLote({ headers })).toBe(Number(id[0]));
          found.set(cliente ?? '', [...(found.get(cliente ?? '') ?? []), id]);
        }
      }
    }
    expect(found).toEqual(new Map(CLIENTS.map((id) => [id, ['0a', '0b', '1a', '1b', '2a', '2b']])));
  });
});
