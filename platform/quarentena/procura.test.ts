import { expect, test } from 'vitest';
import { type Esquecimento, Esquecimentos } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { estaNaQuarentena, type PartesDaProcura } from './procura.ts';

const nome = (letra: string): string => `pf:${letra.repeat(22)}`;
const [MARIA, ANTIGO, JOANA, NOVA] = ['m', 'a', 'j', 'n'].map(nome) as [string, string, string, string];
const ANTES = 10;
const DESDE = Date.parse('2026-03-02T12:00:00Z');

/** What was set aside of `pf`, as a client or in a list. @param posicao where it stands in `interacoes` */
const posta = (pf: string, posicao = ANTES, { lista = false, time = DESDE - 1 } = {}) => {
  const cliente = { pf, pj: null, naoIdentificado: null };
  const participantes = [{ cliente, presencas: 1, frequencia: null, papel: null }];
  const interacao: Interacao = {
    ...{ ...INTERACAO_VAZIA, source: 'crm', time },
    ...(lista ? { participantes } : { cliente }),
  };
  return { valor: Buffer.from(JSON.stringify(interacao)), topico: 'interacoes', particao: 0, posicao };
};
const FORGOTTEN: Esquecimento = {
  ...{ numero: 1, titular: MARIA, nome: NOVA, por: 'ana', em: 0, anunciado: false, desde: DESDE, fechamentos: [] },
  limites: { interacoes: [ANTES + 1], presencas: [0] },
};

function procura(postas: object[], esquecidos: Esquecimento[] = []) {
  const esquecimentos = new Esquecimentos();
  for (const um of esquecidos) esquecimentos.registra(um);
  const paraTexto = (um: object): Buffer => {
    const { valor, ...resto } = um as { valor: Buffer };
    return Buffer.from(JSON.stringify({ ...resto, valor: valor.toString('latin1') }));
  };
  const records = postas.map((um, offset) => ({ value: paraTexto(um), offset, timestamp: 0 }));
  const codec = {
    prepareIds: async () => {},
    decodeSync: (value: Buffer) => {
      const lido = JSON.parse(value.toString());
      return 'valor' in lido && 'topico' in lido ? { ...lido, valor: Buffer.from(lido.valor, 'latin1') } : lido;
    },
  };
  const partes = {
    kafka: { readToEnd: async (_: string, { onBatch }: { onBatch: (l: object) => unknown }) => onBatch({ records }) },
    quarentenas: codec,
    interacoes: codec,
    seguidas: { apuracoes: { derivadaPor: () => null }, esquecimentos },
  };
  return estaNaQuarentena(partes as unknown as PartesDaProcura, [MARIA, ANTIGO]);
}

test('finds who waits under their own name, or under one by which others told of them; nobody else', async () => {
  expect(await procura([posta(JOANA), posta(MARIA)])).toBe(true);
  expect(await procura([posta(JOANA), posta(ANTIGO)])).toBe(true);
  expect(await procura([posta(ANTIGO, ANTES, { lista: true })])).toBe(true);
  expect(await procura([posta(JOANA)])).toBe(false);
});

test('of who was forgotten, what came before is of nobody, under whichever name; what came and happened since is theirs', async () => {
  const depois = { time: DESDE };
  for (const pf of [MARIA, ANTIGO]) {
    expect(await procura([posta(pf)], [FORGOTTEN])).toBe(false);
    expect(await procura([posta(pf, ANTES + 1)], [FORGOTTEN])).toBe(false);
    expect(await procura([posta(pf, ANTES + 1, depois)], [FORGOTTEN])).toBe(true);
  }
});
