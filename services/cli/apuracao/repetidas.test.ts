import { describe, expect, it } from 'vitest';
import type { ResolucaoDeQuarentena } from '#platform/codec-types.ts';
import type { Postas, Tratada } from '#platform/quarentena/postas.ts';
import type { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import { resolveRepetidas } from './repetidas.ts';

const REENVIO = { por: 'ana', em: 1, tentativa: 2, execucao: 'x' };
const CORRECAO = { topico: 'interacoes', chave: 'k', valor: Buffer.from('v'), por: 'bia', em: 1 };

/** What came back while apuração 2 was made, and what is to be written of it. */
async function escritas(
  depois: Tratada[],
  { pulou = false, ...feito }: Partial<ResolucaoDeQuarentena> & { pulou?: boolean } = {},
) {
  const postas = { atualiza: async () => {}, tratadas: () => depois } as unknown as Postas;
  const inteira = { correcao: null, reenvio: REENVIO, ...feito };
  const resolvida = inteira.reenvio !== null;
  const resolucoes = {
    resolvida: () => resolvida,
    // Once it was put back, the bytes of its correction are to be read.
    de: () => ({ ...inteira, correcao: resolvida ? null : inteira.correcao }),
    inteira: async () => {
      if (!resolvida) throw new Error('one read for each that waits');
      return inteira;
    },
    codec: { encode: (feito: ResolucaoDeQuarentena) => Buffer.from(JSON.stringify(feito)) },
  } as unknown as Resolucoes;
  const registros = await resolveRepetidas(resolucoes, postas, { pulou: () => pulou }, { numero: 2, base: 0 });
  return registros.map(({ key, value }) => {
    const { correcao, reenvio } = JSON.parse(String(value));
    return [key, reenvio?.por ?? null, correcao?.por ?? null];
  });
}

describe('what came back from quarantine while another apuração was made', () => {
  it('is solved there too, where that one set it aside again', async () => {
    const uma = { onde: 'interacoes/0/7', tratada: '0/1', repetida: '0/9' };
    expect(await escritas([uma], { correcao: CORRECAO })).toEqual([['0/9', 'ana', 'bia']]);
  });

  it('waits there with the same correction, where it was corrected and not put back', async () => {
    const uma = { onde: 'interacoes/0/7', tratada: '0/1', repetida: '0/9' };
    expect(await escritas([uma], { correcao: CORRECAO, reenvio: null })).toEqual([['0/9', null, 'bia']]);
    expect(await escritas([{ ...uma, repetida: null }], { correcao: CORRECAO, reenvio: null })).toEqual([]);
  });

  it('needs nothing where it was left out, or decided as its copy is', async () => {
    const uma = { onde: 'interacoes/0/7', tratada: '0/1', repetida: null };
    expect(await escritas([uma])).toEqual([]);
    expect(await escritas([uma], { pulou: true, correcao: CORRECAO })).toEqual([]);
  });

  it('ends the application where it was corrected, and decided as it was before', async () => {
    const uma = { onde: 'interacoes/0/7', tratada: '0/1', repetida: null };
    await expect(escritas([uma], { correcao: CORRECAO })).rejects.toMatchObject({
      code: 'REPROCESSAMENTO_CONCORRENTE',
    });
  });
});
