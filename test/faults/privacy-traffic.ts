import { connect } from 'node:net';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pontuado } from './cpf-forms.ts';
import type { CpfSearch } from './cpf-search.ts';

export const SOURCE = 'lms-privacidade';
export const SOLUTION = 'CA-PRIV';

type Body = string | Uint8Array<ArrayBuffer>;
interface Call {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: Body;
}

/** Everything that came back, as it came, so that it can be searched. */
export class Answers {
  readonly texts: string[] = [];
  readonly #api: string;
  readonly #key: string;

  constructor(api: string, key: string) {
    this.#api = api;
    this.#key = key;
  }

  async call({ method = 'POST', path, headers = {}, body }: Call): Promise<{ status: number; text: string }> {
    const answer = await fetch(this.#api + path, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    this.texts.push(`${method} ${answer.status} ${JSON.stringify([...answer.headers])} ${text}`);
    return { status: answer.status, text };
  }

  /** What no HTTP client would send. */
  async raw(bytes: string): Promise<void> {
    const { hostname, port } = new URL(this.#api);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.end(bytes);
    for await (const piece of socket) this.texts.push(String(piece));
  }
}

let made = 0;
export function event(cpf: unknown, attributes: object = {}, data: object = {}) {
  made += 1;
  return {
    ...{ specversion: '1.0', id: `priv-${made}`, source: SOURCE, time: '2026-03-02T10:15:00-03:00' },
    type: 'br.com.sebrae.interacao.momento-digital',
    data: {
      ...{ tipoSolucao: 'curso-autoinstrucional', solucaoId: SOLUTION, unidade: 'SP', canal: 'ead', momento: 'inicio' },
      cliente: { pf: { cpf } },
      ...data,
    },
    ...attributes,
  };
}

const headersOf = ({ data: _, ...attributes }: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(attributes).map(([n, v]) => [`ce-${n}`, encodeURIComponent(String(v))]));

/** The ways in which POST /v1/eventos takes one event: media type, headers and body. */
const MODES: Record<string, (e: Record<string, unknown>) => Omit<Call, 'path'>> = {
  structured: (e) => ({ headers: { 'content-type': 'application/cloudevents+json' }, body: JSON.stringify(e) }),
  json: (e) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(e) }),
  binary: (e) => ({
    headers: { 'content-type': 'application/json', ...headersOf(e) },
    body: JSON.stringify(e.data),
  }),
  batch: (e) => ({
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify([e, { ...e, id: `${e.id}-b` }]),
  }),
  ndjson: (e) => ({ headers: { 'content-type': 'application/x-ndjson' }, body: `${JSON.stringify(e)}\n` }),
  gzip: (e) => ({
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: new Uint8Array(gzipSync(JSON.stringify(e))),
  }),
  zstd: (e) => ({
    headers: { 'content-type': 'application/x-ndjson', 'content-encoding': 'zstd' },
    body: new Uint8Array(zstdCompressSync(JSON.stringify(e))),
  }),
};

/** Where a CPF does not belong, in an event that is right otherwise. */
const MISPLACED: Record<string, (cpf: string) => Record<string, unknown>> = {
  id: (c) => event(undefined, { id: c }, { cliente: {} }),
  source: (c) => event(undefined, { source: `lms ${c}` }, { cliente: {} }),
  type: (c) => event(undefined, { type: `br.com.sebrae.interacao.${c}` }),
  time: (c) => event(undefined, { time: c }),
  matriculaId: (c) => event(undefined, {}, { cliente: {}, matriculaId: `M-${c}` }),
  protocolo: (c) => event(undefined, {}, { cliente: {}, protocolo: c }),
  'responsavel.id': (c) => event(undefined, {}, { cliente: {}, responsavel: { id: c, papel: 'consultor' } }),
  'a field of its own': (c) => event(undefined, {}, { cliente: {}, [c]: 'x' }),
  'a field that is unknown': (c) => event(undefined, {}, { cliente: {}, nome: `Maria, ${c}` }),
  'the CNPJ': (c) => event(undefined, {}, { cliente: { pj: { cnpj: c } } }),
  'a number': (c) => event(Number(c)),
  'the client as a text': (c) => event(undefined, {}, { cliente: c }),
};

const POST = '/v1/eventos';

