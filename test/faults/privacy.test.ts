import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStackState } from '#platform/config-stack.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { esperaALinha } from '#platform/linha.ts';
import { connectRedis } from '#platform/redis.ts';
import { comReserva, type Evento, Produtor, transporteHttp, transporteKafka } from '#producer/index.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { until } from '../integration/until.ts';
import { atendido } from '../line/command.ts';
import { type Line, startLine } from '../line/line.ts';
import { FORMS, pontuado } from './cpf-forms.ts';
import { inMemory, inRedis, inTopics } from './cpf-places.ts';
import { CpfSearch, type Found } from './cpf-search.ts';
import {
  Answers,
  byXapi,
  event,
  misplaced,
  rightlyPlaced,
  SOLUTION,
  SOURCE,
  wrongRequests,
} from './privacy-traffic.ts';

const SERVICES = ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'];
const CRASHED = 'defeito pedido em aggregator:gravada';

const cpfs = new CpfSearch();
let line: Line;
let folder: string;
let answers: Answers;
let key: string;

const stateOf = (name: string) => readStackState(line.home)?.processos.find((p) => p.nome === name);
const addressOf = (name: string): string => stateOf(name)?.endereco ?? '';
const pidOf = (name: string): number => stateOf(name)?.processo?.pid ?? 0;
const reports = (): string[] => readdirSync(folder).filter((name) => name.startsWith('report'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atendido-privacidade-'));
  line = await startLine({
    LOG_LEVEL: 'debug',
    NODE_OPTIONS: `--report-on-signal --report-directory=${folder}`,
    // The first of the services that has records in hand ends by a bug.
    ATENDIDO_FALHA: `aggregator:gravada defeito ${join(folder, 'falhou')}`,
  });
  key = await makeKey();
  answers = new Answers(addressOf('api'), key);
}, 120_000);
afterAll(async () => {
  await line?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function makeKey(): Promise<string> {
  const operator = new Answers(addressOf('api'), resolveChaveOperacao({ ...process.env, ATENDIDO_HOME: line.home }));
  const put = (path: string, body: object) =>
    operator.call({ method: 'PUT', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  await put(`/v1/fontes/${SOURCE}`, { nome: 'LMS', unidade: 'SP' });
  await put(`/v1/portfolio/solucoes/${SOLUTION}`, { id: SOLUTION, tipoSolucao: 'curso-autoinstrucional', nome: 'C' });
  await put('/v1/portfolio/solucoes/PA-PRIV', { id: 'PA-PRIV', tipoSolucao: 'palestra', nome: 'P' });
  // Of an offer that names nobody what is derived for its participants would wait in quarantine (SEM_RESPONSAVEL).
  const responsaveis = [{ id: 'R-1', papel: 'instrutor' }];
  await put('/v1/portfolio/disponibilizacoes/PA-1', { id: 'PA-1', solucaoId: 'PA-PRIV', etapas: 1, responsaveis });
  const papeis = ['produtor', 'operacao', 'bi', 'consulta'];
  return JSON.parse((await put(`/v1/credenciais/${SOURCE}`, { source: SOURCE, papeis })).text).chave;
}

/** A list of people, and presences: the other topic. @returns the CPFs that were accepted */
async function lists(): Promise<string[]> {
  const offer = { tipoSolucao: 'palestra', solucaoId: 'PA-PRIV', disponibilizacaoId: 'PA-1', canal: 'agencia' };
  const none = { momento: undefined };
  const present = cpfs.next('a check-in');
  const participant = cpfs.next('a participant of a list');
  const closing = {
    cliente: undefined,
    participantes: [{ cliente: { pf: { cpf: pontuado(participant) } }, presencas: 1 }],
  };
  const kind = (name: string) => ({ type: `br.com.sebrae.interacao.${name}` });
  const body = [
    event(present, kind('check-in'), { ...offer, ...none, etapa: '1' }),
    event(undefined, kind('consolidacao-disponibilizacao'), { ...offer, ...none, ...closing }),
    // Waits in quarantine: nobody knows the solution.
    event(cpfs.next('what waits in quarantine'), { id: 'espera' }, { solucaoId: 'NINGUEM' }),
  ];
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  const { status, text } = await answers.call({ path: '/v1/eventos', headers, body: JSON.stringify(body) });
  expect(status, text).toBe(202);
  return [present, participant];
}

const moment = (id: string, cpf: string): Evento => ({
  tipo: 'momento-digital',
  id,
  time: '2026-03-02T10:15:00-03:00',
  data: {
    ...{ tipoSolucao: 'curso-autoinstrucional', solucaoId: SOLUTION, unidade: 'SP', canal: 'ead', momento: 'inicio' },
    cliente: { pf: { cpf } },
  },
});

/** The library, by both ways in, and over its disk. @returns the CPFs that were accepted */
async function byTheLibrary(): Promise<string[]> {
  const sent = ['the library, kept on disk', 'the library, HTTP', 'the library, Kafka'].map((where) =>
    cpfs.next(where),
  );
  const [kept = '', http = '', kafka = ''] = sent;
  const pasta = join(folder, 'reserva');
  const reserve = (url: string) =>
    comReserva(transporteHttp({ url, chave: key, pacienciaMs: 0 }), {
      ...{ pasta, segredo: 'o segredo desta reserva', pausaMs: 50 },
      avisa: (aviso) => answers.texts.push(JSON.stringify(aviso)),
    });
  const away = await reserve('http://127.0.0.1:9');
  const first = new Produtor({ source: SOURCE, transporte: away });
  expect(await first.send(moment('reserva', kept))).toMatchObject({ estado: 'guardado' });
  await away.fecha();
  expect(readdirSync(pasta).filter((name) => name.endsWith('.reserva'))).toHaveLength(1);
  expect(await cpfs.inFolder(pasta)).toEqual([]);
  const back = await reserve(addressOf('api'));
  await until(() => answers.texts.some((t) => t.startsWith('{"tipo":"entregues"')), 'the reserve to be delivered');
  const straight = await transporteKafka({ ...line, clientIdKey: line.config.clientIdKey });
  for (const [transporte, cpf] of [
    [back, http],
    [straight, kafka],
  ] as const) {
    const produtor = new Produtor({ source: SOURCE, transporte });
    const results = await Promise.all([
      produtor.send(moment(`bem-${cpf === http}`, pontuado(cpf))),
      produtor.send(moment(`${cpfs.next('an id, the library')}`, pontuado(cpf))),
      produtor.send(moment('errado', cpfs.wrong('a wrong CPF, the library'))),
    ]);
    expect(results.map((r) => r.estado)).toEqual(['aceito', 'recusado', 'recusado']);
    // The library gives its caller the caller's own id.
    answers.texts.push(...results.map(({ id: _, ...rest }) => JSON.stringify(rest)));
    await produtor.close();
    await transporte.fecha();
  }
  return sent;
}

/** What the commands say, when they are given a CPF. */
async function byCommands(accepted: string): Promise<void> {
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const given = {
    right: file('given-right.json', JSON.stringify(event(cpfs.next('explain')))),
    wrong: file('given-wrong.json', JSON.stringify(event(cpfs.wrong('explain, a wrong CPF'), { nome: 'x' }))),
    broken: file('given-broken.json', `{"id": ${cpfs.next('explain, JSON that breaks off')} "x`),
  };
  const commands = [
    ['id', pontuado(cpfs.next('atendido id'))],
    ['id', cpfs.wrong('atendido id, a wrong CPF')],
    ['explain', given.right],
    ['explain', given.wrong, '--json'],
    ['explain', given.broken],
    ['explain', cpfs.next('the name of a file')],
    ['client', accepted],
    ['client', cpfs.next('atendido client')],
    ['export', accepted, '--json', '--out', join(folder, 'export.json')],
    ['export', pontuado(accepted)],
    ['acts', '--quem', cpfs.next('atendido acts'), '--json'],
    ['key', 'create', cpfs.next('atendido key create'), '--papel', 'bi'],
  ];
  for (let n = 0; n < commands.length; n += 4) {
    const ended = await Promise.all(commands.slice(n, n + 4).map((args) => atendido(args).fim));
    answers.texts.push(...ended.map(({ saida, erros }) => saida + erros));
  }
  const { registros } = JSON.parse((await atendido(['quarantine', 'list', '--json']).fim).saida);
  const waits = registros.find((one: { evento: string }) => one.evento === 'espera').id;
  for (const args of [
    ['show', waits],
    ['fix', waits, '--set', `cliente.pf.cpf=${cpfs.next('quarantine fix')}`, '--por', cpfs.next('--por')],
    ['fix', waits, '--set', `protocolo=${cpfs.next('quarantine fix, misplaced')}`],
  ]) {
    const { saida, erros } = await atendido(['quarantine', ...args]).fim;
    answers.texts.push(saida + erros);
  }
  for (const name of Object.values(given)) rmSync(name);
}

/** Reports of each service as it stands, and the crash of a Redis in the middle of its work. */
async function crashes(): Promise<void> {
  for (const name of SERVICES) process.kill(pidOf(name), 'SIGUSR2');
  await until(() => reports().length === SERVICES.length, 'the reports');
  await until(
    () => reports().every((name) => readFileSync(join(folder, name), 'latin1').endsWith('}\n')),
    'their ends',
  );
  const redis = pidOf('redis');
  process.kill(redis, 'SIGSEGV');
  await until(() => pidOf('redis') !== redis && stateOf('redis')?.estado === 'no-ar', 'Redis to be back');
}

async function everywhere(): Promise<Found[]> {
  const metrics = await Promise.all(
    SERVICES.map(async (name) => {
      const answer = await fetch(`${addressOf(name)}/metrics`);
      return cpfs.inBytes(`/metrics of ${name}`, await answer.text());
    }),
  );
  return [
    ...answers.texts.flatMap((text) => cpfs.inBytes(`an answer: ${text.slice(0, 300)}`, text)),
    ...metrics.flat(),
    ...(await inTopics(line, cpfs)),
    ...(await inRedis(line, cpfs)),
    ...(process.platform === 'linux' ? await inMemory('Redis', pidOf('redis'), cpfs) : []),
    ...(await cpfs.inFolder(line.home)),
    ...(await cpfs.inFolder(folder)),
  ];
}

test('no CPF past the door: none in any topic, key, header, file, log, metric, answer, report, nor in Redis', async () => {
  const accepted = [...(await rightlyPlaced(answers, cpfs)), ...(await byXapi(answers, cpfs)), ...(await lists())];
  accepted.push(...(await byTheLibrary()));
  await misplaced(answers, cpfs);
  await wrongRequests(answers, cpfs);
  await conectado((c) => esperaALinha(c));
  await byCommands(accepted[0] ?? '');
  await crashes();
  await conectado((c) => esperaALinha(c));
  // All of it was decided and counted: there was something to find.
  for (const cpf of accepted) {
    const { status, text } = await answers.call({ method: 'GET', path: `/v1/clientes/${pontuado(cpf)}` });
    expect(text, `${cpfs.nameOf(cpf)}: ${status}`).toContain('"id":"pf:');
  }
  const logs = SERVICES.map((name) => readFileSync(join(line.home, 'logs', `${name}.log`), 'utf8'));
  expect(logs.filter((text) => text.includes('"level":"debug"')).length).toBeGreaterThan(1);
  expect(logs.join()).toContain(CRASHED);
  expect(readFileSync(join(line.home, 'logs', 'redis.log'), 'utf8')).toContain('REDIS BUG REPORT START');
  expect(cpfs.sent).toBeGreaterThan(250);
  expect(await everywhere()).toEqual([]);
});

test('the search sees one in each of those places, in whatever form', async () => {
  const cpf = cpfs.next('on purpose');
  for (const form of FORMS) {
    expect(cpfs.inBytes(String(form(cpf)), Buffer.concat([Buffer.from('{"x":"'), Buffer.from(form(cpf))]))).not.toEqual(
      [],
    );
  }
  await line.producer.send([
    { topic: 'atos', key: pontuado(cpf), value: null },
    { topic: 'interacoes-contabilizadas', key: 'x', value: Buffer.from(Buffer.from(`xx${cpf}`).toString('base64')) },
  ]);
  const redis = connectRedis(line.config.redis, 'test');
  await redis.hset('on-purpose', 'field', `a ${cpf} b`);
  redis.disconnect();
  await appendFile(join(line.home, 'logs', 'api.log'), `{"url":"/v1/clientes/${encodeURIComponent(pontuado(cpf))}"}\n`);
  answers.texts.push(`ATENDIDO: ${pontuado(cpf)}`);
  const found = (await everywhere()).filter((f) => f.cpf === 'on purpose').map((f) => f.where);
  for (const place of [
    'topic atos',
    'topic interacoes-contabilizadas',
    'Redis, on-purpose',
    'the memory of Redis',
    'api.log',
    'an answer',
    'dados/kafka',
  ]) {
    expect(
      found.some((where) => where.includes(place)),
      place,
    ).toBe(true);
  }
});
