import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ERROS_HTTP, ErroHttp } from '#platform/http/erros.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { consultaDeIndicador, indicadoresEm, resolve } from '../api/indicadores.ts';
import { register } from './commands/report.ts';

const AGORA = Date.parse('2026-03-02T12:00:00Z');
const rulebooks = await loadRulebooks();
const CORTES = { porUnidade: {}, porTipo: {}, porModalidade: {}, porMes: {} };

/** What the api answers of an indicator of which nothing was counted. */
function indicador(url: URL): object {
  const consulta = consultaDeIndicador.safeParse(Object.fromEntries(url.searchParams));
  if (!consulta.success) throw new ErroHttp('PARAMETRO_INVALIDO', consulta.error.issues[0]?.message ?? '');
  const { codigo, periodo } = resolve(url.pathname.split('/')[3] ?? '', consulta.data, rulebooks, AGORA);
  return { codigo, nome: codigo, periodo, clientes: 0, atendimentos: 0, ...CORTES };
}

const servidor = createServer((req, res) => {
  const url = new URL(req.url ?? '', 'http://api');
  try {
    const lista = url.pathname === '/v1/indicadores';
    res.end(JSON.stringify(lista ? indicadoresEm(rulebooks, AGORA) : indicador(url)));
  } catch (erro) {
    const { codigo, message } = erro as ErroHttp;
    res.writeHead(ERROS_HTTP[codigo].status).end(JSON.stringify({ codigo, detail: message }));
  }
});

let dito = '';
beforeAll(async () => {
  await new Promise<void>((pronto) => servidor.listen(0, '127.0.0.1', pronto));
  vi.stubEnv('ATENDIDO_API_URL', `http://127.0.0.1:${(servidor.address() as AddressInfo).port}`);
  vi.stubEnv('ATENDIDO_CHAVE_OPERACAO', 'a chave de operação dos testes de unidade');
  vi.spyOn(process.stdout, 'write').mockImplementation((t) => {
    dito = String(t);
    return true;
  });
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  servidor.close();
});

async function report(periodo: string): Promise<void> {
  const programa = new Command('atendido');
  register(programa);
  await programa.parseAsync(['report', '--json', '--periodo', periodo], { from: 'user' });
}

it('dos indicadores, os que têm o período que se pediu', async () => {
  const porAno = indicadoresEm(rulebooks, AGORA).filter((i) => i.periodo === 'ano');
  await report('2026');
  const { indicadores } = JSON.parse(dito) as { indicadores: { codigo: string }[] };
  expect(indicadores.map((i) => i.codigo)).toEqual(porAno.map((i) => i.codigo));
});

it.each(['2026-13', '2026-00', '2026-03', '26', '2026-3', 'março'])('o que a api recusa é recusado: %s', async (p) => {
  await expect(report(p)).rejects.toMatchObject({ code: 'PARAMETRO_INVALIDO' });
});
