import { expect, it } from 'vitest';
import { ChavesDoShard } from '../estado/chaves.ts';
import { redisDe } from './redis-de-teste.ts';
import { exigeQueOEstadoEsqueca } from './resto.ts';

const MARIA = 'pf:maria';

/** The person in a generation kept; `looks` later they are removed. */
function mundo(looks: number) {
  const chave = new ChavesDoShard(0, 'r1').cliente(MARIA);
  const { redis } = redisDe({ '{geracao}': { viva: 'r2', anterior: 'r1' } }, [chave]);
  const exists = async (outra: string) => (outra === chave && looks-- > 0 ? 1 : 0);
  const partes = { redis: { ...redis, exists }, seguidas: { apuracoes: { emVigor: 0 } }, particoes: 1 };
  return partes as unknown as Parameters<typeof exigeQueOEstadoEsqueca>[0];
}

it('waits for a moment for whoever is removing the person', async () => {
  await expect(exigeQueOEstadoEsqueca(mundo(2), MARIA)).resolves.toBeUndefined();
});

it('then says which generation has them', async () => {
  const erro = exigeQueOEstadoEsqueca(mundo(Number.POSITIVE_INFINITY), MARIA, 300);
  await expect(erro).rejects.toMatchObject({ code: 'ESQUECIMENTO_INACABADO', message: expect.stringContaining('r1') });
});
