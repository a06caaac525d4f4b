import { describe, expect, it } from 'vitest';
import { cnpjValido, cpfValido, idDaPj, normalizaDocumento, PSEUDONIMO_PF, pseudonimizador } from './documento.ts';

describe('CPF', () => {
  it.each(['52998224725', '529.982.247-25', ' 529 982 247 25 ', '11144477735', '00000000191', '12345678909'])(
    '%s é válido',
    (cpf) => expect(cpfValido(cpf)).toBe(true),
  );

  it.each([
    ...Array.from({ length: 10 }, (_, d) => String(d).repeat(11)),
    '52998224724',
    '52998224735',
    '5299822472',
    '529982247255',
    '5299822472A',
    '',
    '529,982,247,25',
    '５２９９８２２４７２５',
  ])('%s não é', (cpf) => expect(cpfValido(cpf)).toBe(false));
});

describe('CNPJ', () => {
  it.each(['11222333000181', '11.222.333/0001-81', '00000000000191', '12ABC34501DE35', '12.abc.345/01de-35'])(
    '%s é válido',
    (cnpj) => expect(cnpjValido(cnpj)).toBe(true),
  );

  it.each([
    ...Array.from({ length: 10 }, (_, d) => String(d).repeat(14)),
    'AAAAAAAAAAAAAA',
    '11222333000182',
    '12ABC34501DE36',
    '12ABC34501DE3A',
    '1122233300018',
    '112223330001811',
    '',
  ])('%s não é', (cnpj) => expect(cnpjValido(cnpj)).toBe(false));

  it('é público: a identidade é ele mesmo, sem pontuação e em maiúsculas', () => {
    expect(idDaPj('12.abc.345/01de-35')).toBe('pj:12ABC34501DE35');
    expect(normalizaDocumento('11.222.333/0001-81')).toBe('11222333000181');
  });
});

describe('o pseudônimo de um CPF', () => {
  const pseudonimo = pseudonimizador('chave-de-teste-com-mais-de-16');

  it('é o HMAC-SHA-256, como o calcula outro programa', () => {
    // printf 52998224725 | openssl dgst -sha256 -hmac chave-de-teste-com-mais-de-16 -binary | base64 | tr +/ -_ | cut -c1-22
    expect(pseudonimo('52998224725')).toBe('pf:H6FLAw5aXlSivKeoDsyA6f');
  });

  it('não depende da pontuação, depende da chave, e tem a forma que se reconhece', () => {
    expect(pseudonimo('529.982.247-25')).toBe(pseudonimo('52998224725'));
    expect(pseudonimizador('outra-chave-qualquer')('52998224725')).not.toBe(pseudonimo('52998224725'));
    expect(pseudonimo('52998224725')).toMatch(PSEUDONIMO_PF);
  });
});
