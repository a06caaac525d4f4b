import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { Reclassificacao } from '#domain/reclassificacao.ts';
import { typeOf } from '#platform/codec-types.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { interacoesDaCarga } from './carga.ts';
import { carga, PARTICOES, portfolio } from './sem-servidores.ts';

const LOTE = 300;
const LOTES_POR_TRECHO = 20;

export const rulebooks = await loadRulebooks();

/** The entries of the load as the classifier's lots, by partition. */
export function lotesDaCarga(): Buffer[][] {
  const tipo = typeOf('LoteDeLancamentos');
  const reclassificacao = new Reclassificacao(rulebooks, portfolio);
  const abertos: Lancamento[][] = Array.from({ length: PARTICOES }, () => []);
  const feitos: Buffer[][] = Array.from({ length: PARTICOES }, () => []);
  const fecha = (p: number) => feitos[p]?.push(tipo.toBuffer({ lancamentos: abertos[p]?.splice(0) }));
  for (const interacao of interacoesDaCarga({ ...carga, execucao: 'b' })) {
    const registro = { interacao, registradaEm: interacao.time };
    for (const l of reclassificacao.lancamentos(registro, reclassificacao.decisaoDe(registro))) {
      const p = murmur2Partition(chaveDoLancamento(l), PARTICOES);
      if (abertos[p]?.push(l) === LOTE) fecha(p);
    }
  }
  for (const p of feitos.keys()) fecha(p);
  return feitos;
}

/** A partition's lots as they are read, those of a run together. */
export function* trechosDe(lotes: readonly Buffer[]): Generator<Lancamento[][]> {
  const tipo = typeOf('LoteDeLancamentos');
  for (let de = 0; de < lotes.length; de += LOTES_POR_TRECHO) {
    yield lotes.slice(de, de + LOTES_POR_TRECHO).map((lote) => tipo.fromBuffer(lote).lancamentos);
  }
}

export const entradasDe = (lidos: readonly Lancamento[][]): number => lidos.reduce((n, lote) => n + lote.length, 0);
