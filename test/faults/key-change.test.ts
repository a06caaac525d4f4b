import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { cpf as geraCpf } from 'cpf-cnpj-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { impressaoDaChave, temSelo } from '#domain/troca-de-chave.ts';
import { leAtos } from '#platform/atos.ts';
import { runningStack } from '#platform/config-stack.ts';
import { consulta, type Situacao } from '../../services/cli/api.ts';
import { cria } from '../../services/cli/chaves.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { until } from '../integration/until.ts';
import { asJson, atendido } from '../line/command.ts';
import { cadastra, consultoria, envia, evento } from '../line/events.ts';
import { type Line, startLine } from '../line/line.ts';
import { situacao, sobe } from './key-change-service.ts';

const ANTERIOR = 'a-chave-que-esta-em-uso-na-linha';
const NOVA = 'a-chave-que-vem-depois-dessa-uma';
const CHAVES = { CLIENT_ID_KEY: NOVA, CLIENT_ID_KEY_ANTERIOR: ANTERIOR };
const antes = pseudonimizador(ANTERIOR);

const MARIA = '52998224725';
const pessoa = (): string => geraCpf.generate(false);
const [JOANA, OLGA, PEDRO] = [pessoa(), pessoa(), pessoa()];
const PAL = { tipoSolucao: 'palestra', solucaoId: 'PAL', disponibilizacaoId: 'P1' };
const de = (cpf: string) => ({ cliente: { pf: { cpf } } });
const consulta1 = (id: string, cpf: string) => consultoria(id, 'CON', de(cpf));
const entra = (id: string, cpf: string) => evento(id, 'check-in', { ...PAL, ...de(cpf) });

let line: Line;
let segredo: string;
let doIngest: string;

beforeAll(async () => {
  Object.assign(process.env, CHAVES);
  line = await startLine(CHAVES);
  await cadastra(line, {
    solucoes: [
      { id: 'CON', tipoSolucao: 'consultoria', nome: 'Consultoria' },
      { id: 'PAL', tipoSolucao: 'palestra', nome: 'Palestra' },
    ],
    disponibilizacoes: [{ id: 'P1', solucaoId: 'PAL', responsaveis: [{ id: 'r1', papel: 'organizador' }] }],
  });
  doIngest = runningStack(line.home)?.processos.find(({ nome }) => nome === 'ingest')?.endereco ?? '';
  const criada = await cria({ id: 'crm', papeis: ['produtor'], source: 'crm', nomeDaFonte: 'CRM' }, 'ana');
  segredo = criada.chave;
}, 180_000);
afterAll(async () => {
  for (const nome of Object.keys(CHAVES)) delete process.env[nome];
  await line?.stop();
});

