import type { Par } from '#domain/reprocessamento.ts';
import { instante, numero } from './formato.ts';
import type { Ensaio } from './reprocessamento.ts';
import { tabela } from './tabela.ts';

const diferenca = ({ antes, depois }: Par): string => `${depois > antes ? '+' : ''}${numero(depois - antes)}`;
const celulas = (par: Par): string[] => [numero(par.antes), numero(par.depois), diferenca(par)];

function parte(nomes: string[], linhas: readonly (readonly [string[], Par])[]): string[] {
  if (linhas.length === 0) return [];
  const corpo = linhas.map(([nome, par]) => [...nome, ...celulas(par)]);
  return ['', tabela([...nomes, 'hoje', 'seria', 'diferença'], nomes.length, corpo)];
}

/** What another rulebook would change, for a person. */
export function textoDoEnsaio(e: Ensaio): string {
  const linhas = [
    `Se o rulebook ${e.rulebook} decidisse as interações desde ${instante(e.desde)} (hoje, o ${e.emVigor}):`,
    `relidos ${numero(e.registros)} registros em ${e.segundos.toFixed(1).replace('.', ',')} s; nada foi mudado.`,
  ];
  if (e.motivos.length + e.indicadores.length === 0) return [...linhas, 'Nada seria diferente.'].join('\n');
  for (const { ano, passam, deixam } of e.clientes) {
    linhas.push(`${ano}: ${numero(passam)} clientes passariam a atendidos, ${numero(deixam)} deixariam de ser.`);
  }
  const deIndicadores = e.indicadores.flatMap(({ codigo, periodo, unidade, ...medidas }) =>
    (['clientes', 'atendimentos'] as const).map((medida): [string[], Par] => {
      return [[codigo, periodo, unidade === '*' ? 'todas' : unidade, medida], medidas[medida]];
    }),
  );
  linhas.push(
    ...parte(
      ['indicador', 'período', 'unidade', 'medida'],
      deIndicadores.filter(([, { antes, depois }]) => antes !== depois),
    ),
    ...parte(
      ['métrica', 'motivo'],
      e.motivos.map((m) => [[m.metrica, m.motivo], m]),
    ),
    ...parte(
      ['tipo (o que conta)'],
      e.tipos.map((t) => [[t.tipoSolucao], t]),
    ),
    ...parte(
      ['unidade (o que conta)'],
      e.unidades.map((u) => [[u.unidade], u]),
    ),
  );
  return linhas.join('\n');
}
