import { describe, expect, it } from 'vitest';
import { cpfForaDoLugar, ERROS_HTTP } from '#platform/http/erros.ts';

import { errosDaPorta, RECUSAS, saidaDe } from './recusas.ts';

const colunaDe = (campo: string) => (campo === 'time' ? 'Data' : null);
const campos = (detalhe: string) =>
  errosDaPorta('ESQUEMA_INVALIDO', detalhe, colunaDe).map((e) => [e.campo, e.detalhe]);

describe('errosDaPorta', () => {
  it('tells the fields of a refusal apart', () => {
    expect(errosDaPorta('ESQUEMA_INVALIDO', 'time: obrigatório; data.unidade: não é um de AC, AL', colunaDe)).toEqual([
      { codigo: 'ESQUEMA_INVALIDO', campo: 'time', coluna: 'Data', detalhe: 'obrigatório' },
      { codigo: 'ESQUEMA_INVALIDO', campo: 'data.unidade', coluna: null, detalhe: 'não é um de AC, AL' },
    ]);
  });
  it('leaves a refusal whole that names none', () => {
    expect(campos('campos que o contrato não tem: a, b')).toEqual([[null, 'campos que o contrato não tem: a, b']]);
    expect(campos(cpfForaDoLugar('data.protocolo'))).toHaveLength(1);
  });
  it('hides what looks like a CPF', () => expect(campos('id: 529.982.247-25')).toEqual([['id', '***']]));
});

it('says what to do to every code there is', () => {
  for (const codigo of [...Object.keys(RECUSAS), ...Object.keys(ERROS_HTTP)]) {
    expect(saidaDe(codigo), codigo).not.toBe(saidaDe('CODIGO_QUE_NAO_HA'));
  }
});