/** @returns the status of the answer */
async function pelaPorta(um: object): Promise<number> {
  const resposta = await fetch(`${doIngest}/v1/eventos`, {
    method: 'POST',
    headers: { authorization: `Bearer ${segredo}`, 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(um),
  });
  if (resposta.status === 503) expect(resposta.headers.get('retry-after')).not.toBeNull();
  else expect(resposta.status, await resposta.text()).toBe(202);
  return resposta.status;
}

/** As a producer does: what the door cannot take yet is sent again. @returns how often it was asked to wait */
async function manda(...todos: object[]): Promise<number> {
  let esperas = 0;
  for (const um of todos) {
    await until(
      async () => {
        const status = await pelaPorta(um);
        if (status === 503) esperas += 1;
        return status === 202;
      },
      'the door to take an event',
      60_000,
    );
  }
  return esperas;
}

const atendimentos = (cpf: string): Promise<number | string> =>
  consulta<Situacao>(`/v1/clientes/${cpf}`).then(
    ({ anos }) => Object.values(anos).reduce((n, a) => n + a.atendimentos, 0),
    (error) => error.code,
  );
const idDe = async (cpf: string): Promise<string> => (await consulta<Situacao>(`/v1/clientes/${cpf}`)).id;

const comeca = (env: Record<string, string> = {}, pessoa_ = MARIA) =>
  atendido(['key-change', '--pessoa', pessoa_, '--por', 'ana', '--json'], { ...CHAVES, ...env });
const troca = (...como: Parameters<typeof comeca>) => comeca(...como).fim;
const morreEm = (ponto: string) => {
  return { ATENDIDO_FALHA: `troca:${ponto} SIGKILL ${join(line.home, `falha-${randomUUID()}`)}` };
};

test('a key is changed under traffic, killed at each step: everybody is counted once, under one name', async () => {
  await manda(consulta1('m1', MARIA), consulta1('j1', JOANA), entra('k1', MARIA), entra('k2', OLGA));
  expect(await troca({}, PEDRO)).toMatchObject({ codigo: 1, erros: expect.stringContaining('CHAVE_ANTERIOR_ERRADA') });

  // While it is changed: some known, some new, each of whom is told of twice.
  const novos: string[] = [];
  let esperas = 0;
  let acabou = false;
  const trafego = (async () => {
    for (let n = 0; !acabou; n += 1) {
      const cpf = pessoa();
      novos.push(cpf);
      esperas += await manda(consulta1(`n-${n}`, cpf), consulta1(`m-${n}`, MARIA));
    }
  })();
  for (const ponto of ['publicada', 'anunciada']) {
    expect(await troca(morreEm(ponto))).toMatchObject({ sinal: 'SIGKILL' });
    expect(await conectado(async ({ seguidas }) => seguidas.esquecimentos.trocas.emVigor)).toBeNull();
  }
  // Announced by who was killed, it is withdrawn, though nothing comes meanwhile.
  const vem = async (quantos: number) => {
    const alvo = novos.length + quantos;
    await until(() => novos.length >= alvo, 'traffic', 60_000);
  };
  await vem(2);
  // Stopped where the filter stands, so that somebody is new between it and the change.
  const { processo, erros, fim } = comeca(morreEm('em-vigor'));
  await until(() => erros().includes('Publicando'), 'the filter to be published');
  processo.kill('SIGSTOP');
  await vem(5);
  processo.kill('SIGCONT');
  expect(await fim).toMatchObject({ sinal: 'SIGKILL' });
  expect(JSON.parse((await troca()).saida)).toMatchObject({ jaEstava: true });
  await vem(20);
  acabou = true;
  await trafego;
  expect(esperas).toBeGreaterThan(0);
  await manda(...novos.map((cpf, n) => consulta1(`d-${n}`, cpf)));
  await situacao();
  const nomes = await Promise.all(novos.map(idDe));
  const nova = impressaoDaChave(NOVA);
  expect(nomes.every((id, n) => temSelo(id, nova) || id === antes(novos[n] ?? ''))).toBe(true);
  expect(nomes.filter((id) => temSelo(id, nova)).length).toBeGreaterThan(10);
  expect(nomes.filter((id) => !temSelo(id, nova)).length).toBeGreaterThan(10);
  expect(new Set(await Promise.all(novos.map(atendimentos)))).toEqual(new Set([2]));

  // An offer that spans it, and an interaction of before that is undone.
  const deMaria = Number(await atendimentos(MARIA));
  const estornada = { source: 'crm', id: 'm1' };
  await manda(
    ...[entra('k3', MARIA), entra('k4', PEDRO), consulta1('p1', PEDRO)],
    evento('f1', 'consolidacao-disponibilizacao', { ...PAL, cliente: undefined }),
    evento('e1', 'estorno', { tipoSolucao: 'consultoria', solucaoId: 'CON', ...de(MARIA), estornada }),
  );
  const totais = await situacao();
  expect(await atendimentos(MARIA)).toBe(deMaria);
  expect([await atendimentos(OLGA), await atendimentos(PEDRO), await atendimentos(JOANA)]).toEqual([1, 2, 1]);
  expect(await idDe(MARIA)).toBe(antes(MARIA));
  expect(temSelo(await idDe(PEDRO), nova)).toBe(true);
  expect((await atendido(['id', PEDRO]).fim).saida.trim()).toBe(await idDe(PEDRO));
  expect((await asJson('export', PEDRO)).resultado).toMatchObject({ cliente: await idDe(PEDRO) });

  // From who did not hear of it: set aside of who is new, taken of who is known.
  const surdo = { ...line, config: { ...line.config, clientIdKey: ANTERIOR } };
  await envia(surdo, consulta1('s1', pessoa()), entra('s2', pessoa()), consulta1('j1', JOANA));
  expect(await situacao()).toEqual(totais);
  const { resultado } = await asJson('quarantine', 'list', '--motivo', 'CHAVE_SUPERADA');
  expect(JSON.stringify(resultado)).toContain('s1');
  expect(JSON.stringify(resultado)).toContain('s2');

  for (const cpf of [JOANA, PEDRO]) {
    expect(await asJson('forget', cpf)).toMatchObject({ codigo: 0, resultado: { desde: expect.any(String) } });
    expect(await atendimentos(cpf)).toBe('CLIENTE_NAO_ENCONTRADO');
  }
  expect(await situacao()).toEqual(totais);
  expect(await asJson('rebuild')).toMatchObject({ codigo: 0, resultado: { diferencas: [] } });
  expect(await situacao()).toEqual(totais);
  const { atos } = await leAtos(line.kafka, { ato: 'chave-de-id-trocada' });
  expect(atos.map(({ quem }) => quem)).toEqual(['ana']);
});

test('a door with other keys does not start; a change of other keys is refused', async () => {
  const erradas = [
    { CLIENT_ID_KEY: ANTERIOR },
    { CLIENT_ID_KEY: NOVA },
    { CLIENT_ID_KEY: NOVA, CLIENT_ID_KEY_ANTERIOR: 'uma-que-nunca-houve' },
    { CLIENT_ID_KEY: ANTERIOR, CLIENT_ID_KEY_ANTERIOR: NOVA },
  ];
  for (const chaves of erradas)
    expect(await sobe(line, 'ingest', chaves)).toEqual([1, expect.stringContaining('CHAVE_SUPERADA')]);
  const outra = await troca({ CLIENT_ID_KEY: 'uma-terceira-chave', CLIENT_ID_KEY_ANTERIOR: NOVA });
  expect(outra).toMatchObject({ codigo: 1, erros: expect.stringContaining('CHAVE_SUPERADA') });
  const deVolta = await troca({ CLIENT_ID_KEY: ANTERIOR, CLIENT_ID_KEY_ANTERIOR: NOVA });
  expect(deVolta).toMatchObject({ codigo: 1, erros: expect.stringContaining('TROCA_JA_FEITA') });
});
