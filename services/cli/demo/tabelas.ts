import type { Motivo } from '#domain/decisao.ts';
import { descricaoDe, MOTIVOS } from '#domain/motivos.ts';
import type { Rulebook } from '#domain/rulebook.ts';
import { tabela } from '../tabela.ts';
import { numero } from './formato.ts';
import type { Medidas, Resultados } from './resultados.ts';

const UNIDADES_MOSTRADAS = 10;
const LARGURA_DA_DESCRICAO = 62;
const ZERO: Medidas = { clientes: 0, atendimentos: 0 };

const intitulada = (titulo: string, ...t: Parameters<typeof tabela>): string => `\n${titulo}\n${tabela(...t)}`;

function descricao(motivo: string): string {
  const texto = (MOTIVOS as string[]).includes(motivo) ? descricaoDe(motivo as Motivo) : '';
  return texto.length <= LARGURA_DA_DESCRICAO ? texto : `${texto.slice(0, LARGURA_DA_DESCRICAO - 1)}…`;
}

function porAno(anos: readonly string[], medidas: Record<string, Medidas> | undefined): string[] {
  return anos.flatMap((ano) => {
    const { clientes, atendimentos } = medidas?.[ano] ?? ZERO;
    return [numero(clientes), numero(atendimentos)];
  });
}

const colunas = (anos: readonly string[]): string[] => anos.flatMap((a) => [`clientes ${a}`, `atend. ${a}`]);

const METRICAS: Record<string, string> = {
  atendimento: 'atendimento',
  informacao: 'informação',
  comercializacao: 'comercialização',
  campanha: 'campanha',
  improcedente: 'improcedente',
  ausencia: 'ausência',
  jornada: 'jornada',
};

/** The tables that a manager would ask for. */
export function tabelasDe(r: Resultados, rulebook: Rulebook): string[] {
  const { anos } = r;
  const ultimo = anos.at(-1) ?? '';
  const atendimentosEm = (m: Record<string, Medidas>): number => m[ultimo]?.atendimentos ?? 0;
  const unidades = Object.entries(r.porUnidade).sort(([, a], [, b]) => atendimentosEm(b) - atendimentosEm(a));
  const quarentena = Object.entries(r.quarentena).sort(([, a], [, b]) => b - a);
  return [
    intitulada(
      'Indicadores',
      ['indicador', ...colunas(anos)],
      1,
      Object.entries(rulebook.indicadores).map(([codigo, { nome }]) => [nome, ...porAno(anos, r.porIndicador[codigo])]),
    ),
    intitulada(
      'Clientes atendidos, por tipo de solução',
      ['tipo', ...colunas(anos)],
      1,
      Object.entries(rulebook.tiposSolucao).map(([codigo, { nome }]) => [nome, ...porAno(anos, r.porTipo[codigo])]),
    ),
    intitulada(
      `Clientes atendidos, nas ${UNIDADES_MOSTRADAS} unidades com mais atendimentos em ${ultimo}`,
      ['unidade', ...colunas(anos)],
      1,
      unidades.slice(0, UNIDADES_MOSTRADAS).map(([unidade, m]) => [unidade, ...porAno(anos, m)]),
    ),
    intitulada(
      'Interações classificadas, por motivo',
      ['métrica', 'motivo', 'o que quer dizer', 'interações'],
      3,
      r.porMotivo.map((m) => [METRICAS[m.metrica] ?? m.metrica, m.motivo, descricao(m.motivo), numero(m.interacoes)]),
    ),
    intitulada(
      'Em quarentena, à espera de correção, por motivo',
      ['motivo', 'o que quer dizer', 'registros'],
      2,
      quarentena.map(([motivo, n]) => [motivo, descricao(motivo), numero(n)]),
    ),
  ];
}
