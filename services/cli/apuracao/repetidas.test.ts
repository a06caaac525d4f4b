import { describe, expect, it } from 'vitest';
import type { ResolucaoDeQuarentena } from '#platform/codec-types.ts';
import type { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import type { Postas } from './postas.ts';
import { resolveRepetidas } from './repetidas.ts';

const REENVIO = { por: 'ana', em: 1, tentativa: 2, execucao: 'x' };
const CORRECAO = { topico: 'interacoes', chave: 'k', valor: Buffer.from('v'), por: 'ana', em: 1 };

/** What came back while apuração 2 was made, and what is to be written of it. */
async function escritas(
  depois: { onde: string; resolvida: string; repetida: string | null }[],
  { pulou = false, correcao = null as ResolucaoDeQuarentena['correcao'] } = {},
) {
  const postas = { atualiza: async () => {}, voltaramDepois: () => depois } as unknown as Postas;
  const resolucoes = {
    inteira: async () => ({ correcao, reenvio: REENVIO }),
    codec: { encode: (feito: ResolucaoDeQuarentena) => Buffer.from(JSON.stringify(feito)) },
  } as unknown as Resolucoes;
  const registros = await resolveRepetidas(resolucoes, postas, { pulou: () => pulou }, 2);
  return registros.map(({ key, value }) => [key, JSON.parse(String(value)).reenvio]);
}

describe('what came back from quarantine while another apuração was made', () => {
  it('is solved there too, where that one set it aside again', async () => {
    const uma = { onde: 'interacoes/0/7', resolvida: '0/1', repetida: '0/9' };
    expect(await escritas([uma], { correcao: CORRECAO })).toEqual([['0/9', REENVIO]]);
  });

  it('needs nothing where it was left out, or decided as its copy is', async () => {
    const uma = { onde: 'interacoes/0/7', resolvida: '0/1', repetida: null };
    expect(await escritas([uma])).toEqual([]);
    expect(await escritas([uma], { pulou: true, correcao: CORRECAO })).toEqual([]);
  });

  it('ends the application where it was corrected, and decided as it was before', async () => {
    const uma = { onde: 'interacoes/0/7', resolvida: '0/1', repetida: null };
    await expect(escritas([uma], { correcao: CORRECAO })).rejects.toMatchObject({
      code: 'REPROCESSAMENTO_CONCORRENTE',
    });
  });
});
