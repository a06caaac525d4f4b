import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { MAIOR_REGISTRO } from '#domain/contrato.ts';
import { EVENTO_JSON, LIMITES, LINHAS_JSON, LOTE_JSON } from '#platform/http/rotas-de-escrita.ts';
import { type Portas, portas } from '../acesso-fixture.ts';
import { evento } from './app-fixture.ts';

let p: Portas;
beforeAll(async () => {
  p = await portas();
  p.aplica('fonte', 'lms', { source: 'lms', nome: 'LMS', interacoes: ['*'] });
  p.chave('chave', { papeis: ['produtor'], source: 'lms' });
});
afterAll(() => p.fecha());
beforeEach(() => {
  p.enviados.length = 0;
});

const [UM = ''] = EVENTO_JSON;
const json = (valor: unknown): string => JSON.stringify(valor);
/** An event that takes more bytes than a record may have, and less than a body. */
const grande = (id: string) => {
  const participantes = Array.from({ length: 30_000 }, () => ({ cliente: { pj: { cnpj: '11222333000181' } } }));
  const type = 'br.com.sebrae.interacao.consolidacao-disponibilizacao';
  const dados = { tipoSolucao: 'palestra', solucaoId: 'S', disponibilizacaoId: 'O', canal: 'agencia', participantes };
  return { ...evento(id), type, data: { unidade: 'SP', ...dados } };
};

async function envia(tipo: string, body: string, url = p.ingestUrl): Promise<{ status: number; corpo: unknown }> {
  const headers = { 'content-type': tipo, authorization: 'Bearer chave' };
  const resposta = await fetch(`${url}/v1/eventos`, { method: 'POST', headers, body });
  return { status: resposta.status, corpo: await resposta.json() };
}

it.each([
  ['a body', UM, () => `${' '.repeat(LIMITES.evento)}${json(evento('1'))}`, 'CORPO_GRANDE_DEMAIS'],
  ['the body of a batch', LOTE_JSON, () => `${' '.repeat(LIMITES.lote)}${json([evento('1')])}`, 'CORPO_GRANDE_DEMAIS'],
  ['the items of a batch', LOTE_JSON, () => json(Array.from({ length: 10_001 }, () => 0)), 'LOTE_GRANDE_DEMAIS'],
  ['a record', UM, () => json(grande('1')), 'REGISTRO_GRANDE_DEMAIS'],
])('%s beyond its limit: 413, and nothing is kept', async (_oque, tipo, corpo, codigo) => {
  expect(await envia(tipo, corpo())).toMatchObject({ status: 413, corpo: { codigo } });
  expect(p.enviados).toEqual([]);
});

it('a line, and a record in a stream or a batch, beyond their limits: refused alone', async () => {
  const longa = json({ ...evento('2'), x: 'x'.repeat(LIMITES.evento) });
  const linhas = [json(evento('1')), longa, json(grande('3')), json(evento('4'))].join('\n');
  const motivos = ({ corpo }: { corpo: unknown }) => (corpo as { motivo?: string }[]).map((r) => r.motivo ?? 'aceito');
  expect(motivos(await envia(LINHAS_JSON, linhas))).toEqual([
    ...['aceito', 'CORPO_GRANDE_DEMAIS', 'REGISTRO_GRANDE_DEMAIS', 'aceito'],
  ]);
  expect(motivos(await envia(LOTE_JSON, json([evento('1'), grande('3')])))).toEqual([
    'aceito',
    'REGISTRO_GRANDE_DEMAIS',
  ]);
  expect(p.enviados).toHaveLength(3);
  for (const { value } of p.enviados) expect(value?.length).toBeLessThan(MAIOR_REGISTRO);
});

it('a body far beyond its limit, through the api: 413, and not a connection that breaks', async () => {
  const enorme = ' '.repeat(20 * LIMITES.evento);
  // A body that says how long it is never sets out for ingest, which would have to read and forget it.
  let noIngest = 0;
  const conta = (): void => {
    noIngest += 1;
  };
  p.ingest.app.server.on('request', conta);
  for (let n = 0; n < 3; n += 1) {
    expect(await envia(UM, enorme, p.apiUrl)).toMatchObject({ status: 413, corpo: { codigo: 'CORPO_GRANDE_DEMAIS' } });
  }
  expect(noIngest).toBe(0);
  expect(await envia(UM, json(evento('1')), p.apiUrl)).toMatchObject({ status: 202 });
  expect(noIngest).toBe(1);
  p.ingest.app.server.off('request', conta);
});
