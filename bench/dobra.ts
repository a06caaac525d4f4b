import { dobraTrecho, porTitular } from '#domain/dobra-trecho.ts';
import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { Reclassificacao } from '#domain/reclassificacao.ts';
import { typeOf } from '#platform/codec-types.ts';
import { agrupa } from '#platform/estado/chaves.ts';
import { EstadosEmBytes } from '#platform/estado/estados-em-bytes.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { interacoesDaCarga } from './carga.ts';
import { carga, Fases, PARTICOES, portfolio, rodadas } from './sem-servidores.ts';

/** What the aggregator does to its entries, without servers: steadier than a line, to be looked at while it is changed. */

const LOTE = 300;
const LOTES_POR_TRECHO = 20;

const rulebooks = await loadRulebooks();

/** The entries of the load as the classifier's lots, by partition. */
function lotes(): Buffer[][] {
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

const FASES = ['leitura', 'titulares', 'dobra', 'grupos', 'guardados'] as const;

/** All lots folded into no state at all. */
function rodada(porParticao: readonly Buffer[][]): string {
  const tipo = typeOf('LoteDeLancamentos');
  const fases = new Fases(FASES);
  let entradas = 0;
  for (const bytes of porParticao) {
    const guardados = new Map<string, Buffer>();
    for (let de = 0; de < bytes.length; de += LOTES_POR_TRECHO) {
      const lidos = bytes.slice(de, de + LOTES_POR_TRECHO).map((b) => tipo.fromBuffer(b).lancamentos as Lancamento[]);
      fases.fim('leitura');
      const trecho = porTitular(lidos);
      const estados = new EstadosEmBytes(new Map([...trecho.keys()].map((t) => [t, guardados.get(t) ?? null])));
      fases.fim('titulares');
      const dobrado = dobraTrecho(trecho, estados, rulebooks);
      fases.fim('dobra');
      JSON.stringify([...agrupa(dobrado.indicadores, dobrado.metricas)]);
      fases.fim('grupos');
      const { titulares, tamanhos, valores } = estados.termina();
      let em = 0;
      for (const [i, titular] of titulares.entries()) {
        const tamanho = tamanhos[i] ?? 0;
        guardados.set(titular, valores.subarray(em, em + tamanho));
        em += tamanho;
      }
      fases.fim('guardados');
      entradas += lidos.reduce((soma, lote) => soma + lote.length, 0);
    }
  }
  return `${entradas} lançamentos  ${fases.texto(entradas)}`;
}

const dados = lotes();
for (let n = 0; n < rodadas; n += 1) process.stdout.write(`${rodada(dados)}\n`);
