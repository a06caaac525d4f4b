import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { classificaEvento } from './classificar.ts';
import { leDocumento, linhas, type Offline, preparaOffline } from './offline.ts';

const pasta = mkdtempSync(join(tmpdir(), 'atendido-offline-'));
afterAll(() => rmSync(pasta, { recursive: true, force: true }));

vi.stubEnv('CLIENT_ID_KEY', 'chave');

let escritos = 0;
function arquivo(...partes: (string | Buffer)[]): string {
  escritos += 1;
  const caminho = join(pasta, `${escritos}.ndjson`);
  writeFileSync(caminho, Buffer.concat(partes.map((p) => Buffer.from(p as string))));
  return caminho;
}

// What `classify` and `recount` read, and what `explain`, `quarantine fix` and --portfolio read.
async function lidas(caminho: string): Promise<unknown[]> {
  const todas: unknown[] = [];
  for await (const linha of linhas(caminho)) todas.push(linha);
  return todas;
}
const BOM = '\ufeff';
const LATIN1 = Buffer.from('{"id":"ação"}', 'latin1');

describe('o que os comandos sem servidores leem', () => {
  it('começa ou não por BOM, como à porta', async () => {
    expect(await lidas(arquivo(`${BOM}{"id":1}\r\n\r\n{"id":2}`))).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await leDocumento(arquivo(`${BOM}{"id":1}`))).toEqual({ id: 1 });
  });

  it('termina uma linha só onde a porta a termina: U+2028 é texto', async () => {
    expect(await lidas(arquivo('{"id":"a\u2028b"}\n'))).toEqual([{ id: 'a\u2028b' }]);
  });

  it('não é lido se não está em UTF-8, e a linha é dita', async () => {
    const recusa = { code: 'JSON_INVALIDO', exitCode: 2 };
    const [ndjson, documento] = [arquivo('{}\n\n', LATIN1, '\n'), arquivo(LATIN1)];
    await expect(lidas(ndjson)).rejects.toMatchObject({ ...recusa, message: expect.stringMatching(/^linha 3: não é/) });
    await expect(leDocumento(documento)).rejects.toMatchObject(recusa);
  });

  it.each([
    ['uma pasta', () => pasta],
    ['o que não há', () => join(pasta, 'nada')],
  ])('não é %s', async (_, onde) => {
    const recusa = { code: 'ARQUIVO_ILEGIVEL', exitCode: 2 };
    await expect(lidas(onde())).rejects.toMatchObject(recusa);
    await expect(leDocumento(onde())).rejects.toMatchObject(recusa);
    await expect(preparaOffline({ portfolio: onde() })).rejects.toMatchObject(recusa);
  });
});

describe('classify', () => {
  it.each(['5', '[]', '"x"', 'null'])('diz de %s, que é JSON mas não é um evento, o que há de errado', async (json) => {
    const offline: Offline = await preparaOffline({});
    const { motivo, detalhe } = classificaEvento(JSON.parse(json), offline, Date.now());
    expect(motivo).toBe('ESQUEMA_INVALIDO');
    expect(detalhe).toMatch(/^[A-Z]/);
  });
});