/** Events whose CPF stands where it belongs, in every mode. @returns the CPFs that were accepted */
export async function rightlyPlaced(answers: Answers, cpfs: CpfSearch): Promise<string[]> {
  const accepted: string[] = [];
  for (const [mode, callOf] of Object.entries(MODES)) {
    for (const form of [String, pontuado]) {
      const cpf = cpfs.next(`cliente.pf.cpf, ${mode}`);
      const { status, text } = await answers.call({ path: POST, ...callOf(event(form(cpf))) });
      if (status !== 202) throw new Error(`${mode}: ${status} ${text}`);
      accepted.push(cpf);
    }
    // Extension attributes are let by, and left behind.
    const extension = cpfs.next(`an extension attribute, ${mode}`);
    await answers.call({ path: POST, ...callOf(event(accepted[0], { pessoa: extension })) });
    await answers.call({ path: POST, ...callOf(event(pontuado(cpfs.wrong(`a wrong CPF, ${mode}`)))) });
  }
  return accepted;
}

/** Wherever else one may be put, in every mode. */
export async function misplaced(answers: Answers, cpfs: CpfSearch): Promise<void> {
  for (const [mode, callOf] of Object.entries(MODES)) {
    for (const [place, eventOf] of Object.entries(MISPLACED)) {
      for (const form of [String, pontuado]) {
        const call = callOf(eventOf(form(cpfs.next(`${place}, ${mode}`))));
        const { status, text } = await answers.call({ path: POST, ...call });
        if (status < 400) throw new Error(`${place}, ${mode}: ${status} ${text}`);
      }
    }
    const broken = `{"id": ${cpfs.next(`JSON that breaks off, ${mode}`)}, "cpf": "${cpfs.next(`the same, ${mode}`)}`;
    await answers.call({ path: POST, ...callOf(event('')), body: broken });
  }
}

const XAPI = { 'x-experience-api-version': '1.0.3', 'content-type': 'application/json' };
const person = (name: string, homePage = 'https://sebrae.com.br/cpf') => ({ account: { homePage, name } });
function statement(actor: object, more: object = {}) {
  made += 1;
  const [verb, object] = [{ id: 'http://adlnet.gov/expapi/verbs/initialized' }, { id: SOLUTION }];
  const timestamp = new Date(Date.UTC(2026, 2, 2, 12, 0, made)).toISOString();
  return { actor, verb, object, timestamp, ...more };
}

/** Statements, right and wrong. @returns the CPFs that were accepted */
export async function byXapi(answers: Answers, cpfs: CpfSearch): Promise<string[]> {
  const path = '/xapi/statements';
  const send = (s: object, call: Partial<Call> = {}) =>
    answers.call({ path, headers: XAPI, body: JSON.stringify(s), ...call });
  const accepted = [String, pontuado].map((form) => [form, cpfs.next('the account of an actor')] as const);
  for (const [form, cpf] of accepted) {
    const { status, text } = await send({
      ...statement(person(form(cpf))),
      actor: { name: 'Maria', ...person(form(cpf)) },
    });
    if (status !== 200) throw new Error(`xAPI: ${status} ${text}`);
  }
  const cpf = (where: string) => cpfs.next(`${where}, xAPI`);
  await send(statement({ mbox: `mailto:${cpf('e-mail')}@exemplo.br` }));
  await send(statement(person(cpf('account of another system'), 'https://ead.exemplo.br')));
  await send(statement({ objectType: 'Group', member: [person(cpf('a member of a group'))] }));
  await send(statement(person(cpfs.wrong('a wrong CPF, xAPI'))));
  await send(statement({ name: cpf('a name'), ...person(cpf('beside a name')) }, { object: { id: cpf('object') } }));
  await send(statement(person(cpf('beside an id')), { id: cpf('id') }));
  await send(statement(person(cpf('beside a verb')), { verb: { id: `http://x.br/${cpf('verb')}` } }));
  await send(
    statement(person(cpf('beside extensions')), {
      context: {
        registration: cpf('registration'),
        extensions: { 'https://sebrae.com.br/xapi/matriculaId': cpf('extension') },
      },
    }),
  );
  await send([statement(person(cpf('a list'))), statement({ mbox: `mailto:${cpf('a list')}@x.br` })]);
  await send(statement(person(cpf('PUT'))), { method: 'PUT', path: `${path}?statementId=${cpf('statementId')}` });
  await send(statement(person(cpf('version'))), { headers: { ...XAPI, 'x-experience-api-version': cpf('version') } });
  await send({}, { body: `{"actor": "${cpf('JSON that breaks off')}` });
  const basic = Buffer.from(`${cpf('a user')}:${cpf('a password')}`).toString('base64');
  await send(statement(person(cpf('Basic'))), { headers: { ...XAPI, authorization: `Basic ${basic}` } });
  return accepted.map(([, one]) => one);
}

