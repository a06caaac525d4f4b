import { cpf as geraCpf } from 'cpf-cnpj-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { impressaoDaChave, pseudonimizadorSelado, temSelo } from '#domain/troca-de-chave.ts';
import { runningStack } from '#platform/config-stack.ts';
import { RetryableError } from '#platform/errors.ts';
import { registroDaChaveEmUso } from '#platform/trocas.ts';
import { type CloudEvent, Produtor, transporteKafka } from '#producer/index.ts';
import { chama, consulta, type Situacao } from '../../services/cli/api.ts';
import { cria } from '../../services/cli/chaves.ts';
import { until } from '../integration/until.ts';
import { asJson, atendido } from '../line/command.ts';
import { cadastra, consultoria, envia, evento } from '../line/events.ts';
import { type Line, startLine } from '../line/line.ts';
import { FROM_BEFORE_ALL, otherRulebook } from '../line/other-rulebook.ts';
import { enviaSob, iniciaUmCurso, reinicia, situacao, sobe } from './key-change-service.ts';

const ANTERIOR = 'a-chave-que-esta-em-uso-na-linha';
const NOVA = 'a-chave-que-vem-depois-dessa-uma';
const DAS_DUAS = { clientIdKey: NOVA, clientIdKeyAnterior: ANTERIOR };
const CHAVES = { CLIENT_ID_KEY: NOVA, CLIENT_ID_KEY_ANTERIOR: ANTERIOR };
const TERCEIRA = 'a-chave-que-vem-depois-das-outras';
/** Of the second change. */
const DE_TRES = { CLIENT_ID_KEY: TERCEIRA, CLIENT_ID_KEY_ANTERIOR: `${ANTERIOR},${NOVA}` };
const antes = pseudonimizador(ANTERIOR);

const pessoa = (): string => geraCpf.generate(false);
const [MARIA, NILO, NINA, OTTO, LIA] = [pessoa(), pessoa(), pessoa(), pessoa(), pessoa()];
const PAL = { tipoSolucao: 'palestra', solucaoId: 'PAL', disponibilizacaoId: 'P1' };
const de = (cpf: string) => ({ cliente: { pf: { cpf } } });

let line: Line;
let ingest: string;
let segredo: string;
/** The line as somebody sees it who knows the key of before alone. */
let surdo: Line;

beforeAll(async () => {
  Object.assign(process.env, CHAVES);
  line = await startLine(CHAVES);
  surdo = { ...line, config: { ...line.config, clientIdKey: ANTERIOR } };
  await cadastra(line, {
    solucoes: [
      { id: 'CON', tipoSolucao: 'consultoria', nome: 'Consultoria' },
      { id: 'CUR', tipoSolucao: 'curso-autoinstrucional', nome: 'Curso' },
      { id: 'PAL', tipoSolucao: 'palestra', nome: 'Palestra' },
    ],
    disponibilizacoes: [{ id: 'P1', solucaoId: 'PAL', responsaveis: [{ id: 'r1', papel: 'organizador' }] }],
  });
  ingest = runningStack(line.home)?.processos.find(({ nome }) => nome === 'ingest')?.endereco ?? '';
  segredo = (await cria({ id: 'crm', papeis: ['produtor'], source: 'crm', nomeDaFonte: 'CRM' }, 'ana')).chave;
}, 180_000);
afterAll(async () => {
  for (const nome of Object.keys(CHAVES)) delete process.env[nome];
  await line?.stop();
});

const iniciaCurso = (cpf: string) => iniciaUmCurso({ ingest, segredo }, cpf);

