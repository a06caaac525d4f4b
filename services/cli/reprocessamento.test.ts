import { expect, test } from 'vitest';
import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { codecFor } from '#platform/codec.ts';
import type { InputRecord, ReadOptions } from '#platform/kafka/port.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { ensaia } from './reprocessamento.ts';

const interacoes = await codecFor(
  { register: async () => 7, idOf: async () => 7, writer: async () => null },
  'interacoes',
);
const rulebooks = await loadRulebooks();
const [emVigor] = rulebooks.todos();
if (emVigor === undefined) throw new Error('o projeto tem um rulebook');

const AGORA = Date.parse('2026-05-02T10:00:00-03:00');
const LOGIN: Interacao = {
  ...INTERACAO_VAZIA,
  ...{ source: 'portal', id: '1', tipoInteracao: 'login', time: AGORA, unidade: 'SP', canal: 'portal' },
  cliente: { pf: 'pf:AAAAAAAAAAAAAAAAAAAAAA', pj: null, naoIdentificado: null },
};

/** One partition of `interacoes`; `chegando` comes after the ends were asked for; one came back from quarantine. */
function partesCom(valores: readonly (Interacao | string)[], chegando: readonly Interacao[] = [], voltou?: string) {
  const records = [...valores, ...chegando].map((v, offset): InputRecord => {
    const value = typeof v === 'string' ? Buffer.from(v) : interacoes.encode(v);
    return { offset, timestamp: AGORA, key: null, value, headers: {} };
  });
  const fim = (topico: string): number => (topico === 'interacoes' ? valores.length : 0);
  const admin = { offsets: async (topico: string) => [{ partition: 0, low: 0, high: fim(topico) }] };
  const kafka = {
    async readToEnd(topic: string, { to, onBatch }: ReadOptions) {
      const lidos = records.slice(0, topic === 'interacoes' ? (to?.get(0) ?? records.length) : 0);
      if (lidos.length > 0) await onBatch({ topic, partition: 0, records: lidos });
    },
  };
  const seguidas = { esquecimentos: new Esquecimentos() };
  const postas = { atualiza: async () => {}, voltou: (onde: string) => onde === voltou };
  return { kafka, admin, interacoes, portfolio: new PortfolioEmMemoria(), rulebooks, postas, seguidas };
}

const semAviso = () => ({ anda: () => {}, acaba: () => {} });
const semPortal = { ...emVigor, versao: 'sem-portal', canais: { ead: 'a-distancia' as const } };

test('what arrives after the ends were seen, what the consolidator derived and what cannot be read change nothing', async () => {
  const derivada = { ...LOGIN, id: '2', source: FONTE_CONSOLIDADOR };
  const partes = partesCom([LOGIN, 'lixo', derivada], [{ ...LOGIN, id: '3' }]);
  const ensaio = await ensaia(partes, { desde: AGORA, rulebook: semPortal }, semAviso);
  expect(ensaio).toMatchObject({ registros: 2, emVigor: emVigor.versao, rulebook: 'sem-portal', indicadores: [] });
  expect(ensaio.motivos).toEqual([
    { metrica: 'jornada', motivo: 'CADASTRO_OU_LOGIN', antes: 1, depois: 0 },
    { metrica: 'quarentena', motivo: 'CANAL_DESCONHECIDO', antes: 0, depois: 1 },
  ]);
  const depois = await ensaia(partes, { desde: AGORA + 1, rulebook: semPortal }, semAviso);
  expect(depois.motivos).toEqual([]);
});

test('what came back from quarantine as another record is decided as that one alone', async () => {
  const partes = partesCom([{ ...LOGIN, id: '2' }, LOGIN], [], 'interacoes/0/0');
  const { registros, motivos } = await ensaia(partes, { desde: AGORA, rulebook: semPortal }, semAviso);
  expect(registros).toBe(1);
  expect(motivos).toContainEqual({ metrica: 'jornada', motivo: 'CADASTRO_OU_LOGIN', antes: 1, depois: 0 });
});

test('a rulebook of the name of one in force is refused', async () => {
  const outro = { ...semPortal, versao: emVigor.versao };
  await expect(ensaia(partesCom([LOGIN]), { desde: AGORA, rulebook: outro }, semAviso)).rejects.toMatchObject({
    code: 'RULEBOOK_INVALIDO',
    message: expect.stringContaining(emVigor.versao),
  });
});
