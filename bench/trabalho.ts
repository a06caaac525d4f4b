import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';

/** A piece of work that needs nothing but a core: what a service does all day, without the service. */
function unidade(n: number): number {
  const evento = { id: `e-${n}`, cliente: { pf: `pf:${n}` }, time: n, presencas: [1, 2, 3], canal: 'portal' };
  const texto = JSON.stringify(evento);
  const lido = JSON.parse(texto) as typeof evento;
  return createHash('sha256').update(lido.id).update(texto).digest()[0] ?? 0;
}

const { segundos } = z.object({ segundos: z.number() }).parse(workerData);
const fim = performance.now() + segundos * 1000;
let unidades = 0;
let soma = 0;
while (performance.now() < fim) {
  for (let i = 0; i < 500; i += 1) soma += unidade(i);
  unidades += 500;
}
parentPort?.postMessage({ unidades, soma });
