import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { InstanciasVistas, leEnderecos } from './instancias.ts';
import { type PartesDaOperacao, VisaoDaOperacao } from './operacao.ts';
import { ServicoVisto } from './servicos.ts';

const servidores: Server[] = [];
afterEach(() => {
  for (const s of servidores.splice(0)) s.close();
});

interface Diz {
  status: number;
  causa: string | null;
  metricas: () => string;
  /** Of what it answers there. */
  statusDasMetricas?: number;
}

/** A service that says how it is, and counts. @returns its port */
async function servico(diz: Diz, { maquina = '127.0.0.1', porta = 0 } = {}): Promise<number> {
  const servidor = createServer((request, response) => {
    if (request.url === '/metrics') {
      response.statusCode = diz.statusDasMetricas ?? 200;
      response.end(diz.metricas());
    } else {
      response.statusCode = diz.status;
      response.end(JSON.stringify({ pronto: diz.causa === null, causa: diz.causa, pid: 1 }));
    }
  });
  servidores.push(servidor);
  await new Promise<void>((resolve) => servidor.listen(porta, maquina, resolve));
  return (servidor.address() as { port: number }).port;
}

/** One that is well, and where a name that leads to several would find it. */
async function bem(maquina: string, porta = 0): Promise<number> {
  const metricas = () => 'process_start_time_seconds 1';
  return servico({ status: 200, causa: null, metricas }, { maquina, porta });
}

const emMaquina = (porta: number) => ({ endereco: `http://127.0.0.1:${porta}`, maquina: '127.0.0.1' });

describe('leEnderecos', () => {
  it('takes what is said over what is known, and the rest for unknown', () => {
    const sabidos = { ingest: ['http://a:1'], api: ['http://b:2'] };
    expect(leEnderecos('api=http://c:3, aggregator=http://d:4/', sabidos)).toEqual({
      ...{ ingest: ['http://a:1'], api: ['http://c:3'], aggregator: ['http://d:4'] },
      ...{ classifier: [], consolidator: [] },
    });
  });

  it('takes several of a service, one behind the other or named again', () => {
    const texto = 'classifier=http://a:1, http://b:1,aggregator=https://c:1,classifier=http://[::1]:2';
    expect(leEnderecos(texto, { classifier: ['http://x:9'] })).toMatchObject({
      classifier: ['http://a:1', 'http://b:1', 'http://[::1]:2'],
      aggregator: ['https://c:1'],
    });
  });

  it.each([
    'api',
    'api=localhost',
    'outro=http://a:1',
    'api=ftp://a',
    'http://a:1,api=http://b:1',
    'api=',
    'api=http://a:1,b:1',
  ])('refuses %s', (texto) => {
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
    const porta = await servico({ status: 503, causa: 'kafka: fora', metricas });
    const visto = new ServicoVisto('classifier', emMaquina(porta));
    expect(await visto.olha(0, 'c-1')).toMatchObject({
      estado: 'esperando',
      causa: 'kafka: fora',
      passaPorSegundo: null,
    });
    contadas = 200;
    const depois = await visto.olha(10_000, 'c-1');
    expect(depois).toMatchObject({ desde: 1_000_000, passaPorSegundo: 10, falhaPorSegundo: 0 });
    [contadas, inicio] = [3, 2_000];
    expect(await visto.olha(12_000, 'c-1')).toMatchObject({ desde: 2_000_000, passaPorSegundo: null });
  });

  it.each([
    ['answers with an error', 500, 'process_start_time_seconds 1'],
    ['answers something else', 200, '<html>'],
  ])('one whose /metrics %s passes an unknown number, not zero', async (_caso, statusDasMetricas, texto) => {
    const porta = await servico({ status: 200, causa: null, metricas: () => texto, statusDasMetricas });
    const visto = new ServicoVisto('ingest', emMaquina(porta));
    const nada = { estado: 'ok', desde: null, passaPorSegundo: null, falhaPorSegundo: null };
    for (const agora of [0, 2_000]) expect(await visto.olha(agora, 'i-1')).toMatchObject(nada);
  });

  it('one that does not answer, refused or in time, is unknown, and no number of it is zero', async () => {
    const nada = { estado: 'desconhecido', passaPorSegundo: null, falhaPorSegundo: null, desde: null };
    expect(await new ServicoVisto('ingest', emMaquina(1)).olha(0, 'i-1')).toMatchObject({
      ...{ instancia: 'i-1', causa: 'ninguém atende neste endereço (ECONNREFUSED)', ...nada },
    });
    const calado = createServer(() => undefined);
    servidores.push(calado);
    await new Promise<void>((resolve) => calado.listen(0, '127.0.0.1', resolve));
    const { port } = calado.address() as { port: number };
    const semResposta = await new ServicoVisto('ingest', emMaquina(port)).olha(0, 'i-2');
    calado.closeAllConnections();
    expect(semResposta).toMatchObject({ causa: 'sem resposta a tempo', ...nada });
  });
});

