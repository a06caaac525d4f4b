import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { type PartesDaOperacao, VisaoDaOperacao } from './operacao.ts';
import { leEnderecos, ServicoVisto } from './servicos.ts';

const servidores: Server[] = [];
afterEach(() => {
  for (const s of servidores.splice(0)) s.close();
});

/** A service that says it waits, and counts. */
async function servico(diz: { status: number; causa: string | null; metricas: () => string }): Promise<string> {
  const servidor = createServer((request, response) => {
    if (request.url === '/metrics') response.end(diz.metricas());
    else {
      response.statusCode = diz.status;
      response.end(JSON.stringify({ pronto: diz.causa === null, causa: diz.causa, pid: 1 }));
    }
  });
  servidores.push(servidor);
  await new Promise<void>((resolve) => servidor.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(servidor.address() as { port: number }).port}`;
}

describe('leEnderecos', () => {
  it('takes what is said over what is known, and the rest for unknown', () => {
    const sabidos = { ingest: 'http://a:1', api: 'http://b:2' };
    expect(leEnderecos('api=http://c:3, aggregator=http://d:4', sabidos)).toEqual({
      ...{ ingest: 'http://a:1', api: 'http://c:3', aggregator: 'http://d:4' },
      ...{ classifier: null, consolidator: null },
    });
  });

  it.each(['api', 'api=localhost', 'outro=http://a:1', 'api=ftp://a'])('refuses %s', (texto) => {
    expect(() => leEnderecos(texto, {})).toThrow('ATENDIDO_SERVICOS');
  });
});

describe('ServicoVisto', () => {
  it('says how much passes and fails a second, of the process that is there now', async () => {
    let [contadas, inicio] = [100, 1_000];
    const metricas = () =>
      [
        '# HELP atendido_interacoes_classificadas_total x',
        `atendido_interacoes_classificadas_total{resultado="contabiliza",motivo="A B"} ${contadas}`,
        'atendido_interacoes_classificadas_total{resultado="quarentena",motivo="C"} 5',
        'atendido_interacoes_classificadas_total_outra 9',
        `process_start_time_seconds ${inicio}`,
      ].join('\n');
    const visto = new ServicoVisto('classifier', await servico({ status: 503, causa: 'kafka: fora', metricas }));
    expect(await visto.olha(0)).toMatchObject({ estado: 'esperando', causa: 'kafka: fora', passaPorSegundo: null });
    contadas = 200;
    const depois = await visto.olha(10_000);
    expect(depois).toMatchObject({ desde: 1_000_000, passaPorSegundo: 10, falhaPorSegundo: 0 });
    [contadas, inicio] = [3, 2_000];
    expect(await visto.olha(12_000)).toMatchObject({ desde: 2_000_000, passaPorSegundo: null });
  });

  it('one that does not answer is out, and one that nobody told of is unknown', async () => {
    expect(await new ServicoVisto('ingest', 'http://127.0.0.1:1').olha(0)).toMatchObject({ estado: 'fora' });
    const ignorado = await new ServicoVisto('ingest', null).olha(0);
    expect(ignorado).toMatchObject({ estado: 'desconhecido', passaPorSegundo: null, falhaPorSegundo: null });
  });
});

describe('VisaoDaOperacao', () => {
  it('what is away, or hangs, hides nothing else', async () => {
    const partes: PartesDaOperacao = {
      atraso: { groups: () => [], partitions: () => [] },
      apuracoes: new Apuracoes(await loadRulebooks()),
      apuracaoServida: () => Promise.reject(new Error('o Redis não responde')),
      servidores: {
        Kafka: () => new Promise(() => undefined),
        Redis: () => Promise.reject(new Error('ECONNREFUSED')),
        registro: async () => undefined,
      },
      enderecos: leEnderecos(undefined, {}),
    };
    const { servidores, apuracao, rulebooks, servicos } = await new VisaoDaOperacao(partes).olha();
    expect(servidores).toEqual([
      { nome: 'Kafka', estado: 'fora', causa: 'sem resposta a tempo' },
      { nome: 'Redis', estado: 'fora', causa: 'ECONNREFUSED' },
      { nome: 'registro', estado: 'ok', causa: null },
    ]);
    expect(apuracao).toEqual({ emVigor: 0, servida: null });
    expect(rulebooks.filter((r) => r.deHoje)).toHaveLength(1);
    expect(servicos.map((s) => s.estado)).toEqual(Array(5).fill('desconhecido'));
  });
});
