import { fonteReservada } from '#domain/consolidacao.ts';
import { FORMA_DE_PSEUDONIMO } from '#domain/documento.ts';
import type { Esquecimentos } from '#domain/esquecimento.ts';
import type { Cliente, Interacao } from '#domain/interacao.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { leInteracao } from '#platform/quarentena/ensaio.ts';
import { buscaPorIds, type EmQuarentena } from '#platform/quarentena/registros.ts';
import type { PartesDaQuarentena } from '#platform/quarentena/selecao.ts';
import { deEsquecido, type Entrada, entradaDe } from './entrada.ts';

/** What says which names are no more. */
export type Ordens = Pick<Esquecimentos, 'calado' | 'nomeAtual'>;
/** Under which name somebody may be shown; null: under none. */
type Nomeia = (pf: string) => string | null;

/** A record and what it says; null: it cannot be read. */
interface Lido {
  um: EmQuarentena;
  interacao: Interacao | null;
}

/**
 * The records of these ids. @throws ErroHttp QUARENTENA_DESCONHECIDA one is not there, or is of somebody who was forgotten
 * since; RetryableError
 */
export async function visiveisPorId(partes: PartesDaQuarentena, ids: readonly string[]): Promise<Lido[]> {
  const achados = await buscaPorIds(partes, ids);
  const lidos = await Promise.all(
    achados.map(async (um) => ({ um, interacao: await leInteracao(partes.interacoes, um.registro.valor) })),
  );
  const { esquecimentos } = partes.seguidas;
  const visiveis = lidos.filter(({ um, interacao }) => !deEsquecido(entradaDe(um, interacao), esquecimentos));
  if (visiveis.length < new Set(ids).size) {
    throw new ErroHttp('QUARENTENA_DESCONHECIDA', 'não há na quarentena um registro com este id');
  }
  return visiveis;
}

/** The names of those of whom is told what happened at a time and stands at a place. */
function nomesDe(ordens: Ordens, lugar: Entrada['lugar'], quando: { time: number; derivada: boolean }): Nomeia {
  return (pf) => (ordens.calado(lugar, { pf, ...quando }) ? null : ordens.nomeAtual(pf));
}

/** The names of those of whom a record tells. */
function nomeia(ordens: Ordens, { um, interacao }: Lido): Nomeia {
  const { lugar, titular } = entradaDe(um, interacao);
  const { time = um.registro.recebidaEm, derivada = false } = titular ?? {};
  return nomesDe(ordens, lugar, { time: interacao?.time ?? time, derivada });
}

/** What a record says, or a corrected copy of it, without those who were forgotten. */
export function interacaoVisivel(ordens: Ordens, lido: Lido, interacao: Interacao): Interacao {
  const nome = nomeia(ordens, lido);
  const fica = (c: Cliente): Cliente => (c.pf === null ? c : { ...c, pf: nome(c.pf) });
  const { cliente, participantes } = interacao;
  const presentes = participantes?.filter((p) => p.cliente.pf === null || nome(p.cliente.pf) !== null);
  return {
    ...interacao,
    cliente: cliente === null ? null : fica(cliente),
    participantes: presentes?.map((p) => ({ ...p, cliente: fica(p.cliente) })) ?? null,
  };
}

const PSEUDONIMOS = new RegExp(FORMA_DE_PSEUDONIMO, 'g');

/** Something told of a record, with no other names than these wherever in it a person stands: also inside of an id. */
export function comNomes<T>(valor: T, nome: Nomeia): T {
  const limpa = (v: unknown): unknown => {
    if (typeof v === 'string') return v.replace(PSEUDONIMOS, (pf) => nome(pf) ?? '***');
    if (Array.isArray(v)) return v.map(limpa);
    if (typeof v !== 'object' || v === null) return v;
    return Object.fromEntries(Object.entries(v).map(([k, um]) => [k, limpa(um)]));
  };
  return limpa(valor) as T;
}

/** Something told of a record, wherever in it a person stands who was forgotten. */
export function semEsquecidos<T>(ordens: Ordens, lido: Lido, valor: T): T {
  return comNomes(valor, nomeia(ordens, lido));
}

/** The same of a record of which the index alone is at hand. */
export function semEsquecidosDe<T>(ordens: Ordens, { lugar, titular, source, postaEm }: Entrada, valor: T): T {
  const quando = titular ?? { time: postaEm, derivada: fonteReservada(source) };
  return comNomes(valor, nomesDe(ordens, lugar, { time: quando.time, derivada: quando.derivada }));
}
