import type { Decisao } from './decisao.ts';
import type { Interacao } from './interacao.ts';
import type { Credito, Lancamento } from './lancamento.ts';

function creditoDe(i: Interacao, d: Decisao, cliente: string | null): Credito | null {
  if (d.resultado !== 'contabiliza' || d.chave === null) return null;
  const pf = i.cliente?.pf ?? null;
  const credito = { chave: d.chave, comPj: i.cliente?.pj != null };
  if (cliente === null) {
    return { ...credito, quantidade: i.cliente?.naoIdentificado?.quantidade ?? 1, ladoDePf: false };
  }
  if (!d.creditos.includes(cliente)) return null;
  return { ...credito, quantidade: 1, ladoDePf: cliente !== pf && pf !== null && d.creditos.includes(pf) };
}

/**
 * The ledger entries of one decided interaction: one for each client it names, or one without client. None in
 * quarantine. The first is the principal one.
 */
export function lancamentosDe(i: Interacao, d: Decisao): Lancamento[] {
  if (d.resultado === 'quarentena' || d.metrica === null) return [];
  const nomeados = [i.cliente?.pf ?? null, i.cliente?.pj?.id ?? null].filter((c) => c !== null);
  const clientes: (string | null)[] = nomeados.length > 0 ? nomeados : [null];
  const { metrica, motivo, modalidade } = d;
  const { source, id, time, tipoSolucao, unidade, canal, estornada } = i;
  return clientes.map((cliente, n) => ({
    cliente,
    source,
    id,
    time,
    principal: n === 0,
    metrica,
    motivo,
    tipoSolucao,
    unidade,
    canal,
    modalidade,
    credito: creditoDe(i, d, cliente),
    estornada: i.tipoInteracao === 'estorno' ? estornada : null,
  }));
}
