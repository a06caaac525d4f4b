import { expect, it } from 'vitest';
import type { Apuracao } from '#domain/apuracao.ts';
import type { Esquecimento } from '#domain/esquecimento.ts';
import { RetryableError } from '#platform/errors.ts';
import type { OutputRecord, Producer } from '#platform/kafka/port.ts';
import type { PartesDaExclusividade } from '#platform/quarentena/reenvio.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { semApuracoes } from '../../test/integration/seguidas.ts';
import { comPrazo } from './anuncio.ts';

const rulebooks = await loadRulebooks();

/** Apurações that come to what is written of them, at once, and a clock in the test's hands. */
function mundo() {
  const seguidas = semApuracoes(rulebooks);
  const { apuracoes, esquecimentos } = seguidas;
  const escritas: OutputRecord[] = [];
  const desistencias: string[] = [];
  let agora = 0;
  const anuncia = (numero: number, estado: Apuracao['estado'] = 'anunciada') => {
    const [rulebook = null] = rulebooks.todos();
    if (rulebook === null) throw new Error('há ao menos um');
    const limites = { interacoes: [], presencas: [] };
    apuracoes.registra({
      numero,
      base: 0,
      estado,
      por: 'ana',
      em: 0,
      desde: 0,
      versao: rulebook.versao,
      rulebook: () => rulebook,
      limites,
    });
  };
  const producer: Producer = {
    send: async (records) => void escritas.push(...records),
    close: async () => {},
  };
  const todas = {
    ...seguidas,
    mudanca: (numero: number, estado: Apuracao['estado']): OutputRecord => {
      anuncia(numero, estado);
      return { topic: 'apuracoes', key: String(numero), value: Buffer.from(estado) };
    },
    paraDecidir: async () => {
      const { anunciado, trocas } = esquecimentos;
      const anuncios = [apuracoes.anunciada, anunciado, trocas.anunciada];
      if (anuncios.some((um) => um !== null)) throw new RetryableError('anunciada');
    },
    ordem: (um: Omit<Esquecimento, 'em'>): OutputRecord => {
      seguidas.esquecimentos.registra({ ...um, em: 1 });
      return { topic: 'esquecimentos', key: String(um.numero), value: Buffer.from(um.anunciado ? 'a' : 'r') };
    },
    leriaTroca: () => true,
    relogio: () => 0,
    stop: async () => {},
  };
  const partes = {
    kafka: { exclusive: async () => producer },
    resolucoes: { atualiza: async () => {} },
    seguidas,
  } as unknown as PartesDaExclusividade;
  const aoDesistir = (que: string) => void desistencias.push(que);
  const paraDecidir = comPrazo(todas, partes, { limiteMs: 1_000, agora: () => agora, aoDesistir });
  const tenta = (ms: number) => {
    agora += ms;
    return paraDecidir().then(
      () => 'decide',
      () => 'espera',
    );
  };
  const esquece = () =>
    esquecimentos.registra({
      ...{ numero: 1, titular: 'pf:a', nome: 'pf:b', por: 'ana', em: 0, anunciado: true, desde: null },
      ...{ limites: { interacoes: [], presencas: [] }, fechamentos: [] },
    });
  const { trocas } = esquecimentos;
  return { anuncia, esquece, tenta, escritas, desistencias, trocas };
}

it('waits for an announced apuração, and gives it up once it stood for too long', async () => {
  const { anuncia, tenta, escritas, desistencias } = mundo();
  expect(await tenta(5_000)).toBe('decide');
  anuncia(1);
  expect([await tenta(5_000), await tenta(900)]).toEqual(['espera', 'espera']);
  expect(escritas).toEqual([]);
  expect([await tenta(200), await tenta(1)]).toEqual(['espera', 'decide']);
  expect(escritas.map(({ value }) => String(value))).toEqual(['abandonada']);
  expect(desistencias).toEqual(['apuração 1']);
});

it('gives up likewise an order to forget that nobody ends', async () => {
  const { esquece, tenta, escritas, desistencias } = mundo();
  esquece();
  expect([await tenta(0), await tenta(900), await tenta(200)]).toEqual(['espera', 'espera', 'espera']);
  expect(await tenta(1)).toBe('decide');
  expect(escritas.map(({ topic, value }) => `${topic} ${value}`)).toEqual(['esquecimentos r']);
  expect(desistencias).toEqual(['esquecimento 1']);
});

it('gives up likewise a change of key whose maker was killed', async () => {
  const { tenta, escritas, desistencias, trocas } = mundo();
  trocas.anunciada = { id: 't', por: 'ana', em: 0, anterior: 'a', nova: 'b' };
  expect([await tenta(0), await tenta(900), await tenta(200)]).toEqual(['espera', 'espera', 'espera']);
  expect(escritas.map(({ topic, value }) => [topic, JSON.parse(String(value)).estado])).toEqual([
    ['trocas-de-chave', 'retirada'],
  ]);
  expect(desistencias).toEqual(['troca de chave t']);
});

it('counts the time anew for another one, and for one that came into force meanwhile not at all', async () => {
  const { anuncia, tenta, desistencias } = mundo();
  anuncia(1);
  await tenta(0);
  anuncia(1, 'em-vigor');
  anuncia(2);
  expect([await tenta(900), await tenta(900)]).toEqual(['espera', 'espera']);
  anuncia(2, 'em-vigor');
  expect(await tenta(900)).toBe('decide');
  expect(desistencias).toEqual([]);
});
