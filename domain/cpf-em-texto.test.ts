import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { campoComCpf, ondeHaCpf, temCpf } from './cpf-em-texto.ts';
import { INTERACAO_VAZIA, type Interacao } from './interacao.ts';
import { ocultaCpf } from './oculta-cpf.ts';

describe('a CPF in a text', () => {
  it.each([
    '52998224725',
    '529.982.247-25',
    '529 982 247 25',
    '529-982-247-25',
    '529.982.247/25',
    '529.982.247 - 25',
    '529.982.247–25',
    '529982247-25',
    'cpf52998224725',
    'M-52998224725-2026',
    'aluno_529.982.247-25@escola',
    'fulano, CPF nº 529.982.247-25.',
    '１２３４５６７８９０９',
    '529\u200b982\u200b247\u200b25',
    '00052998224725',
    '052998224725',
    '00000000000052998224725',
    '00000000-0000-0000-0000-052998224725',
    '{00000000-0000-0000-0000-052998224725}',
    '00000000000000000000052998224725',
    'urn:uuid:00000000-0000-0000-0000-052998224725',
    '00000000-0000-0000-0000-a52998224725',
    '12345678901 e 52998224725',
    '52998224725-0000-4000-8000-000000000000',
    'mailto:52998224725@sebrae.com.br',
  ])('%s', (texto) => {
    expect(temCpf(texto)).toBe(true);
    expect(ocultaCpf(texto)).not.toMatch(/52998224725|529\D{1,3}982|１２３/);
    // Nor most of it: the rest follows.
    expect(ocultaCpf(texto)).not.toMatch(/998224|224725/);
  });

  it.each([
    ['wrong check digits', '52998224724'],
    ['one digit over and over', '11111111111'],
    ['a CNPJ', '11.222.333/0001-81'],
    ['a CNPJ, digits', '11222333000181'],
    ['a CNPJ that ends in a CPF', '00000000000191'],
    ['a longer number', '152998224725'],
    ['a longer number', '529982247251'],
    ['an instant', '1772446500123'],
    ['ten digits', '5299822472'],
    ['a UUID with a CPF by chance', '9f0e0000-0000-4000-8000-a52998224725'],
    ['a UUID of version 7, in capitals', '019F0E00-0000-7000-A000-A52998224725'],
    ['a hash with one by chance', `${'ab'.repeat(20)}52998224725${'cd'.repeat(6)}f`],
    ['nothing', ''],
  ])('none in %s: %s', (_, texto) => {
    expect(temCpf(texto)).toBe(false);
  });

  it('one in a hundred numbers of eleven digits is taken for one, and no other identifier is', () => {
    let [semente, numeros] = [1, 0];
    const N = 200_000;
    for (let n = 0; n < N; n += 1) {
      semente = (semente * 48_271) % 2_147_483_647;
      const alto = String(semente % 1_000_000).padStart(6, '0');
      semente = (semente * 48_271) % 2_147_483_647;
      if (temCpf(alto + String(semente % 100_000).padStart(5, '0'))) numeros += 1;
    }
    expect(numeros / N).toBeGreaterThan(0.009);
    expect(numeros / N).toBeLessThan(0.011);
    const emSerie = Array.from({ length: 100_000 }, (_, n) => temCpf(String(n).padStart(11, '0')));
    expect(emSerie.filter(Boolean).length).toBeLessThanOrEqual(1_000);
    const uuids = Array.from({ length: 100_000 }, () => temCpf(randomUUID()));
    expect(uuids.filter(Boolean)).toEqual([]);
  });
});

describe('where', () => {
  const CPF = '529.982.247-25';
  const interacao: Interacao = {
    ...INTERACAO_VAZIA,
    source: 'lms',
    id: '1',
    tipoInteracao: 'login',
    time: 90_000_000_094,
    unidade: 'SP',
    cliente: {
      pf: 'pf:52998224725abcdefghijk',
      pj: { id: 'pj:11222333000181', vinculo: 'indicacao' },
      naoIdentificado: null,
    },
    pjCriada: '11222333000181',
  };

  it('documents where they belong are none', () => {
    expect(campoComCpf(interacao)).toBeNull();
  });

  const ninguem = { pf: null, pj: null, naoIdentificado: { perfil: CPF, quantidade: 1 } };
  it.each<[string, Partial<Interacao>]>([
    ['id', { id: CPF }],
    ['source', { source: CPF }],
    ['type', { tipoInteracao: CPF }],
    ['data.solucaoId', { solucaoId: CPF }],
    ['data.matriculaId', { matriculaId: `M${CPF}` }],
    ['data.valor', { valor: 52998224725 }],
    ['data.responsavel.id', { responsavel: { id: CPF, papel: 'tecnico' } }],
    ['data.estornada.id', { estornada: { source: 'lms', id: CPF } }],
    ['data.cliente.naoIdentificado.perfil', { cliente: ninguem }],
    [
      'data.participantes.0.cliente.naoIdentificado.perfil',
      { participantes: [{ cliente: ninguem, presencas: null, frequencia: null, papel: null }] },
    ],
  ])('%s', (campo, parte) => {
    expect(campoComCpf({ ...interacao, ...parte })).toBe(campo);
  });

  it('names of a map too', () => {
    expect(ondeHaCpf({ id: 'S1', momentos: { [CPF]: true } })).toBe(`momentos.${CPF}`);
    expect(ondeHaCpf({ id: 'S1', responsaveis: [{ id: 'r' }, { id: CPF }] })).toBe('responsaveis.1.id');
  });
});

describe('what is told', () => {
  it('keeps UUIDs, by which events are found, and hides a CPF beside them', () => {
    const id = '1b4e28ba-2fa1-4d2a-883f-012998224725';
    expect(ocultaCpf(`${id} de 529.982.247-25`)).toBe(`${id} de ***`);
    expect(ocultaCpf(`a${id}`)).toContain('***');
  });
});
