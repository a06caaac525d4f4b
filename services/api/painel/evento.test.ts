import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { criaServidor, type Servidor } from '#platform/http/servidor.ts';
import type { ReadOptions } from '#platform/kafka/port.ts';
import { Readiness } from '#platform/readiness.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { registraEvento } from './evento.ts';
import type { ContextoDoPainel } from './rotas.ts';

const MARIA = 'pf:MMMMMMMMMMMMMMMMMMMMMM';
const NOVA = 'pf:NNNNNNNNNNNNNNNNNNNNNN';
const OUTRA = 'pf:OOOOOOOOOOOOOOOOOOOOOO';
const EM = Date.parse('2026-03-02T10:15:00-03:00');
const DEPOIS = EM + 86_400_000;
/** From here on of `interacoes` Maria is somebody else. */
const LIMITE = 10;

const login: Interacao = {
  ...INTERACAO_VAZIA,
  ...{ source: 'crm', id: 'e1', tipoInteracao: 'login', time: EM, unidade: 'SP' },
};
const cliente = (pf: string | null, pj: string | null = null): Interacao['cliente'] => {
  return { pf, pj: pj === null ? null : { id: pj, vinculo: 'indicacao' }, naoIdentificado: null };
};

function ordem(encerrado: boolean): Esquecimentos {
  const esquecimentos = new Esquecimentos();
  esquecimentos.registra({
    ...{ numero: 1, titular: MARIA, nome: NOVA, por: 'ana', em: DEPOIS, anunciado: false, desde: DEPOIS },
    limites: { interacoes: [LIMITE], presencas: [LIMITE] },
    fechamentos: [{ apuracao: 0, interacoes: [LIMITE], encerrado }],
  });
  return esquecimentos;
}

let app: Servidor;
afterEach(() => app.close());

/** What is answered where a log of one record holds this interaction at this offset. */
async function pergunta(guardada: Interacao, offset: number, esquecimentos = ordem(true)) {
  const value = Buffer.from(JSON.stringify(guardada));
  const readToEnd = async (_topico: string, { onBatch }: ReadOptions) =>
    onBatch({ topic: 'interacoes', partition: 0, records: [{ offset, timestamp: EM, key: null, value, headers: {} }] });
  const apuracoes = new Apuracoes(await loadRulebooks());
  const quarentena = {
    kafka: { reader: async () => ({ readToEnd, close: async () => {} }) },
    admin: {
      partitionCount: async () => 1,
      offsets: async () => [{ partition: 0, low: 0, high: offset + 1 }],
    },
    interacoes: { prepareIds: async () => {}, decodeSync: (v: Buffer) => JSON.parse(String(v)) },
    ...{ apuracoes, portfolio: new PortfolioEmMemoria() },
  };
  const exigeQuem = () => ({ quarentena, apuracoes, esquecimentos, entra: () => {} });
  const log = pino({ level: 'silent' });
  app = criaServidor({ log, readiness: new Readiness(), metricas: new Registry(), bodyLimit: 1_000 });
  registraEvento({ app, exigeQuem } as unknown as ContextoDoPainel);
  const { source, id } = guardada;
  const consulta = new URLSearchParams({ cliente: MARIA, source, id, time: new Date(EM).toISOString() });
  const { statusCode, body } = await app.inject(`/painel/dados/evento?${consulta}`);
  return { statusCode, body, data: JSON.parse(body).evento?.data };
}

describe('an event of the log, as whose it is by now', () => {
  it('of who was forgotten nothing is told: neither the id of before nor the one of after', async () => {
    const { statusCode, body, data } = await pergunta({ ...login, cliente: cliente(MARIA) }, 3);
    expect([statusCode, data.unidade, data.cliente]).toEqual([200, 'SP', {}]);
    expect(body).not.toMatch(/pf:/);
  });

  it('the company that stood beside is told of', async () => {
    const { body, data } = await pergunta({ ...login, cliente: cliente(MARIA, 'pj:11222333000181') }, 3);
    expect(data.cliente).toEqual({ pj: { cnpj: '11222333000181', vinculo: 'indicacao' } });
    expect(body).not.toMatch(/pf:/);
  });

  it('in a list the others stay', async () => {
    const de = (pf: string) => ({ cliente: cliente(pf), presencas: 1, frequencia: null, papel: null });
    const participantes = [de(MARIA), de(OUTRA)] as Interacao['participantes'];
    const { body, data } = await pergunta({ ...login, participantes }, 3);
    expect(data.participantes).toMatchObject([{ cliente: { pf: { id: OUTRA } } }]);
    expect(body).not.toContain(MARIA);
  });

  it('sent again behind the order, of what happened before it, nor that', async () => {
    const { body } = await pergunta({ ...login, cliente: cliente(MARIA) }, LIMITE + 1);
    expect(body).not.toMatch(/pf:/);
  });

  it('what happened from then on is told of somebody never seen', async () => {
    const { body, data } = await pergunta({ ...login, time: DEPOIS, cliente: cliente(MARIA) }, LIMITE + 1);
    expect(data.cliente).toEqual({ pf: { id: NOVA } });
    expect(body).not.toContain(MARIA);
  });

  it('of a participation derived for a company too, nor the id inside its own', async () => {
    const id = `PAL-1/${MARIA}/1`;
    const derivada = { ...login, source: 'atendido-consolidador', id, cliente: cliente(MARIA, 'pj:11222333000181') };
    const { statusCode, body } = await pergunta(derivada, 3);
    expect([statusCode, JSON.parse(body).evento.id]).toEqual([200, 'PAL-1/***/1']);
    expect(body).not.toMatch(/pf:/);
    await app.close();
    expect((await pergunta(derivada, 3, new Esquecimentos())).body).toContain(id);
  });

  it('nobody forgotten, the person is there', async () => {
    const { data } = await pergunta({ ...login, cliente: cliente(MARIA) }, 3, new Esquecimentos());
    expect(data.cliente).toEqual({ pf: { id: MARIA } });
  });
});
