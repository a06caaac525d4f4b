import type { Motivo } from '#domain/decisao.ts';
import { descricaoDe, MOTIVOS } from '#domain/motivos.ts';
import type { Rulebook } from '#domain/rulebook.ts';
import { numero } from '../formato.ts';
import { tabela } from '../tabela.ts';
import type { Medidas, Resultados } from './resultados.ts';

const UNIDADES_MOSTRADAS = 10;
/** A description narrower than this says nothing. */
const MENOR_DESCRICAO = 25;
/** Of a cell: its border and the blanks beside it. */
const BORDAS = 3;
const ZERO: Medidas = { clientes: 0, atendimentos: 0 };

const intitulada = (titulo: string, ...t: Parameters<typeof tabela>): string => `\n${titulo}\n${tabela(...t)}`;

function descricao(motivo: string, largura: number): string {
  const texto = (MOTIVOS as string[]).includes(motivo) ? descricaoDe(motivo as Motivo) : '';
  return texto.length <= largura ? texto : `${texto.slice(0, largura - 1)}…`;
}

/**
 * A table by reason, each with what it means as far as the terminal has room.
 * @param linhas words, the reason last of them, and a figure
 * @param colunas how many characters a line of the terminal has
 */
function porMotivo(titulo: string, cabecalho: readonly string[], linhas: readonly string[][], colunas: number): string {
  const larguras = cabecalho.map((nome, n) => Math.max(nome.length, ...linhas.map((l) => l[n]?.length ?? 0)));
  const sobra = colunas - larguras.reduce((a, b) => a + b + BORDAS, 1) - BORDAS;
  const explica = sobra >= MENOR_DESCRICAO;
  const completa = (celulas: readonly string[], explicacao: string): string[] => [
    ...celulas.slice(0, -1),
    ...(explica ? [explicacao] : []),
    ...celulas.slice(-1),
  ];
  return intitulada(
    titulo,
    completa(cabecalho, 'o que quer dizer'),
    explica ? cabecalho.length : cabecalho.length - 1,
    linhas.map((l) => completa(l, descricao(l.at(-2) ?? '', sobra))),
  );
}

function porAno(anos: readonly string[], medidas: Record<string, Medidas> | undefined): string[] {
  return anos.flatMap((ano) => {
    const { clientes, atendimentos } = medidas?.[ano] ?? ZERO;
    return [numero(clientes), numero(atendimentos)];
  });
}

const medidasPorAno = (anos: readonly string[]): string[] => anos.flatMap((a) => [`clientes ${a}`, `atend. ${a}`]);

const METRICAS: Record<string, string> = {
  atendimento: 'atendimento',
  informacao: 'informação',
  comercializacao: 'comercialização',
  campanha: 'campanha',
  improcedente: 'improcedente',
  ausencia: 'ausência',
  jornada: 'jornada',
};

/**
 * The tables that a manager would ask for.
 * @param colunas how many characters a line of the terminal has
 */
export function tabelasDe(r: Resultados, rulebook: Rulebook, colunas: number): string[] {
  const { anos } = r;
  const ultimo = anos.at(-1) ?? '';
  const atendimentosEm = (m: Record<string, Medidas>): number => m[ultimo]?.atendimentos ?? 0;
  const unidades = Object.entries(r.porUnidade).sort(([, a], [, b]) => atendimentosEm(b) - atendimentosEm(a));
  const quarentena = Object.entries(r.quarentena).sort(([, a], [, b]) => b - a);
  return [
    intitulada(
      'Indicadores',
      ['indicador', ...medidasPorAno(anos)],
      1,
      Object.entries(rulebook.indicadores).map(([codigo, { nome }]) => [nome, ...porAno(anos, r.porIndicador[codigo])]),
    ),
    intitulada(
      'Clientes atendidos, por tipo de solução',
      ['tipo', ...medidasPorAno(anos)],
      1,
      Object.entries(rulebook.tiposSolucao).map(([codigo, { nome }]) => [nome, ...porAno(anos, r.porTipo[codigo])]),
    ),
    intitulada(
      `Clientes atendidos, nas ${UNIDADES_MOSTRADAS} unidades com mais atendimentos em ${ultimo}`,
      ['unidade', ...medidasPorAno(anos)],
      1,
      unidades.slice(0, UNIDADES_MOSTRADAS).map(([unidade, m]) => [unidade, ...porAno(anos, m)]),
    ),
    porMotivo(
      'Interações classificadas, por motivo',
      ['métrica', 'motivo', 'quantas'],
      r.porMotivo.map((m) => [METRICAS[m.metrica] ?? m.metrica, m.motivo, numero(m.interacoes)]),
      colunas,
    ),
    porMotivo(
      'Registros em quarentena, à espera de correção, por motivo',
      ['motivo', 'quantos'],
      quarentena.map(([motivo, n]) => [motivo, numero(n)]),
      colunas,
    ),
  ];
}
