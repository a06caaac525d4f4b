import type { Decisao } from './decisao.ts';
import type { Interacao } from './interacao.ts';
import type { Credito, Lancamento } from './lancamento.ts';

function creditoDe(i: Interacao, d: Decisao, cliente: string | null): Credito | null {
  if (d.resultado !== 'contabiliza' || d.chave === null) return null;
  const comPj = i.cliente?.pj != null;
  if (cliente === null) {
    const quantidade = i.cliente?.naoIdentificado?.quantidade ?? 1;
    return { chave: d.chave, quantidade, comPj, ladoDePf: false };
  }
  if (!d.creditos.includes(cliente)) return null;
  const pf = i.cliente?.pf ?? null;
  const ladoDePf = cliente !== pf && pf !== null && d.creditos.includes(pf);
  return { chave: d.chave, quantidade: 1, comPj, ladoDePf };
}

/**
 * The ledger entries of one decided interaction: one for each client it names, or one without client. None in
 * quarantine. The first is the principal one.
 */
export function lancamentosDe(i: Interacao, d: Decisao): Lancamento[] {
  if (d.resultado === 'quarentena' || d.metrica === null) return [];
  const { pf = null, pj = null } = i.cliente ?? {};
  if (pj === null) return [lancamento(i, d, d.metrica, pf, true)];
  if (pf === null) return [lancamento(i, d, d.metrica, pj.id, true)];
  return [lancamento(i, d, d.metrica, pf, true), lancamento(i, d, d.metrica, pj.id, false)];
}

function lancamento(i: Interacao, d: Decisao, metrica: string, cliente: string | null, principal: boolean): Lancamento {
  return {
    cliente,
    source: i.source,
    id: i.id,
    time: i.time,
    principal,
    metrica,
    motivo: d.motivo,
    tipoSolucao: i.tipoSolucao,
    unidade: i.unidade,
    canal: i.canal,
    modalidade: d.modalidade,
    credito: creditoDe(i, d, cliente),
    estornada: i.tipoInteracao === 'estorno' ? i.estornada : null,
  };
}
