import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ato } from '../../platform/atos.ts';
import { hashDoSegredo } from '../../platform/credenciais/credencial.ts';
import { CHAVE_OPERACAO, chama, evento } from './http-fixture.ts';
import { read } from './kafka-fixture.ts';
import { type ServicosComChave, servicosComChave } from './keys-fixture.ts';
import { unique, until } from './until.ts';

/** Within which a key revoked is refused everywhere. Source: the issue. */
const REVOGADA_EM_MS = 5_000;
const LOGIN = 'br.com.sebrae.interacao.login';

let s: ServicosComChave;
beforeAll(async () => {
  s = await servicosComChave();
});
afterAll(() => s?.fecha());

/** What each of the two services answers the key: the api itself, and ingest behind it. */
async function aceitam(chave: string, source: string): Promise<[number, number]> {
  const corpo = evento(source, { type: LOGIN }, { momento: undefined });
  const [api, ingest] = await Promise.all([
    chama(`${s.url}/v1/motivos`, 'GET', chave),
    chama(`${s.url}/v1/eventos`, 'POST', chave, corpo),
  ]);
  return [api.status, ingest.status];
}

const vigora = (chave: string, source: string, [api, ingest]: [number, number], ate?: number) =>
  until(
    async () => {
      const obtido = await aceitam(chave, source);
      return obtido[0] === api && obtido[1] === ingest;
    },
    `${api} and ${ingest}`,
    ate,
  );

async function atosSobre(id: string): Promise<Ato[]> {
  return (await read('atos')).map((texto): Ato => JSON.parse(texto)).filter(({ alvo }) => alvo === id);
}

describe('a key, from its making to its end', () => {
  test('made, changed with both secrets honoured, revoked; each act is written down', async () => {
    const id = unique('chave');
    const por = ['--por', `ana ${id}`];
    const produtor = ['--papel', 'produtor', '--source', id, '--registra', 'LMS', '--tipo', 'login'];
    const criada = await s.comando('key', 'create', id, ...produtor, '--limite', '1000', ...por);
    expect(criada).toMatchObject({ codigo: 0, erros: expect.stringContaining('não é mostrada de novo') });
    const primeira = criada.saida.trim();
    expect(primeira).toMatch(/^[\w-]{43}$/);
    await vigora(primeira, id, [200, 202], REVOGADA_EM_MS);
    const cadastro = evento(id, { type: 'br.com.sebrae.interacao.cadastro' }, { momento: undefined });
    expect((await chama(`${s.url}/v1/eventos`, 'POST', primeira, cadastro)).corpo).toMatchObject({
      codigo: 'INTERACAO_NAO_AUTORIZADA',
    });

    const outraVez = await s.comando('key', 'create', id, ...produtor);
    expect(outraVez).toMatchObject({ codigo: 1, saida: '', erros: expect.stringMatching(/^CREDENCIAL_EXISTENTE: /) });

    const segunda = (await s.comando('key', 'rotate', id, '--carencia', '1h', ...por)).saida.trim();
    await vigora(segunda, id, [200, 202], REVOGADA_EM_MS);
    expect(await aceitam(primeira, id)).toEqual([200, 202]);
    const listadas = JSON.parse((await s.comando('key', 'list', '--json')).saida);
    const nossa = listadas.find((c: { id: string }) => c.id === id);
    expect(nossa).toMatchObject({ papeis: ['produtor'], source: id, interacoes: ['login'], limite: 1000 });
    expect(Date.parse(nossa.anteriorAte)).toBeGreaterThan(Date.now());

    const terceira = (await s.comando('key', 'rotate', id, '--carencia', '0', '--json', ...por)).saida;
    const { chave } = JSON.parse(terceira);
    await vigora(chave, id, [200, 202], REVOGADA_EM_MS);
    await Promise.all([primeira, segunda].map((antiga) => vigora(antiga, id, [401, 401], REVOGADA_EM_MS)));

    expect((await s.comando('key', 'revoke', id, ...por)).codigo).toBe(0);
    await vigora(chave, id, [401, 401], REVOGADA_EM_MS);
    expect(await s.comando('key', 'revoke', id)).toMatchObject({
      codigo: 1,
      erros: expect.stringMatching(/^CREDENCIAL_DESCONHECIDA/),
    });

    const { saida } = await s.comando('acts', '--quem', `ana ${id}`, '--json');
    const atos: Ato[] = JSON.parse(saida);
    expect(atos.map(({ ato, alvo, chave }) => [ato, alvo, chave])).toEqual([
      ['fonte-registrada', id, 'operacao'],
      ['chave-criada', id, 'operacao'],
      ['chave-trocada', id, 'operacao'],
      ['chave-trocada', id, 'operacao'],
      ['chave-revogada', id, 'operacao'],
    ]);
    expect(atos[1]?.detalhe).toMatchObject({ papeis: ['produtor'], source: id, interacoes: ['login'], limite: 1000 });
    const escrito = [...(await read('atos')), ...(await read('credenciais')), saida, JSON.stringify(listadas)].join();
    for (const segredo of [primeira, segunda, chave]) {
      expect(escrito).not.toContain(segredo);
      expect(saida + JSON.stringify(listadas)).not.toContain(hashDoSegredo(segredo));
    }
  });

  test('two at once: each change and its act, and no other', async () => {
    const id = unique('chave');
    const autor = { 'x-atendido-por': encodeURIComponent(`josé ${id}`), 'if-none-match': '*' };
    const respostas = await Promise.all(
      Array.from({ length: 4 }, () =>
        chama(`${s.url}/v1/credenciais/${id}`, 'PUT', CHAVE_OPERACAO, { papeis: ['bi'] }, autor),
      ),
    );
    expect(respostas.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    expect((await atosSobre(id)).map(({ ato, quem }) => [ato, quem])).toEqual([['chave-criada', `josé ${id}`]]);
  });

  test('what is put into the portfolio is an act of the key that put it', async () => {
    const id = unique('solucao');
    const corpo = { id, tipoSolucao: 'palestra', nome: 'Palestra' };
    expect((await chama(`${s.url}/v1/portfolio/solucoes/${id}`, 'PUT', CHAVE_OPERACAO, corpo)).status).toBe(200);
    expect(await atosSobre(id)).toMatchObject([
      { ato: 'portfolio-gravado', quem: 'operacao', chave: 'operacao', detalhe: { topico: 'solucoes' } },
    ]);
  });
});
