import { afterAll, expect, test } from 'vitest';
import { type Apuracao, Apuracoes } from '#domain/apuracao.ts';
import { Rulebooks } from '#domain/rulebook.ts';
import { apaga, apiNoAr, CLIENTE, conta, grava, redis, rulebooks } from './api-read-fixture.ts';

const PAPEIS = '{geracao}';
/** Two generations; the second of another apuração, whose rulebook cites another clause. */
const [A, B] = [`sa${process.pid}`, `sb${process.pid}.1`];
const PROCESSADAS = 60;
const TROCAS = 60;

const velho = rulebooks.todos()[0];
if (velho === undefined) throw new Error('não há rulebook');
const { palestra } = velho.tiposSolucao;
if (palestra === undefined) throw new Error('não há palestra');
const novo = {
  ...velho,
  versao: 'outro',
  tiposSolucao: { ...velho.tiposSolucao, palestra: { ...palestra, clausula: '9.9', propostaValor: 'outra' } },
};
const apuracao: Apuracao = {
  ...{ numero: 1, base: 0, estado: 'em-vigor', por: 'teste', em: 0, desde: 0, versao: 'outro' },
  ...{ rulebook: () => novo, limites: { interacoes: [], presencas: [] } },
};

afterAll(async () => {
  await redis.del(PAPEIS);
  await Promise.all([apaga(A), apaga(B)]);
  redis.disconnect();
});

/** So many deliveries of the client and of as many other people. */
const entregas = (quantas: number) =>
  Array.from({ length: quantas }, (_, n) => [
    conta('2026-03-02T10:00:00-03:00', 'palestra'),
    conta('2026-04-02T10:00:00-03:00', 'palestra', { cliente: `pf:troca${n}`.padEnd(25, '0') }),
  ]).flat();

/** What each call answers of each generation, as one text: anything else is of both, or of half of one. */
const CHAMADAS: readonly [caminho: string, resumo: (corpo: never) => unknown][] = [
  [
    `/v1/clientes/${CLIENTE}/entregas`,
    ({ total, itens }: { total: number; itens: { regra: string; rulebook: string }[] }) => {
      return [
        total,
        itens.length,
        new Set(itens.map((i) => `${i.regra} ${i.rulebook}`)).size,
        `${itens[0]?.regra} ${itens[0]?.rulebook}`,
      ];
    },
  ],
  [
    '/v1/indicadores/clientes-atendidos?periodo=2026',
    (r: { clientes: number; atendimentos: number; porMes: object; porPropostaValor: object }) => {
      return [r.clientes, r.atendimentos, r.porMes, r.porPropostaValor];
    },
  ],
  [
    '/v1/metricas?de=2026-01-01&ate=2026-12-31&agrupar=mes,propostaValor&ordem=nome',
    ({ total, itens }: { total: number; itens: object[] }) => [total, itens],
  ],
];

test('while generations are changed for each other under load, no answer is of two, nor of one that is going', async () => {
  const apuracoes = new Apuracoes(new Rulebooks(rulebooks.todos()));
  apuracoes.registra(apuracao);
  const api = await apiNoAr({ apuracoes });
  const faz = async (geracao: string) =>
    grava(geracao, entregas(geracao === A ? 2 : 3), apuracoes.rulebooks(geracao === A ? 0 : 1));
  await redis.hset(PAPEIS, 'viva', A);
  await Promise.all([faz(A), faz(B)]);
  const le = async ([caminho, resumo]: (typeof CHAMADAS)[number]): Promise<string> => {
    const { status, corpo } = await api.pede(caminho);
    return status === 200 ? JSON.stringify(resumo(corpo as never)) : `${status} ${JSON.stringify(corpo)}`;
  };
  const certas = new Map<string, string[]>();
  for (const viva of [A, B]) {
    await redis.hset(PAPEIS, 'viva', viva);
    for (const chamada of CHAMADAS) certas.set(chamada[0], [...(certas.get(chamada[0]) ?? []), await le(chamada)]);
  }

  expect(certas.get(CHAMADAS[0]?.[0] ?? '')).toEqual([
    JSON.stringify([2, 2, 1, '1.1 2024-1']),
    JSON.stringify([3, 3, 1, '9.9 outro']),
  ]);

  let acabou = false;
  let respondidas = 0;
  const erradas: string[] = [];
  const vistas = new Map<string, number>();
  const cliente = async (chamada: (typeof CHAMADAS)[number]): Promise<void> => {
    while (!acabou) {
      const resposta = await le(chamada);
      respondidas += 1;
      vistas.set(resposta, (vistas.get(resposta) ?? 0) + 1);
      if (!certas.get(chamada[0])?.includes(resposta)) erradas.push(`${chamada[0]}: ${resposta}`);
    }
  };
  const clientes = CHAMADAS.flatMap((chamada) => [cliente(chamada), cliente(chamada), cliente(chamada)]);
  let viva = B;
  for (let troca = 0; troca < TROCAS; troca += 1) {
    const [sai, entra] = viva === A ? [A, B] : [B, A];
    await redis.hset(PAPEIS, 'viva', entra);
    viva = entra;
    // The one that is gone goes at once, as `rebuild discard` has it, and is made anew before its next turn.
    await apaga(sai);
    const antes = respondidas;
    await faz(sai);
    while (respondidas < antes + PROCESSADAS / 10) await redis.ping();
  }
  acabou = true;
  await Promise.all(clientes);
  await api.fecha();

  expect(erradas).toEqual([]);
  for (const [caminho, [deA = '', deB = '']] of certas) {
    expect(deA, caminho).not.toBe(deB);
    expect(
      [caminho, vistas.get(deA) ?? 0, vistas.get(deB) ?? 0].map((n) => (typeof n === 'number' ? n > 10 : n)),
    ).toEqual([...[caminho, true, true]]);
  }
});
