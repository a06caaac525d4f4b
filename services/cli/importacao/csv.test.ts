import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeitorDeCsv, type Registro } from './csv.ts';
import { type Linha, linhasDe } from './linhas.ts';

const DATA = /^\d\d\/\d\d\/\d{4}$/;
const pareceRegistro = (celulas: readonly string[]) => DATA.test(celulas[1] ?? '');

async function* emPedacos(texto: string, tamanho: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(texto, 'latin1');
  for (let i = 0; i < bytes.length; i += tamanho) yield bytes.subarray(i, i + tamanho);
}

async function le(texto: string, colunas = 3, tamanho = 7): Promise<Registro[]> {
  const leitor = new LeitorDeCsv({ separador: ';', colunas, pareceRegistro });
  const registros: Registro[] = [];
  for await (const linhas of linhasDe(emPedacos(texto, tamanho))) registros.push(...leitor.le(linhas));
  return [...registros, ...leitor.fim()];
}

/** Line and cells of what was read; of what was not, the line and its code. */
const resumo = (registros: readonly Registro[]) =>
  registros.map(({ linha, celulas, erro }) => [linha, erro?.codigo ?? celulas.join('|')]);

describe('LeitorDeCsv', () => {
  it.each([
    ['opened and not closed', '2;02/03/2026;"sem fim'],
    ['in the middle of a text', '2;02/03/2026;Jo"ao'],
    ['closed in the middle of a text', '2;02/03/2026;"Jo"ao"'],
    ['two in the middle of a text', '2;02/03/2026;d"agua"'],
    ['alone at the end', '2;02/03/2026;ok"'],
    ['in the first cell', '"2;02/03/2026;ok'],
  ])('tells of a quote %s, and reads what stands around it', async (_nome, errada) => {
    const texto = ['1;01/03/2026;"um"', errada, '3;03/03/2026;"tres; e mais"', '4;04/03/2026;quatro'].join('\n');
    expect(resumo(await le(texto))).toEqual([
      [1, '1|01/03/2026|um'],
      [2, 'ASPAS_INVALIDAS'],
      [3, '3|03/03/2026|tres; e mais'],
      [4, '4|04/03/2026|quatro'],
    ]);
  });

  it('does not take lines between two lone quotes for a text', async () => {
    const texto = ['1;01/03/2026;"um', '2;02/03/2026;dois', '3;03/03/2026;tres"', '4;04/03/2026;quatro'].join('\n');
    expect(resumo(await le(texto))).toEqual([
      [1, 'ASPAS_INVALIDAS'],
      [2, '2|02/03/2026|dois'],
      [3, 'ASPAS_INVALIDAS'],
      [4, '4|04/03/2026|quatro'],
    ]);
  });

  it('reads texts of several lines, and gives the first line as theirs', async () => {
    const texto = '1;01/03/2026;"a\r\nb; c\r\n""d"""\r\n2;02/03/2026;fim\r\n';
    const lidos = await le(texto);
    expect(resumo(lidos)).toEqual([
      [1, '1|01/03/2026|a\nb; c\n"d"'],
      [4, '2|02/03/2026|fim'],
    ]);
    expect(lidos.map(({ fim }) => fim)).toEqual([
      { byte: texto.indexOf('2;02'), linha: 3 },
      { byte: texto.length, linha: 4 },
    ]);
  });

  it('gives up on a text longer than any, and reads on from the next line', async () => {
    const longo = Array.from({ length: 300 }, (_, n) => `linha de texto ${n}`);
    const lidos = await le(['1;01/03/2026;"a', ...longo, '2;02/03/2026;dois'].join('\n'), 3, 10_000);
    expect(lidos[0]?.erro?.codigo).toBe('ASPAS_INVALIDAS');
    expect(resumo(lidos).at(-1)).toEqual([302, '2|02/03/2026|dois']);
  });

  it('tells of a line that is too long, and holds none of it', async () => {
    const leitor = new LeitorDeCsv({ separador: ';', colunas: 3, pareceRegistro });
    const linhas: Linha[] = [];
    const texto = `1;01/03/2026;a\n2;${'x'.repeat(90)}\n3;03/03/2026;c\n`;
    for await (const l of linhasDe(emPedacos(texto, 10), undefined, 50)) linhas.push(...l);
    expect(resumo(leitor.le(linhas))).toEqual([
      [1, '1|01/03/2026|a'],
      [2, 'LINHA_GRANDE_DEMAIS'],
      [3, '3|03/03/2026|c'],
    ]);
  });

  const celula = fc.string({ unit: fc.constantFrom('a', 'é', ';', '"', '\n', ' ', '0'), maxLength: 8 });
  const linha = fc.tuple(fc.nat(999).map(String), fc.constant('02/03/2026'), celula);
  const escreve = (celulas: readonly string[]) =>
    celulas.map((c) => (/[";\n]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(';');

  it('reads whatever was written by the rules, cut into whatever pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(linha, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), async (linhas, tamanho) => {
        const lidos = await le(linhas.map(escreve).join('\n'), 3, tamanho);
        expect(lidos.map(({ erro }) => erro)).toEqual(lidos.map(() => null));
        expect(lidos.map(({ celulas }) => celulas)).toEqual(linhas);
      }),
    );
  });

  it('loses no neighbour to whatever stands in one line, and goes on from wherever a record ends', async () => {
    const lixo = fc.string({ unit: fc.constantFrom('a', ';', '"', ' '), minLength: 1, maxLength: 12 });
    const boas = fc.array(
      linha.map(([n, d]) => escreve([n, d, 'ok; ok'])),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(boas, lixo, boas, async (antes, errada, depois) => {
        const texto = [...antes, errada, ...depois].join('\n');
        const lidos = await le(texto);
        const daLinha = new Map(lidos.map((r) => [r.linha, r]));
        const vizinhas = [...antes.keys(), ...[...depois.keys()].map((k) => antes.length + 1 + k)];
        const celulas = [expect.stringMatching(/^\d+$/), '02/03/2026', 'ok; ok'];
        for (const n of vizinhas) expect(daLinha.get(n + 1)).toMatchObject({ erro: null, celulas });
        for (const { fim } of lidos)
          expect(texto.slice(0, fim.byte).split('\n').length - (fim.byte === texto.length ? 0 : 1)).toBe(fim.linha);
      }),
    );
  });
});