describe('InstanciasVistas', () => {
  const estados = (linhas: { instancia: string | null; estado: string }[]) =>
    linhas.map(({ instancia, estado }) => `${instancia} ${estado}`);

  it('is one line that says so where nobody told of the service', async () => {
    const [ignorado, ...mais] = await new InstanciasVistas('ingest', []).olha(0);
    expect(mais).toEqual([]);
    expect(ignorado).toMatchObject({ instancia: null, estado: 'desconhecido', passaPorSegundo: null });
    expect(ignorado?.causa).toContain('ATENDIDO_SERVICOS');
  });

  it('are those of several addresses, each for itself', async () => {
    const [porta, outra] = [await bem('127.0.0.1'), await bem('127.0.0.1')];
    const enderecos = [porta, 1, outra, porta].map((p) => `http://127.0.0.1:${p}`);
    expect(estados(await new InstanciasVistas('ingest', enderecos).olha(0))).toEqual([
      `127.0.0.1:${porta} ok`,
      '127.0.0.1:1 desconhecido',
      `127.0.0.1:${outra} ok`,
    ]);
  });

  it('are all that a name leads to, of each its own numbers, and no other once it leads elsewhere', async () => {
    let contadas = 0;
    const conta = (quanto: number) => () =>
      `process_start_time_seconds 1\natendido_eventos_recebidos_total{estado="aceito"} ${quanto * contadas}`;
    const um = { status: 200, causa: null, metricas: conta(1) };
    const porta = await servico(um, { maquina: '127.0.0.2' });
    await servico({ status: 503, causa: 'kafka', metricas: conta(5) }, { maquina: '127.0.0.3', porta });
    let leva: readonly string[] | Error = ['127.0.0.3', '127.0.0.2', '127.0.0.4'];
    const procuradas: string[] = [];
    const procura = async (maquina: string) => {
      procuradas.push(maquina);
      if (leva instanceof Error) throw leva;
      return leva;
    };
    const vistas = new InstanciasVistas('ingest', [`http://ingest.local:${porta}`], procura);
    await vistas.olha(0);
    contadas = 10;
    const linhas = await vistas.olha(10_000);
    expect(linhas.map((l) => [l.instancia, l.estado, l.passaPorSegundo])).toEqual([
      [`127.0.0.2:${porta}`, 'ok', 1],
      [`127.0.0.3:${porta}`, 'esperando', 5],
      [`127.0.0.4:${porta}`, 'desconhecido', null],
    ]);
    // Nobody can say just now: those that were known are asked all the same.
    leva = new Error('getaddrinfo EAI_AGAIN');
    expect(await vistas.olha(11_000)).toHaveLength(3);
    leva = ['127.0.0.3'];
    expect(estados(await vistas.olha(12_000))).toEqual([`ingest.local:${porta} esperando`]);
    // Back at an address where one was before: nothing is known yet of how much passes.
    leva = ['127.0.0.2'];
    expect(await vistas.olha(13_000)).toMatchObject([{ estado: 'ok', passaPorSegundo: null }]);
    // Nobody's any more: what stands where it led may be another service.
    leva = Object.assign(new Error('getaddrinfo ENOTFOUND ingest.local'), { code: 'ENOTFOUND' });
    const [ninguem, ...mais] = await vistas.olha(14_000);
    expect([ninguem?.estado, ninguem?.causa, mais]).toEqual([
      ...['desconhecido', 'não há máquina com este nome (ENOTFOUND)', []],
    ]);
    expect(new Set(procuradas)).toEqual(new Set(['ingest.local']));
  });

  it('of a name that leads nowhere are one line, which is unknown', async () => {
    const [linha, ...mais] = await new InstanciasVistas('api', ['http://nao-existe.invalid:8080']).olha(0);
    expect(mais).toEqual([]);
    expect(linha).toMatchObject({ instancia: 'nao-existe.invalid:8080', estado: 'desconhecido', desde: null });
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
