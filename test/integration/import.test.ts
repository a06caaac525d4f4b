import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHAVE_OPERACAO, CPF, chama } from './http-fixture.ts';
import { read } from './kafka-fixture.ts';
import { type ServicosComChave, servicosComChave } from './keys-fixture.ts';
import { unique, until } from './until.ts';

let s: ServicosComChave;
beforeAll(async () => {
  s = await servicosComChave();
});
afterAll(() => s?.fecha());

const MAPA = `
campos:
  id: Protocolo
  tipo: {constante: atendimento}
  time: Data
  unidade: UF
  tipoSolucao: {constante: orientacao-tecnica}
  canal: {constante: telefone}
  cliente.pf.cpf: CPF
`;
const LINHAS = 8_000;
/** Six commands, each a process of its own, on whatever machine. */
const ATE_MS = 180_000;
/** What is wrong with every so many lines, and what the door or the reading says to it. */
const ERROS: [cada: number, codigo: string, certa: string, errada: string][] = [
  [500, 'CPF_INVALIDO', '529.982.247-25', '529.982.247-26'],
  [700, 'ASPAS_INVALIDAS', ';ok', ';"ok'],
  [900, 'ESQUEMA_INVALIDO', ';SP;', ';XX;'],
];

const certa = (id: string) => `${id};02/03/2026 10:15;SP;529.982.247-25;ok`;
const erroDe = (n: number) => ERROS.find(([cada]) => n % cada === 0);

function csvDe(source: string): { texto: string; recusadas: Record<string, number> } {
  const recusadas: Record<string, number> = {};
  const linhas = Array.from({ length: LINHAS }, (_, n) => {
    const linha = certa(`${source}-n${n}`);
    const erro = n === 0 ? undefined : erroDe(n);
    if (erro === undefined) return linha;
    recusadas[erro[1]] = (recusadas[erro[1]] ?? 0) + 1;
    return linha.replace(erro[2], erro[3]);
  });
  return { texto: ['Protocolo;Data;UF;CPF;Obs', ...linhas].join('\r\n'), recusadas };
}

/** What was kept of the imports of a source. */
function estadosDe(source: string): { source: string; aceitas: number }[] {
  const pasta = join(s.pasta, 'importacoes');
  if (!existsSync(pasta)) return [];
  const nomes = readdirSync(pasta, { encoding: 'utf8' }).filter((nome) => nome.endsWith('.json'));
  return nomes.map((nome) => JSON.parse(readFileSync(join(pasta, nome), 'utf8'))).filter((e) => e.source === source);
}

async function idsNoKafka(source: string): Promise<string[]> {
  // Of this source alone: other tests put records there by no door.
  const valores = (await read('interacoes')).filter((valor) => valor.includes(source)).join('\n');
  expect(valores).not.toContain(CPF);
  expect(valores).not.toContain('529.982');
  return [...new Set(valores.match(new RegExp(`${source}-n\\d+`, 'g')))];
}