/** Addresses, headers and bodies of every other call, and what is no HTTP at all. */
export async function wrongRequests(answers: Answers, cpfs: CpfSearch): Promise<void> {
  const json = { 'content-type': 'application/json' };
  const cpf = (where: string) => cpfs.next(`${where}`);
  const put = (path: string, body: object, headers = {}) =>
    answers.call({ method: 'PUT', path, headers: { ...json, ...headers }, body: JSON.stringify(body) });
  const get = (path: string, headers = {}) => answers.call({ method: 'GET', path, headers });
  for (const form of [String, pontuado, (c: string) => `${c}x`, encodeURIComponent]) {
    await get(`/v1/clientes/${form(cpf('GET /v1/clientes'))}`);
    await get(`/${form(cpf('an address that is unknown'))}?cpf=${form(cpf('its query'))}`);
    await get(`/v1/metricas?de=${form(cpf('a parameter'))}&${form(cpf('the name of a parameter'))}=1`);
    await get(`/v1/indicadores/${form(cpf('an indicator'))}?periodo=${form(cpf('a period'))}`);
    await answers.call({ method: 'OPTIONS', path: `/${form(cpf('OPTIONS'))}` });
    await answers.call({ method: 'DELETE', path: `/v1/credenciais/${form(cpf('DELETE a key'))}` });
  }
  await get(`/v1/clientes/${cpfs.wrong('a wrong CPF, GET')}`);
  const palestra = { tipoSolucao: 'palestra', nome: 'Palestra' };
  const [first, second] = [cpf('the id of a solution'), cpf('another id of a solution')];
  await put(`/v1/portfolio/solucoes/${first}`, { id: first, ...palestra });
  await put(`/v1/portfolio/solucoes/PA-9`, { id: second, ...palestra });
  await put('/v1/portfolio/solucoes/PA-9', { id: 'PA-9', ...palestra, nome: `Com ${cpf('the name of a solution')}` });
  await put('/v1/portfolio/solucoes/PA-8', { id: 'PA-8', ...palestra }, { 'x-atendido-por': cpf('X-Atendido-Por') });
  await put(`/v1/fontes/${cpf('a source')}`, { nome: 'LMS' });
  await put('/v1/fontes/lms-9', { nome: `LMS ${cpf('the name of a source')}` });
  await put(`/v1/credenciais/${cpf('the id of a key')}`, { papeis: ['bi'] });
  await put('/v1/credenciais/chave-9', { papeis: [cpf('a role')] }, { 'x-atendido-por': cpf('X-Atendido-Por') });
  for (const name of [
    'authorization',
    'content-type',
    'content-encoding',
    'traceparent',
    'user-agent',
    'cookie',
    'x-request-id',
  ]) {
    const value = name === 'authorization' ? `Bearer ${cpf(name)}` : cpf(name);
    await answers.call({
      path: POST,
      headers: { ...json, [name]: value },
      body: JSON.stringify(event(cpf('its body'))),
    });
  }
  const dry = (e: object) => answers.call({ path: '/v1/decisoes', headers: json, body: JSON.stringify(e) });
  await dry(event(cpf('a dry run')));
  await dry(event(pontuado(cpf('a dry run'))));
  for (const [place, eventOf] of Object.entries(MISPLACED)) await dry(eventOf(cpf(`a dry run, ${place}`)));
  await answers.raw(`GET /${cpf('no HTTP')} HTTP/9.9\r\n${cpf('no header')}\r\n\r\n`);
  await answers.raw(`${cpf('nothing of the kind')}\r\n\r\n`);
  await answers.raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${`${cpf('long headers')} `.repeat(3_000)}\r\n\r\n`);
}
