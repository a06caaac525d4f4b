import { describe, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { idDeAgora } from './clientes.ts';

const pseudonimo = pseudonimizador('uma chave qualquer');
const id = (texto: string): string => idDeAgora(texto, { pseudonimo, esquecimentos: { nomeAtual: (nome) => nome } });

function recusa(texto: string): [string, string] {
  try {
    return ['', id(texto)];
  } catch (e) {
    if (e instanceof ErroHttp) return [e.codigo, e.message];
    throw e;
  }
}

describe('o cliente de um endereço', () => {
  it.each([
    ['529.982.247-25', pseudonimo('52998224725')],
    [pseudonimo('52998224725'), pseudonimo('52998224725')],
    ['12.abc.345/01de-35', 'pj:12ABC34501DE35'],
    ['pj:12abc34501de35', 'pj:12ABC34501DE35'],
    ['pj:11222333000181', 'pj:11222333000181'],
  ])('%s', (texto, esperado) => expect(id(texto)).toBe(esperado));

  it.each([
    ['52998224724', 'CPF_INVALIDO', /dígitos verificadores do CPF/],
    ['11.222.333/0001-80', 'CNPJ_INVALIDO', /dígitos verificadores do CNPJ/],
    ['abc', 'CNPJ_INVALIDO', /^não é .*CPF.*CNPJ.*pf:.*pj:/],
    ['nada', 'CNPJ_INVALIDO', /^não é .*CPF.*CNPJ.*pf:.*pj:/],
    ['pf:x', 'CNPJ_INVALIDO', /^não é .*CPF.*CNPJ.*pf:.*pj:/],
    ['pj:x', 'CNPJ_INVALIDO', /^não é .*CPF.*CNPJ.*pf:.*pj:/],
    // As long as a CNPJ, or as a CPF.
    ['pf:12345678901', 'CNPJ_INVALIDO', /^não é /],
    ['pf:12345678', 'CNPJ_INVALIDO', /^não é /],
  ])('%s não é: %s', (texto, codigo, dito) => {
    expect(recusa(texto)).toEqual([codigo, expect.stringMatching(dito)]);
    expect(recusa(texto)[1]).not.toContain(texto);
  });
});
