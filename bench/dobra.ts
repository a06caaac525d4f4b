import { parseArgs } from 'node:util';
import { dobraTrecho, porTitular } from '#domain/dobra-trecho.ts';
import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { Reclassificacao } from '#domain/reclassificacao.ts';
import { typeOf } from '#platform/codec-types.ts';
import { agrupa } from '#platform/estado/chaves.ts';
import { EstadosEmBytes } from '#platform/estado/estados-em-bytes.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { portfolioDaDemo } from '../services/cli/demo/catalogo.ts';
import { interacoesDaCarga } from './carga.ts';

/** What the aggregator does to its entries, without servers: steadier than a line, to be looked at while it is changed. */

const { values: opcoes } = parseArgs({ options: { eventos: { type: 'string' }, rodadas: { type: 'string' } } });
const carga = { eventos: Number(opcoes.eventos ?? 100_000), semente: 42 };
const LOTE = 300;
const LOTES_POR_TRECHO = 20;
const PARTICOES = 6;

const rulebooks = await loadRulebooks();
const lido = lePortfolio(portfolioDaDemo(carga));
if (!lido.ok) throw new Error('o portfólio da demo não se lê');
const portfolio = lido.valor;

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

const fases = ['leitura', 'titulares', 'dobra', 'grupos'] as const;
type Fase = (typeof fases)[number];

/** Seconds of CPU by phase, of folding all lots into no state at all. */
function rodada(porParticao: readonly Buffer[][]): { segundos: Record<Fase, number>; entradas: number } {
  const tipo = typeOf('LoteDeLancamentos');
  const segundos: Record<Fase, number> = { leitura: 0, titulares: 0, dobra: 0, grupos: 0 };
  let entradas = 0;
  for (const bytes of porParticao) {
    const guardados = new Map<string, Buffer>();
    for (let de = 0; de < bytes.length; de += LOTES_POR_TRECHO) {
      let antes = process.cpuUsage();
      const fim = (fase: Fase) => {
        const { user, system } = process.cpuUsage(antes);
        segundos[fase] += (user + system) / 1e6;
        antes = process.cpuUsage();
      };
      const lidos = bytes.slice(de, de + LOTES_POR_TRECHO).map((b) => tipo.fromBuffer(b).lancamentos as Lancamento[]);
      fim('leitura');
      const trecho = porTitular(lidos);
      const estados = new EstadosEmBytes(new Map([...trecho.keys()].map((t) => [t, guardados.get(t) ?? null])));
      fim('titulares');
      const dobrado = dobraTrecho(trecho, estados, rulebooks);
      fim('dobra');
      JSON.stringify([...agrupa(dobrado.indicadores, dobrado.metricas)]);
      fim('grupos');
      const { titulares, tamanhos, valores } = estados.termina();
      let em = 0;
      for (const [i, titular] of titulares.entries()) {
        const tamanho = tamanhos[i] ?? 0;
        guardados.set(titular, valores.subarray(em, em + tamanho));
        em += tamanho;
      }
      entradas += lidos.reduce((soma, lote) => soma + lote.length, 0);
    }
  }
  return { segundos, entradas };
}

const dados = lotes();
for (let n = 0; n < Number(opcoes.rodadas ?? 5); n += 1) {
  const antes = process.cpuUsage();
  const { segundos, entradas } = rodada(dados);
  const { user, system } = process.cpuUsage(antes);
  const partes = fases.map((fase) => `${fase} ${((segundos[fase] * 1e6) / entradas).toFixed(2)}`).join('  ');
  process.stdout.write(`${entradas} lançamentos  CPU µs ${((user + system) / entradas).toFixed(2)}   ${partes}\n`);
}