describe('a file, from the first attempt to the last line', () => {
  test(
    'killed in the middle, it goes on; its refused lines, corrected, complete it',
    async () => {
      const source = unique('importa');
      const [mapa, arquivo] = [join(s.pasta, `${source}.yaml`), join(s.pasta, `${source}.csv`)];
      const { texto, recusadas } = csvDe(source);
      writeFileSync(mapa, MAPA);
      writeFileSync(arquivo, texto);
      const comuns = ['--source', source, '--mapa', mapa, '--json'];
      const ensaio = await s.comando('import', arquivo, ...comuns, '--dry-run');
      const { resumo } = JSON.parse(ensaio.saida.trim().split('\n').at(-1) ?? '');
      const nRecusadas = Object.values(recusadas).reduce((soma, n) => soma + n, 0);
      expect(resumo).toMatchObject({ linhas: LINHAS, aceitas: LINHAS - nRecusadas, recusadas });
      expect(await idsNoKafka(source)).toEqual([]);
      expect(ensaio.erros).toContain(`A fonte '${source}', se ainda não está registrada, seria registrada`);

      const primeira = s.comandoCom({}, 'import', arquivo, ...comuns);
      const meio = () => estadosDe(source).some(({ aceitas }) => aceitas > 0);
      await until(() => meio() || primeira.processo.exitCode !== null, 'the first lines');
      primeira.processo.kill('SIGKILL');
      expect((await primeira.fim).sinal).toBe('SIGKILL');
      const [parada] = estadosDe(source);
      expect(parada?.aceitas).toBeLessThan(LINHAS - nRecusadas);

      const segunda = await s.comando('import', arquivo, ...comuns);
      expect(segunda, segunda.erros).toMatchObject({
        codigo: 1,
        erros: expect.stringContaining('IMPORTACAO_COM_RECUSAS'),
      });
      const feita = JSON.parse(segunda.saida);
      expect(feita).toMatchObject({ aceitas: LINHAS - nRecusadas, recusadas, jaFeita: false });
      const relatorio: string = feita.relatorio.caminho;
      expect(relatorio).toBe(join(s.pasta, `${source}.recusados.csv`));
      expect(statSync(relatorio).mode & 0o777).toBe(0o600);
      const [cabecalho, ...refugo] = readFileSync(relatorio, 'utf8').trim().split('\r\n');
      expect(cabecalho).toBe('recusa.codigo;recusa.detalhe;recusa.linha;Protocolo;Data;UF;CPF;Obs');
      expect(refugo).toHaveLength(nRecusadas);
      // As a person would: in the cells that are wrong, and in no other.
      const corrigido = refugo.map((l) =>
        l.replace('529.982.247-26', '529.982.247-25').replace(';XX;', ';SP;').replace('"""ok"', 'ok'),
      );
      writeFileSync(relatorio, [cabecalho, ...corrigido].join('\r\n'));

      const terceira = await s.comando('import', relatorio, ...comuns);
      expect(terceira, terceira.erros).toMatchObject({ codigo: 0 });
      expect(JSON.parse(terceira.saida)).toMatchObject({ aceitas: nRecusadas, recusadas: {} });
      expect(await idsNoKafka(source)).toHaveLength(LINHAS);

      const outra = await s.comando('import', arquivo, ...comuns);
      expect(JSON.parse(outra.saida)).toMatchObject({ jaFeita: true, aceitas: LINHAS - nRecusadas });
      const { corpo } = await chama(`${s.url}/v1/credenciais`, 'GET', CHAVE_OPERACAO);
      expect((corpo as { id: string }[]).filter(({ id }) => id.includes(source))).toEqual([]);
    },
    ATE_MS,
  );

  test(
    'compressed events go by a key of their own; what it may not send is in the report',
    async () => {
      const source = unique('importa');
      const arquivo = join(s.pasta, `${source}.ndjson.gz`);
      const linha = (n: number, tipo: string) =>
        JSON.stringify({
          ...{ specversion: '1.0', id: `${source}-n${n}`, type: `br.com.sebrae.interacao.${tipo}` },
          ...{ time: '2026-03-02T10:15:00-03:00', data: { unidade: 'SP', cliente: { pf: { cpf: CPF } } } },
        });
      writeFileSync(arquivo, gzipSync([linha(1, 'login'), linha(2, 'cadastro'), 'isto não é JSON'].join('\n')));
      const produtor = ['--papel', 'produtor', '--source', source, '--registra', 'LMS', '--tipo', 'login'];
      const ATENDIDO_CHAVE = (await s.comando('key', 'create', source, ...produtor)).saida.trim();
      const importa = () => s.comandoCom({ ATENDIDO_CHAVE }, 'import', arquivo, '--source', source).fim;
      let feita = await importa();
      await until(async () => {
        if (!feita.erros.includes('CREDENCIAL_INVALIDA')) return true;
        feita = await importa();
        return false;
      }, 'the key to be known');
      expect(feita).toMatchObject({ codigo: 1, saida: expect.stringContaining('1 linha aceita, 2 recusadas.') });
      const refugo = readFileSync(join(s.pasta, `${source}.recusados.ndjson`), 'utf8')
        .trim()
        .split('\n');
      expect(refugo.map((l) => JSON.parse(l))).toMatchObject([
        { id: `${source}-n2`, recusa: { codigo: 'INTERACAO_NAO_AUTORIZADA', linha: 2 } },
        { texto: 'isto não é JSON', recusa: { codigo: 'JSON_INVALIDO', linha: 3 } },
      ]);
      expect(await idsNoKafka(source)).toEqual([`${source}-n1`]);
      expect(feita.erros).not.toContain(CPF);
    },
    ATE_MS,
  );
});
