import { expect, test } from 'vitest';
import { TrocasDeChave } from '#domain/troca-de-chave.ts';
import { exigeAChaveEmUso, type PartesDaChave } from './chave-em-uso.ts';
import type { OutputRecord } from './kafka/port.ts';
import { Nomes } from './nomes.ts';
import { LeituraDasTrocas } from './trocas.ts';

/** An installation with so many records, as its services see it. */
function instalacao(registros = { interacoes: 0, presencas: 0 }) {
  const trocas = new TrocasDeChave();
  const leitura = new LeituraDasTrocas(trocas);
  let publicadas = 0;
  const producer = {
    send: async (todos: readonly OutputRecord[]) => {
      publicadas += todos.length;
      for (const { key, value } of todos) leitura.recebe({ key: Buffer.from(String(key)), value });
    },
    close: async () => {},
  };
  const partes = {
    kafka: { producer: async () => producer },
    admin: { ends: async (topico: 'interacoes' | 'presencas') => new Map([[0, registros[topico]]]) },
    seguidas: { esquecimentos: { trocas }, caughtUp: async () => {} },
  } as unknown as PartesDaChave;
  const comeca = (clientIdKey: string, clientIdKeyAnterior: string | null = null) =>
    exigeAChaveEmUso(partes, new Nomes({ clientIdKey, clientIdKeyAnterior }, trocas));
  return { comeca, publicadas: () => publicadas };
}
const DIVERGENTE = expect.objectContaining({ code: 'CHAVE_DIVERGENTE' });

test('the first one says which key is in use, and who comes with another does not start', async () => {
  const { comeca, publicadas } = instalacao({ interacoes: 3, presencas: 0 });
  await comeca('a-certa');
  await comeca('a-certa');
  expect(publicadas()).toBe(1);
  await expect(comeca('a-errada')).rejects.toThrow(DIVERGENTE);
  // A change is prepared, and not in force.
  await comeca('uma-nova', 'a-certa');
  await expect(comeca('a-certa', 'a-errada')).rejects.toThrow(DIVERGENTE);
  expect(publicadas()).toBe(1);
});

test('as long as nobody was named, the first key may have been the wrong one', async () => {
  for (const topico of ['interacoes', 'presencas'] as const) {
    const registros = { interacoes: 0, presencas: 0 };
    const { comeca } = instalacao(registros);
    await comeca('com-erro');
    await comeca('a-certa');
    registros[topico] = 1;
    await expect(comeca('com-erro')).rejects.toThrow(DIVERGENTE);
    await comeca('a-certa');
  }
});

test('whoever comes with the keys of several changes, where none was made, takes no line over', async () => {
  const { comeca, publicadas } = instalacao();
  await expect(comeca('a-terceira', 'a-certa,a-segunda')).rejects.toThrow(DIVERGENTE);
  expect(publicadas()).toBe(0);
  await comeca('a-certa');
});
