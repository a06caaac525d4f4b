import { dobraTrecho, porTitular } from '#domain/dobra-trecho.ts';
import { agrupa } from '#platform/estado/chaves.ts';
import { EstadosEmBytes } from '#platform/estado/estados-em-bytes.ts';
import { entradasDe, lotesDaCarga, rulebooks, trechosDe } from './lotes.ts';
import { Fases, rodadas } from './sem-servidores.ts';

/** What the aggregator does to its entries, without servers: steadier than a line, to be looked at while it is changed. */

const FASES = ['leitura', 'titulares', 'dobra', 'grupos', 'guardados'] as const;

/** All lots folded into no state at all. */
function rodada(porParticao: readonly Buffer[][]): string {
  const fases = new Fases(FASES);
  let entradas = 0;
  for (const lotes of porParticao) {
    const guardados = new Map<string, Buffer>();
    for (const lidos of trechosDe(lotes)) {
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
      entradas += entradasDe(lidos);
    }
  }
  return `${entradas} lançamentos  ${fases.texto(entradas)}`;
}

const dados = lotesDaCarga();
for (let n = 0; n < rodadas; n += 1) process.stdout.write(`${rodada(dados)}\n`);
