import { expect, test } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { LeituraDeConhecidos, type PartesDaLeitura } from './conhecidos.ts';

const NINGUEM = { pf: null, pj: null, naoIdentificado: null };
const nomeia = pseudonimizador('uma chave');
const pseudonimo = (n: number) => nomeia(String(n));

interface Leitura {
  from: ReadonlyMap<number, number>;
  to: ReadonlyMap<number, number>;
  onBatch: (batch: object) => unknown;
}

/** A closing that names so many, as many times: the log of `presencas`; `interacoes` is empty. */
function log(pessoas: (registro: number) => string[], registros: number): PartesDaLeitura {
  const value = (n: number) => {
    const participantes = pessoas(n).map((pf) => ({ cliente: { ...NINGUEM, pf }, presencas: 1 }));
    return { ...INTERACAO_VAZIA, participantes } as unknown as Interacao;
  };
  const partes = {
    admin: { ends: async (topico: string) => new Map([[0, topico === 'presencas' ? registros : 0]]) },
    kafka: {
      readToEnd: async (topico: string, { from, to, onBatch }: Leitura) => {
        if (topico !== 'presencas') return;
        const [de, ate] = [from.get(0) ?? 0, to.get(0) ?? 0];
        await onBatch({ records: Array.from({ length: ate - de }, (_, n) => ({ value: value(de + n) })) });
      },
    },
    interacoes: { prepareIds: async () => {}, decodeSync: (value: unknown) => value },
    progresso: () => {},
  };
  return partes as unknown as PartesDaLeitura;
}

async function le(partes: PartesDaLeitura, porRegistro: number) {
  const leitura = await LeituraDeConhecidos.comeca(partes, pseudonimo(0), porRegistro);
  await leitura.avanca();
  return leitura;
}

test('lists of hundreds overflow the room there is, which is told; with more room they do not', async () => {
  const partes = log((n) => Array.from({ length: 300 }, (_, p) => pseudonimo(n * 300 + p)), 100);
  const apertada = await le(partes, 3);
  expect(apertada.transbordou).toBe(true);
  const folgada = await le(partes, 300);
  expect(folgada.transbordou).toBe(false);
  expect(folgada.achada).toBe(true);
  // Nobody new is taken for known but now and then.
  const novos = Array.from({ length: 1_000 }, (_, n) => pseudonimo(10_000_000 + n));
  expect(novos.filter((id) => folgada.filtro.tem(id)).length).toBeLessThan(30);
});

test('what is no pseudonym, which may be a document, is kept nowhere', async () => {
  const leitura = await le(
    log(() => ['52998224725', pseudonimo(7)], 1),
    3,
  );
  expect(leitura.pessoas).toBe(1);
  leitura.fecha(10);
  expect(leitura.cauda).toEqual([]);
});

test('of who comes after the filter was published only pseudonyms stand beside it', async () => {
  let registros = 0;
  const partes = log(() => ['52998224725', pseudonimo(7)], 1);
  const ends = async (topico: string) => new Map([[0, topico === 'presencas' ? registros : 0]]);
  const leitura = await le({ ...partes, admin: { ends } } as PartesDaLeitura, 3);
  leitura.fecha(10);
  registros = 1;
  await leitura.avanca();
  expect(leitura.cauda).toEqual([pseudonimo(7)]);
});
