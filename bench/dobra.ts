import { dobraTrecho, porTitular } from '#domain/dobra-trecho.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { typeOf } from '#platform/codec-types.ts';
import { agrupa } from '#platform/estado/chaves.ts';
import { EstadosEmBytes } from '#platform/estado/estados-em-bytes.ts';
import { LOTES_POR_TRECHO, lotesDaCarga, rulebooks } from './lotes.ts';
import { Fases, rodadas } from './sem-servidores.ts';

/** What the aggregator does to its entries, without servers: steadier than a line, to be looked at while it is changed. */

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

const dados = lotesDaCarga();
for (let n = 0; n < rodadas; n += 1) process.stdout.write(`${rodada(dados)}\n`);
