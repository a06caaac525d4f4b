import { expect, it } from 'vitest';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { traduz } from '../http/traduz.ts';
import { pedeEsquecimento } from './pedido.ts';
import { redisDe } from './redis-de-teste.ts';

/** Asks for somebody to be forgotten where Redis has these generations; whether anything is held of them. */
function pede(geracoes: Record<string, string>, ha = true) {
  const seguidas = { apuracoes: { emVigor: 0 }, esquecimentos: new Esquecimentos(), caughtUp: async () => {} };
  const kafka = {
    exclusive: async () => {
      throw new Error('nada se escreve');
    },
  };
  const partes = { kafka, admin: {}, resolucoes: {}, seguidas, redis: redisDe({ '{geracao}': geracoes }).redis };
  const pedido = { titular: 'pf:maria', quem: { quem: 'ana', chave: null }, haAlgoDe: async () => ha };
  return pedeEsquecimento(partes as unknown as Parameters<typeof pedeEsquecimento>[0], pedido);
}

it.each([
  ['being built', { viva: 'g1', nova: 'g2' }, 'RECONSTRUCAO_INACABADA', 'ESTADO_EM_CONSTRUCAO'],
  ['being built of another rulebook', { viva: 'g1', nova: 'g2.1' }, 'RECONSTRUCAO_INACABADA', 'ESTADO_EM_CONSTRUCAO'],
  ['kept from before', { viva: 'g2', anterior: 'g1' }, 'GERACAO_ANTERIOR_GUARDADA', 'ESTADO_GUARDADO'],
])(
  'orders nothing beside a state %s, which would have the person; the api says so',
  async (_, geracoes, code, http) => {
    const erro = await pede(geracoes).catch((error: unknown) => error);
    expect(erro).toMatchObject({ code });
    expect(traduz(erro)).toMatchObject({ codigo: http });
  },
);

it('where nothing is held, says so whatever is being built', async () => {
  expect(await pede({ viva: 'g1', nova: 'g2' }, false)).toBeNull();
});
