import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErroHttp } from '#platform/http/erros.ts';
import { EVENTO_JSON, LOTE_JSON } from '#platform/http/rotas-de-escrita.ts';
import { type Item, leJson, lePedido } from './leitura.ts';
import { CortaLinhas } from './linhas.ts';

const corta = (pedacos: readonly Buffer[], maximo: number): Item[] => {
  const linhas = new CortaLinhas(maximo);
  return [...pedacos.flatMap((p) => linhas.corta(p)), ...linhas.fim()];
};

const emPedacos = (corpo: Buffer, cortes: readonly number[]): Buffer[] => {
  const onde = [0, ...cortes.map((c) => c % (corpo.length + 1)).sort((a, b) => a - b), corpo.length];
  return onde.slice(1).map((fim, n) => corpo.subarray(onde[n], fim));
};

describe('CortaLinhas', () => {
  it('what comes out does not depend on where the body is cut', () => {
    // Nothing that a test may not be given: characters of several bytes, \r, blank lines, lines that are no JSON.
    const texto = fc.array(fc.oneof(fc.json(), fc.constantFrom('', ' ', '\r', '{', '"ação 😀"', 'x'.repeat(40))));
    fc.assert(
      fc.property(texto, fc.constantFrom('\n', '\r\n'), fc.array(fc.nat()), (linhas, quebra, cortes) => {
        const corpo = Buffer.from(linhas.join(quebra));
        const esperado = linhas
          .filter((l) => /[^\s]/.test(l))
          .map((l) => {
            const bytes = Buffer.from(l);
            const comRetorno = bytes.length + (quebra === '\r\n' && l !== linhas.at(-1) ? 1 : 0);
            return comRetorno > 200 ? 'longa' : JSON.stringify(leJson(bytes));
          });
        const saiu = corta(emPedacos(corpo, cortes), 200);
        const legivel = saiu.map((i) => ('linhaLonga' in i ? 'longa' : JSON.stringify(i)));
        if (linhas.every((l) => Buffer.byteLength(l) < 199)) expect(legivel).toEqual(esperado);
        else expect(legivel).toHaveLength(esperado.length);
      }),
    );
  });

  it('any bytes are items, never an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat()), (bytes, cortes) => {
        const corpo = Buffer.from(bytes);
        expect(corta(emPedacos(corpo, cortes), 50)).toEqual(corta([corpo], 50));
      }),
    );
  });
});

describe('lePedido', () => {
  const headers = fc.dictionary(
    fc.constantFrom('ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-time', 'ce-data', 'ce-__proto__', 'host'),
    fc.oneof(fc.string(), fc.constantFrom('1.0', '%', '%E0%A4%A', '"a\\"b"', '"', '%22')),
  );
  const corpo = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b)),
    fc.json().map((texto) => Buffer.from(texto)),
  );

  it('of anything, events or a refusal', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EVENTO_JSON, LOTE_JSON, 'text/xml'), headers, corpo, (tipo, h, bytes) => {
        try {
          const { lote, itens } = lePedido(tipo, h, bytes);
          expect(lote).toBe(tipo === LOTE_JSON);
          expect(itens.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ErroHttp);
        }
      }),
    );
  });

  it('binary mode: what goes into a header comes out of it', () => {
    const texto = fc.string({ unit: 'grapheme', minLength: 1 }).filter((t) => t.isWellFormed());
    fc.assert(
      fc.property(texto, fc.boolean(), (id, aspas) => {
        const escrito = encodeURIComponent(id);
        const h = { 'ce-specversion': '1.0', 'ce-id': aspas ? `"${escrito}"` : escrito };
        expect(lePedido('application/json', h, Buffer.from('{"a":1}')).itens).toEqual([
          { evento: { specversion: '1.0', id, data: { a: 1 } } },
        ]);
      }),
    );
  });

  it('binary mode: a quoted header is unescaped first', () => {
    const h = { 'ce-specversion': '1.0', 'ce-id': '"a \\"b\\" \\\\ %C3%A7"' };
    expect(lePedido('application/json', h, Buffer.from('1')).itens).toMatchObject([{ evento: { id: 'a "b" \\ ç' } }]);
  });
});
