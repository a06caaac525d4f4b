import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leManifesto } from './manifesto.ts';
import { arruma, comPasta, nomeDoArquivo } from './pasta.ts';
import { pastaDeTeste } from './pasta-fixture.ts';

const TOPICO = 'interacoes-contabilizadas';
const PEDIDO = { formato: 'csv', de: '2026-01-01T03:00:00.000Z', ate: null } as const;

it('removes what an export that was killed had not told of, and nothing of others', async () => {
  const pasta = pastaDeTeste();
  const nome = (de: number, ate: number) => nomeDoArquivo(TOPICO, { particao: 3, de, ate }, 'csv');
  const [dito, orfao, alheio] = [nome(0, 10), nome(10, 20), `${TOPICO}/leia-me.csv`];
  mkdirSync(join(pasta, TOPICO));
  mkdirSync(join(pasta, '.em-curso'));
  for (const arquivo of [dito, orfao, alheio, '.em-curso/em-curso.csv']) writeFileSync(join(pasta, arquivo), 'x');
  const lugar = { topico: TOPICO, particao: 3, de: 0, ate: 10, registros: 10 } as const;
  await arruma(pasta, { arquivos: [{ arquivo: dito, ...lugar }] });
  expect([dito, orfao, alheio].map((arquivo) => existsSync(join(pasta, arquivo)))).toEqual([true, false, true]);
  expect(readdirSync(join(pasta, '.em-curso'))).toEqual([]);
});

it('is for one process at a time, and leaves nothing of its own behind', async () => {
  const pasta = join(pastaDeTeste(), 'nova');
  await comPasta(pasta, async () => {
    await expect(comPasta(pasta, async () => {})).rejects.toMatchObject({ code: 'EXPORTACAO_EM_CURSO' });
  });
  expect(readdirSync(pasta)).toEqual([]);
  writeFileSync(join(pasta, 'arquivo'), '');
  await expect(comPasta(join(pasta, 'arquivo/nao-da'), async () => {})).rejects.toMatchObject({
    code: 'ARQUIVO_NAO_GRAVADO',
  });
});

it('is made with those that it stands in; where none can be made, that is said', async () => {
  const funda = join(pastaDeTeste(), 'uma/outra');
  await Promise.all([comPasta(join(funda, 'a'), async () => {}), comPasta(join(funda, 'b'), async () => {})]);
  expect(readdirSync(funda).sort()).toEqual(['a', 'b']);
  await expect(comPasta('/proc/x', async () => {})).rejects.toMatchObject({ code: 'ARQUIVO_NAO_GRAVADO' });
});

it('refuses a manifest that is none, or of other columns', async () => {
  const pasta = pastaDeTeste();
  const vazio = await leManifesto(pasta, PEDIDO);
  expect(vazio).toMatchObject({ posicoes: {}, arquivos: [] });
  const grava = (texto: string) => writeFileSync(join(pasta, 'manifesto.json'), texto);
  grava('{"versao": 1');
  await expect(leManifesto(pasta, PEDIDO)).rejects.toMatchObject({ code: 'ARQUIVO_ILEGIVEL' });
  grava(JSON.stringify({ ...vazio, colunas: { ...vazio.colunas, 'clientes-atendidos': 'cliente VARCHAR' } }));
  await expect(leManifesto(pasta, PEDIDO)).rejects.toThrow(/EXPORTACAO|as colunas/);
  grava(JSON.stringify(vazio));
  await expect(leManifesto(pasta, { ...PEDIDO, ate: '2026-02-01T03:00:00.000Z' })).rejects.toThrow(
    /--to \(nenhum, e não/,
  );
  expect(await leManifesto(pasta, PEDIDO)).toEqual(vazio);
});
