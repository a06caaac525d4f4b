import { describe, expect, test } from 'vitest';
import { CONTRATO } from '#domain/contrato.ts';
import { leEvento } from '#domain/evento.ts';
import { TIPOS_INTERACAO } from '#domain/interacao.ts';
import { cloudEventDe, EXIGIDOS } from './evento.ts';

describe('the typed events', () => {
  test.each(TIPOS_INTERACAO)('%s requires what the contract requires', (tipo) => {
    const { obrigatorios = [], dispensaTipo } = CONTRATO[tipo];
    const doContrato = [...(dispensaTipo ? [] : ['tipoSolucao']), ...obrigatorios];
    expect([...EXIGIDOS[tipo]].sort()).toEqual(doContrato.sort());
  });

  test('an event without an id gets one, and is what the door reads', () => {
    const evento = cloudEventDe('lms-ead', {
      tipo: 'momento-digital',
      time: new Date('2026-03-02T13:15:00Z'),
      data: { tipoSolucao: 'curso-autoinstrucional', unidade: 'SP', canal: 'ead', momento: 'inicio' },
    });
    expect(evento.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(leEvento(evento, (cpf) => cpf)).toMatchObject({
      ok: true,
      interacao: { source: 'lms-ead', tipoInteracao: 'momento-digital', time: Date.UTC(2026, 2, 2, 13, 15) },
    });
  });

  test('an id given is kept', () => {
    const evento = cloudEventDe('crm', {
      tipo: 'login',
      time: '2026-03-02T10:15:00-03:00',
      id: 'a-1',
      data: { unidade: 'SP' },
    });
    expect(evento.id).toBe('a-1');
  });
});
