import type { ClientesAte } from './ate-o-dia.ts';
import { type Celula, csv } from './csv.ts';
import type { ListaDeIndicadores, RespostaDeIndicador } from './indicadores.ts';

/** What is not known, or not kept, is an empty cell. */
type Contada = { clientes?: number | null; atendimentos?: number };

/** One line for each figure: what it is of, then the figures. */
export function csvDeIndicador(r: RespostaDeIndicador): string {
  const cortes = [
    ['unidade', r.porUnidade],
    ['tipoSolucao', r.porTipo],
    ['modalidade', r.porModalidade],
    ['mes', r.porMes],
    ['propostaValor', r.porPropostaValor],
  ] as const;
  const linha = (periodo: string, corte: string, valor: string, m: Contada): Celula[] => {
    return [r.codigo, periodo, r.unidade, corte, valor, m.clientes, m.atendimentos];
  };
  // Filtered, the total says of what.
  const filtro = r.tipoSolucao ?? r.modalidade ?? r.mes ?? '';
  const linhas = [linha(r.periodo, 'total', filtro, r)];
  for (const [corte, valores] of cortes) {
    for (const [valor, m] of Object.entries(valores ?? {})) linhas.push(linha(r.periodo, corte, valor, m));
  }
  const ateODia = (periodo: string, ate: ClientesAte | undefined): void => {
    if (ate !== undefined) linhas.push(linha(periodo, 'ate', ate.dia, { clientes: ate.clientes }));
  };
  ateODia(r.periodo, r.ateODia);
  if (r.anterior !== undefined) linhas.push(linha(r.anterior.periodo, 'total', filtro, r.anterior));
  if (r.anterior !== undefined) ateODia(r.anterior.periodo, r.anterior.ateODia);
  return csv(['codigo', 'periodo', 'unidade', 'corte', 'valor', 'clientes', 'atendimentos'], linhas);
}

export function csvDeIndicadores(lista: ListaDeIndicadores): string {
  const linhas = lista.map((i) => [i.codigo, i.nome, i.publico.join(' '), i.periodo]);
  return csv(['codigo', 'nome', 'publico', 'periodo'], linhas);
}