/** @returns the status of the answer */
async function pelaPortaUm(id: string, cpf: string): Promise<number> {
  const resposta = await fetch(`${ingest}/v1/eventos`, {
    method: 'POST',
    headers: { authorization: `Bearer ${segredo}`, 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(consulta1(id, cpf)),
  });
  const dito = await resposta.text();
  if (resposta.status === 503)
    expect([dito, resposta.headers.get('retry-after')]).toEqual([expect.stringContaining('CHAVE_DIVERGENTE'), '2']);
  return resposta.status;
}

const biblioteca = (chaves: { clientIdKey: string; clientIdKeyAnterior?: string }, pacienciaMs = 60_000) => {
  const { kafka, registry } = line;
  return transporteKafka({ kafka, registry, pacienciaMs, ...chaves });
};
const consulta1 = (id: string, cpf: string) => consultoria(id, 'CON', de(cpf));
const paraABiblioteca = (n: number, cpf: string) => consulta1(`b-${n}`, cpf) as unknown as CloudEvent;
const situacaoDe = (cpf: string) => consulta<Situacao>(`/v1/clientes/${cpf}`);
const atendimentos = (cpf: string): Promise<number | string> =>
  situacaoDe(cpf).then(
    ({ anos }) => Object.values(anos).reduce((n, a) => n + a.atendimentos, 0),
    (error) => error.code,
  );

async function naQuarentena(motivo: string): Promise<{ id: string; evento: string }[]> {
  return (await asJson('quarantine', 'list', '--motivo', motivo)).resultado.registros;
}

test('before a change a key that is not the one in use is found out, everywhere, and the right one can be confirmed', async () => {
  await envia(surdo, consulta1('m0', MARIA));
  // Only the new one; another environment's; both, the wrong way round.
  const erradas = [
    { CLIENT_ID_KEY: NOVA },
    { CLIENT_ID_KEY: 'a-chave-de-outro-ambiente' },
    { CLIENT_ID_KEY: ANTERIOR, CLIENT_ID_KEY_ANTERIOR: NOVA },
  ];
  for (const { CLIENT_ID_KEY_ANTERIOR = '', CLIENT_ID_KEY } of erradas) {
    const chaves = { CLIENT_ID_KEY, CLIENT_ID_KEY_ANTERIOR };
    for (const servico of ['ingest', 'api'] as const) {
      expect(await sobe(line, servico, chaves)).toEqual([1, expect.stringContaining('CHAVE_DIVERGENTE')]);
    }
    for (const args of [
      ['id', MARIA],
      ['export', MARIA],
    ]) {
      const dito = await atendido(args, chaves).fim;
      expect(dito).toMatchObject({ codigo: 1, saida: '', erros: expect.stringContaining('CHAVE_DIVERGENTE') });
    }
  }
  await expect(biblioteca({ clientIdKey: NOVA })).rejects.toMatchObject({ code: 'CHAVE_DIVERGENTE' });
  await (await biblioteca(DAS_DUAS)).fecha();
  expect((await atendido(['id', MARIA]).fim).saida.trim()).toBe(antes(MARIA));

  // As if the wrong one had been the first to say that it is in use.
  await line.producer.send([registroDaChaveEmUso(impressaoDaChave(NOVA))]);
  await until(async () => (await pelaPortaUm('d1', MARIA)) === 503, 'the door to hear of it', 30_000);
  const confirma = (chaves: Record<string, string>) =>
    atendido(['key-change', '--confirma', '--pessoa', MARIA, '--por', 'ana'], chaves).fim;
  const errada = await confirma({ CLIENT_ID_KEY: NOVA, CLIENT_ID_KEY_ANTERIOR: '' });
  expect(errada).toMatchObject({ codigo: 1, erros: expect.stringContaining('CHAVE_ANTERIOR_ERRADA') });
  expect(await confirma(CHAVES)).toMatchObject({ codigo: 0 });
  await until(async () => (await pelaPortaUm('d1', MARIA)) === 202, 'the door to take it again', 30_000);
});

test('across a change: LMS, library and a waiting correction lose nobody, and name nobody twice', async () => {
  const errado = consultoria('q1', 'FALTA', de(MARIA));
  await envia(surdo, consulta1('m1', MARIA), errado);
  await iniciaCurso(MARIA);
  await situacao();
  const [espera] = await naQuarentena('SOLUCAO_DESCONHECIDA');
  const correcao = ['--set', 'solucaoId=CON', '--set', `cliente.pf.cpf=${NILO}`];
  expect(await atendido(['quarantine', 'fix', espera?.id ?? '', ...correcao]).fim).toMatchObject({ codigo: 0 });
  // Of the library: one with both keys, and one that was never told of the new one.
  const transporte = await biblioteca(DAS_DUAS);
  const esquecido = await biblioteca({ clientIdKey: ANTERIOR }, 3_000);
  const produtor = new Produtor({ source: 'crm', transporte, esperaMs: 10 });

  const [noLms, naBiblioteca]: [string[], string[]] = [[], []];
  let [acabou, esperas] = [false, 0];
  const lms = (async () => {
    while (!acabou) {
      const cpf = pessoa();
      noLms.push(cpf);
      esperas += await iniciaCurso(cpf);
    }
  })();
  const ferramenta = (async () => {
    while (!acabou) {
      const cpf = pessoa();
      naBiblioteca.push(cpf);
      expect(await produtor.forward(paraABiblioteca(naBiblioteca.length, cpf))).toMatchObject({ estado: 'aceito' });
    }
  })();
  expect(await atendido(['key-change', '--pessoa', MARIA, '--por', 'ana', '--json'], CHAVES).fim).toMatchObject({
    codigo: 0,
  });
  const [lmsAte, bibliotecaAte] = [noLms.length, naBiblioteca.length];
  await until(() => noLms.length > lmsAte + 5 && naBiblioteca.length > bibliotecaAte + 5, 'traffic', 60_000);
  acabou = true;
  await Promise.all([lms, ferramenta]);
  expect(esperas).toBeGreaterThan(0);
  // Sent again, all of it is what it was.
  for (const cpf of [MARIA, ...noLms]) await iniciaCurso(cpf);
  for (const [n, cpf] of naBiblioteca.entries()) await produtor.forward(paraABiblioteca(n + 1, cpf));
  await situacao();
  const nova = impressaoDaChave(NOVA);
  for (const todos of [noLms, naBiblioteca]) {
    expect(new Set(await Promise.all(todos.map(atendimentos)))).toEqual(new Set([1]));
    const ids = await Promise.all(todos.map(async (cpf) => (await situacaoDe(cpf)).id));
    expect(ids.every((id, n) => temSelo(id, nova) || id === antes(todos[n] ?? ''))).toBe(true);
    expect(ids.some((id) => temSelo(id, nova))).toBe(true);
  }
  // With the two of the first test.
  expect(await atendimentos(MARIA)).toBe(4);

  // Who has the key of before alone is told so, and nothing of it is taken.
  const recusado = await esquecido.envia([paraABiblioteca(0, pessoa())]).catch((error) => error);
  expect(recusado).toBeInstanceOf(RetryableError);
  expect(recusado.message).toContain('CHAVE_SUPERADA');
  await expect(biblioteca({ clientIdKey: ANTERIOR })).rejects.toMatchObject({ code: 'CHAVE_SUPERADA' });

  expect(await atendido(['quarantine', 'replay', espera?.id ?? '', '--apply']).fim).toMatchObject({ codigo: 0 });
  await situacao();
  expect(await atendimentos(NILO)).toBe(1);
  expect((await situacaoDe(NILO)).id).toBe(antes(NILO));
  expect(await naQuarentena('CHAVE_SUPERADA')).toEqual([]);
  await produtor.close();
  for (const um of [transporte, esquecido]) await um.fecha();
});

test('what was set aside under the name of before is exported to the person, and forgotten with them', async () => {
  await envia(surdo, consulta1('s1', NINA), evento('s2', 'check-in', { ...PAL, ...de(NINA) }), consulta1('s3', OTTO));
  const totais = await situacao();
  const postas = await naQuarentena('CHAVE_SUPERADA');
  expect(postas.map((um) => um.evento).sort()).toEqual(['s1', 's2', 's3']);
  const exportados = async (cpf: string): Promise<string[]> => {
    const { registros } = (await asJson('export', cpf)).resultado;
    return registros.map((um: { topico: string }) => um.topico).sort();
  };
  const deNina = ['interacoes', ...['', ''].map(() => 'interacoes-em-quarentena'), 'presencas'];
  expect(await exportados(NINA)).toEqual(deNina);
  // By the API, and on the command line.
  const pedido = { metodo: 'POST', caminho: '/v1/esquecimentos', corpo: { cpf: OTTO } } as const;
  expect(await chama(pedido)).toMatchObject({ esquecimento: 1 });
  const esquece = (cpf: string) => asJson('forget', cpf);
  expect(await esquece(NINA)).toMatchObject({ codigo: 0, resultado: { esquecimento: 2 } });
  for (const cpf of [NINA, OTTO]) {
    expect(await exportados(cpf)).toEqual([]);
    expect(await esquece(cpf)).toMatchObject({ codigo: 0, resultado: { esquecimento: null } });
  }
  // Corrected by who knows the CPF, it happened before: it is nobody's.
  const daNina = postas.find((um) => um.evento === 's1')?.id ?? '';
  expect(await atendido(['quarantine', 'fix', daNina, '--set', `cliente.pf.cpf=${NINA}`]).fim).toMatchObject({
    codigo: 0,
  });
  expect(await atendido(['quarantine', 'replay', daNina, '--apply']).fim).toMatchObject({ codigo: 0 });
  expect(await situacao()).toEqual(totais);
  expect(await atendimentos(NINA)).toBe('CLIENTE_NAO_ENCONTRADO');
});

test('another rulebook, applied to the past, decides across the change as the line did', async () => {
  const totais = await situacao();
  const aplica = async (rulebook: string) => {
    const args = ['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebook, '--apply', '--json'];
    expect(await atendido(args).fim).toMatchObject({ codigo: 0 });
  };
  // Of ninety minutes, as all of these consultancies are.
  await aplica(otherRulebook(line.home, 'noventa'));
  expect(await situacao()).toEqual(totais);
  expect([await atendimentos(MARIA), await atendimentos(NILO)]).toEqual([4, 1]);
  expect(await atendimentos(NINA)).toBe('CLIENTE_NAO_ENCONTRADO');
});

test('a second change: whoever was named by either key keeps the name, and who heard of the first alone is set aside', async () => {
  await iniciaCurso(LIA);
  await situacao();
  const daLia = (await situacaoDe(LIA)).id;
  const troca = (chaves: Record<string, string>) =>
    atendido(['key-change', '--pessoa', LIA, '--por', 'bia', '--json'], chaves).fim;
  const semAPrimeira = await troca({ ...DE_TRES, CLIENT_ID_KEY_ANTERIOR: NOVA });
  expect(semAPrimeira).toMatchObject({ codigo: 1, erros: expect.stringContaining('CHAVE_SUPERADA') });
  const deVolta = await troca({ CLIENT_ID_KEY: ANTERIOR, CLIENT_ID_KEY_ANTERIOR: NOVA });
  expect(deVolta).toMatchObject({ codigo: 1, erros: expect.stringContaining('TROCA_JA_FEITA') });
  Object.assign(process.env, DE_TRES);
  await reinicia(line, DE_TRES);
  const deDuas = await biblioteca(DAS_DUAS, 3_000);

  const novos: string[] = [];
  let [acabou, esperas] = [false, 0];
  const trafego = (async () => {
    while (!acabou) {
      const cpf = pessoa();
      novos.push(cpf);
      esperas += await iniciaCurso(cpf);
    }
  })();
  await until(() => novos.length > 3, 'traffic under the prepared keys', 60_000);
  const feita = JSON.parse((await troca(DE_TRES)).saida);
  expect(feita).toMatchObject({ jaEstava: false });
  const ate = novos.length;
  await until(() => novos.length > ate + 5, 'traffic', 60_000);
  acabou = true;
  await trafego;
  expect(esperas).toBeGreaterThan(0);
  expect(JSON.parse((await troca(DE_TRES)).saida)).toMatchObject({ jaEstava: true, troca: feita.troca });

  // Sent again, all of it is what it was.
  for (const cpf of [MARIA, LIA, ...novos]) await iniciaCurso(cpf);
  await situacao();
  expect(await Promise.all([MARIA, NILO, LIA].map(async (cpf) => (await situacaoDe(cpf)).id))).toEqual([
    ...[MARIA, NILO].map(antes),
    daLia,
  ]);
  const ids = await Promise.all(novos.map(async (cpf) => (await situacaoDe(cpf)).id));
  const [segunda, terceira] = [impressaoDaChave(NOVA), impressaoDaChave(TERCEIRA)];
  expect(ids.every((id, n) => [segunda, terceira].some((i) => temSelo(id, i)) || id === antes(novos[n] ?? ''))).toBe(
    true,
  );
  expect([segunda, terceira].map((i) => ids.some((id) => temSelo(id, i)))).toEqual([true, true]);
  expect(new Set(await Promise.all(novos.map(atendimentos)))).toEqual(new Set([1]));

  // Who has the keys of the first change alone names nobody; what came of it all the same is set aside, of who was known taken.
  const recusado = await deDuas.envia([paraABiblioteca(-1, pessoa())]).catch((error) => error);
  expect(recusado.message).toContain('CHAVE_SUPERADA');
  await deDuas.fecha();
  await expect(biblioteca(DAS_DUAS)).rejects.toMatchObject({ code: 'CHAVE_SUPERADA' });
  await enviaSob(line, pseudonimizadorSelado(NOVA), consulta1('u1', pessoa()), consulta1('u2', LIA));
  await enviaSob(line, antes, consulta1('u3', pessoa()));
  const totais = await situacao();
  expect(await atendimentos(LIA)).toBe(2);
  const postas = (await naQuarentena('CHAVE_SUPERADA')).map((um) => um.evento);
  expect(['u1', 'u2', 'u3'].map((id) => postas.includes(id))).toEqual([true, false, true]);

  // The reprocess may have left one, which a rebuild does not throw away.
  await atendido(['rebuild', 'discard-old']).fim;
  expect(await asJson('forget', LIA)).toMatchObject({ codigo: 0, resultado: { desde: expect.any(String) } });
  expect(await atendimentos(LIA)).toBe('CLIENTE_NAO_ENCONTRADO');
  expect(await asJson('rebuild')).toMatchObject({ codigo: 0, resultado: { diferencas: [] } });
  expect(await situacao()).toEqual(totais);
});
