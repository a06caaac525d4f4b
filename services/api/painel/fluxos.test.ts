import { EventEmitter } from 'node:events';
import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { AoVivo } from './ao-vivo.ts';
import { FLUXOS_POR_CHAVE, Fluxos } from './fluxos.ts';

const pedido = () => ({ raw: new EventEmitter() }) as unknown as FastifyRequest;

it('a key has so many streams open and no more; one that ends makes room; another key has its own', async () => {
  const [fluxos, fonte] = [new Fluxos(), new AoVivo(60_000, async () => 1)];
  const abre = (chave: string, request = pedido()) => fluxos.abre(request, chave, fonte, () => undefined);
  const primeiro = pedido();
  const corpo = abre('bi', primeiro);
  for (let n = 1; n < FLUXOS_POR_CHAVE; n += 1) abre('bi');
  expect(() => abre('bi')).toThrow(expect.objectContaining({ codigo: 'MUITAS_REQUISICOES' }));
  abre('outra');
  const fechou = new Promise((resolve) => corpo.once('close', resolve));
  corpo.resume();
  primeiro.raw.emit('close');
  await fechou;
  abre('bi');
  fluxos.fecha();
});
