import { expect, test } from 'vitest';
import { metricaDoNome, nomeDoContador } from '#domain/indicadores.ts';
import { Bancada, dobraSimples, emLotes, le, sorteiaLancamentos } from './aggregator-fixture.ts';

const lancamentos = sorteiaLancamentos(600, 7);
const esperado = dobraSimples(lancamentos);

test('the reader answers for one client, one indicator, some days', async () => {
  const bancada = new Bancada(4);
  const { leitor } = bancada;
  const aggregator = bancada.aggregator();
  await Promise.all(emLotes(lancamentos, 4, 20).map((doShard, particao) => le(aggregator, doShard, { particao })));
  const cliente = lancamentos.find((l) => l.cliente !== null)?.cliente ?? '';
  expect((await leitor.cliente(cliente))?.vistos.size).toBeGreaterThan(0);
  expect(await leitor.cliente('pf:ninguem')).toBeNull();
  const doAno = await leitor.indicador('clientes-atendidos', '2026');
  const nomes = Object.entries(esperado.indicadores).filter(([nome]) => nome.startsWith('clientes-atendidos|2026|'));
  expect(Object.fromEntries(doAno.map(({ n, ...c }) => [nomeDoContador(c), n]))).toEqual(Object.fromEntries(nomes));
  const dias = await leitor.metricas('2026-03-02', '2026-04-10');
  const dosDias = Object.entries(esperado.metricas).filter(([nome]) => {
    const { dia } = metricaDoNome(nome);
    return dia >= '2026-03-02' && dia <= '2026-04-10';
  });
  expect(dias.length).toBe(dosDias.length);
  expect(dias.reduce((soma, { n }) => soma + n, 0)).toBe(dosDias.reduce((soma, [, n]) => soma + n, 0));
});

test('a client with two deliveries takes less than 300 bytes of Redis', async () => {
  // As long as the name of the real generation.
  const bancada = new Bancada(1, 'xx');
  const cliente = 'pf:Zk3vN0a1bC2dE3fG4hI5jK';
  const base = { source: 'lms-ead', cliente, time: Date.UTC(2026, 2, 2), principal: true, estornada: null };
  const entrega = { ...base, metrica: 'atendimento', unidade: 'SP', motivo: 'MOMENTO_INICIO' };
  const credito = { quantidade: 1, comPj: true, ladoDePf: false };
  const [registros = []] = emLotes(
    [
      {
        ...entrega,
        id: '0197a7c5-26e8-7a44-9a3f-0c9b7a1de001',
        tipoSolucao: 'curso-autoinstrucional',
        canal: 'ead',
        modalidade: 'a-distancia',
        credito: { ...credito, chave: 'curso-autoinstrucional|solucaoId=CA-100|matriculaId=M-123456' },
      },
      {
        ...entrega,
        id: `PAL-2026-0001/${cliente}/1`,
        source: 'atendido-consolidador',
        tipoSolucao: 'palestra',
        canal: 'local-evento',
        modalidade: 'presencial',
        credito: { ...credito, chave: 'palestra|disponibilizacaoId=PAL-2026-0001' },
      },
    ],
    1,
    9,
  );
  await le(bancada.aggregator(), registros);
  const chave = (await bancada.chaves()).find((c) => c.endsWith(cliente)) ?? '';
  const bytes = (await bancada.redis.call('MEMORY', 'USAGE', chave)) as number;
  console.info(`${bytes} bytes de Redis para um cliente com duas entregas`);
  expect(bytes).toBeLessThan(300);
});
