import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reenviaSelecao } from '../../platform/quarentena/replay.ts';
import { brokers, FIXTURES } from './kafka-fixture.ts';
import { atendido, CONSULTORIA, type Quarentena, quarentena } from './quarantine-fixture.ts';
import { esperam, histograma, replay } from './quarantine-once.ts';

const pasta = mkdtempSync(join(tmpdir(), 'atendido-quarentena-'));

let q: Quarentena;
beforeAll(async () => {
  q = await quarentena();
});
afterAll(async () => {
  rmSync(pasta, { recursive: true, force: true });
  await q?.fecha();
});

describe('the quarantine command', () => {
  it('lists, shows, corrects and replays, for people and in JSON', async () => {
    const source = await esperam(q, 3);
    const [id = ''] = await q.ids(source);
    const roda = (...args: string[]) => atendido('quarantine', ...args).fim;
    const lista = await roda('list', '--source', source, '--limite', '2');
    expect(lista.saida).toMatch(/… e mais 1: .*/);
    expect(lista.saida).toMatch(/SOLUCAO_DESCONHECIDA +│ +3 /);
    const arquivo = join(pasta, 'corrigido.json');
    const type = 'br.com.sebrae.interacao.login';
    const evento = { specversion: '1.0', type, time: '2026-03-02T10:15:00-03:00', data: { unidade: 'SP' } };
    writeFileSync(arquivo, JSON.stringify(evento));
    const corrigida = await roda('fix', id, '--file', arquivo, '--por', 'ana');
    expect(corrigida.saida).toMatch(/Hoje seria registrada sem contar, por CADASTRO_OU_LOGIN/);
    expect((await roda('show', id)).saida).toMatch(/A solução informada não está no portfólio[\s\S]*Corrigida por ana/);
    const ensaio = await roda('replay', '--source', source, '--prontas');
    expect(ensaio.saida).toMatch(/registrada sem contar +│ CADASTRO_OU_LOGIN +│ +1 [\s\S]*Nada foi enviado/);
    const feita = await roda('replay', id, '--apply', '--json');
    expect(JSON.parse(feita.saida)).toMatchObject({ aplicado: true, reenviadas: 1 });
    expect(JSON.parse((await roda('list', '--source', source, '--json')).saida)).toMatchObject({ total: 2 });
  });

  it('fails with REENVIO_INCOMPLETO where something asked for does not fit; the others return', async () => {
    const source = await esperam(q, 1);
    const demais = { demais: Buffer.alloc(930_000, 'x') };
    const grande = { ...CONSULTORIA, source, id: 'grande', protocolo: 'x'.repeat(115_000) };
    await q.poeDeLado('interacoes', [q.registroDe(grande, demais)]);
    const ensaio = await atendido('quarantine', 'replay', '--source', source).fim;
    expect([ensaio.codigo, ensaio.saida]).toEqual([0, expect.stringMatching(/Não cabem no tópico: \d\/\d+/)]);
    const { codigo, saida, erros } = await replay(source).fim;
    expect([codigo, saida]).toEqual([1, expect.stringMatching(/1 de 2 reenviadas\./)]);
    expect(erros).toMatch(/^REENVIO_INCOMPLETO: 1 não/m);
    expect(await q.vezes(source)).toEqual([1]);
  });

  it.each([
    ['USO_INVALIDO', ['list', '--desde', '2026-02-30']],
    ['USO_INVALIDO', ['list', '--desde', '2026-02-30T10:00:00Z']],
    ['USO_INVALIDO', ['list', '--ate', '2026-03-02T10:15:00']],
    ['USO_INVALIDO', ['list', '--motivo', 'FRIO']],
    ['USO_INVALIDO', ['list', '--limite', '0']],
    ['SELECAO_INVALIDA', ['replay', '--apply']],
    ['SELECAO_INVALIDA', ['replay', '0/1', '--todas']],
    ['SELECAO_INVALIDA', ['replay', '0/1', '--source', 'x']],
    ['EDICAO_INVALIDA', ['fix', '0/1']],
    ['EDICAO_INVALIDA', ['fix', '0/1', '--set', 'x']],
    ['ARQUIVO_ILEGIVEL', ['fix', '0/1', '--file', '/nao/existe.json']],
    ['QUARENTENA_DESCONHECIDA', ['show', '0/99999999']],
  ])('answers %s to %s', async (codigoDeErro, args) => {
    const { codigo, saida, erros } = await atendido('quarantine', ...args).fim;
    expect([codigo, saida, erros]).toEqual([2, '', expect.stringMatching(new RegExp(`^${codigoDeErro}: `))]);
  });
});

describe('only once', () => {
  it('where two operators ask at the same moment', async () => {
    const source = await esperam(q, 1_000);
    const [uma, outra] = await Promise.all([replay(source).fim, replay(source).fim]);
    expect([uma.codigo, outra.codigo], uma.erros + outra.erros).toEqual([0, 0]);
    expect(histograma(await q.vezes(source))).toEqual({ 1: 1_000 });
  });

  it.each(FIXTURES)('where several ask within one process too, over %s', async (_client, { kafka }) => {
    const source = await esperam(q, 2_000);
    const pedido = { source, ids: [], prontas: false };
    const uma = async (por: string): Promise<number> => {
      const partes = { ...q.partes(), kafka };
      return (await reenviaSelecao(partes, pedido, { por, execucao: por }, () => undefined)).reenviadas;
    };
    const feitas = await Promise.all(['ana', 'bia', 'caio', 'davi'].map(uma));
    expect(feitas.reduce((soma, n) => soma + n, 0)).toBe(2_000);
    expect(histograma(await q.vezes(source))).toEqual({ 1: 2_000 });
  });

  it('where a process died with a transaction open, which never shows', async () => {
    const source = await esperam(q, 1);
    const client = new KafkaJs({ brokers, logLevel: logLevel.NOTHING });
    const producer = client.producer({ transactionalId: 'atendido-quarentena' });
    await producer.connect();
    const transaction = await producer.transaction();
    const { key, value } = q.registroDe({ ...CONSULTORIA, source, id: 'e0' });
    await transaction.send({ topic: 'interacoes', messages: [{ key, value }] });
    const { codigo, erros } = await replay(source).fim;
    expect(codigo, erros).toBe(0);
    await expect(transaction.commit()).rejects.toThrow();
    await producer.disconnect();
    expect(await q.vezes(source)).toEqual([1]);
  });
});
