import { instante, numero, quantos } from '../formato.ts';
import { tabela } from '../tabela.ts';
import type { Ensaio } from './ensaio.ts';
import type { Estado } from './estado.ts';
import type { Importacao } from './importa.ts';
import { type ErroDaLinha, saidaDe, textoDoErro } from './recusas.ts';

const MIB = 1_048_576;

/** An amount of a file. */
export function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toLocaleString('pt-BR', { maximumFractionDigits: 1 })} MiB`;
}

export function quantas(recusadas: Readonly<Record<string, number>>): number {
  return Object.values(recusadas).reduce((soma, n) => soma + n, 0);
}

/** What a bar says beside how far it is. */
export function detalheDo({ aceitas, recusadas }: Pick<Estado, 'aceitas' | 'recusadas'>): string {
  return `${numero(aceitas)} aceitas, ${numero(quantas(recusadas))} recusadas`;
}

function porCodigo(recusadas: Readonly<Record<string, number>>): string[] {
  const linhas = Object.entries(recusadas).sort(([, a], [, b]) => b - a);
  if (linhas.length === 0) return [];
  return [
    tabela(
      ['código', 'linhas', 'o que fazer'],
      3,
      linhas.map(([c, n]) => [c, numero(n), saidaDe(c)]),
    ),
  ];
}

/** One error of a dry run, in one line. */
export function linhaDoErro(linha: number, erro: ErroDaLinha): string {
  return `linha ${linha}: ${erro.codigo}: ${textoDoErro(erro)} → ${saidaDe(erro.codigo)}`;
}

export function textoDoEnsaio({ linhas, aceitas, recusadas, copias, idsRepetidos, todosOsIds }: Ensaio): string {
  return [
    `${quantos(linhas, 'linha', 'linhas')}: ${quantos(aceitas, 'seria aceita', 'seriam aceitas')}, ${quantos(quantas(recusadas), 'recusada', 'recusadas')}.`,
    ...(copias === 0 ? [] : [`${numero(copias)} das aceitas são cópias de outra linha: contam uma vez só.`]),
    ...(idsRepetidos === 0 ? [] : [`${numero(idsRepetidos)} das aceitas têm o id de outra, e não contariam.`]),
    ...(todosOsIds ? [] : ['Ids repetidos só foram procurados entre as primeiras três milhões de linhas.']),
    ...porCodigo(recusadas),
    'Nada foi enviado.',
  ].join('\n');
}

export function textoDaImportacao({ estado, jaFeita }: Importacao): string {
  const { aceitas, recusadas, relatorio, fim } = estado;
  const quando = `Este arquivo já foi importado por esta fonte, em ${instante(fim ?? '')}; nada foi enviado (--recomeca repete).`;
  return [
    ...(jaFeita ? [quando] : []),
    `${quantos(aceitas, 'linha aceita', 'linhas aceitas')}, ${quantos(quantas(recusadas), 'recusada', 'recusadas')}.`,
    ...porCodigo(recusadas),
    ...(relatorio.bytes === 0 ? [] : [`As recusadas estão em ${relatorio.caminho}, que só o dono lê.`]),
  ].join('\n');
}
