import {
  type AnoDoCliente,
  anosDe,
  type ContaDoCliente,
  type OutraMetrica,
  type Portador,
  publicoDe,
} from '#domain/cliente.ts';
import { type Contadores, contadoresDiferentes } from '#domain/indicadores.ts';
import type { Reagregacao } from '#domain/reagregacao.ts';
import type { LeitorDeEstado } from '#platform/estado/leitor.ts';

/** One figure on which Redis and the recount do not agree. */
export interface Diferenca {
  onde: 'cliente' | 'indicador' | 'metrica' | 'quarentena';
  chave: string;
  redis: unknown;
  recontagem: unknown;
}

/** Differences of counters, by name. */
export function comparaContadores(onde: Diferenca['onde'], redis: Contadores, recontagem: Contadores): Diferenca[] {
  return contadoresDiferentes(redis, recontagem).map(({ nome, emA, emB }) => {
    return { onde, chave: nome, redis: emA, recontagem: emB };
  });
}

/** Whether two tables hold the same, in whatever order. */
function mesmaTabela<T>(a: Record<string, T>, b: Record<string, T>, mesmo: (x: T, y: T) => boolean): boolean {
  let faltam = 0;
  for (const _ in b) faltam += 1;
  for (const chave in a) {
    const [x, y] = [a[chave], b[chave]];
    if (x === undefined || y === undefined || !mesmo(x, y)) return false;
    faltam -= 1;
  }
  return faltam === 0;
}

const mesmoNumero = (a: number, b: number): boolean => a === b;

function mesmoAno(a: AnoDoCliente, b: AnoDoCliente): boolean {
  return (
    a.atendido === b.atendido &&
    a.atendimentos === b.atendimentos &&
    a.primeiro === b.primeiro &&
    a.ultimo === b.ultimo &&
    mesmaTabela(a.porTipo, b.porTipo, mesmoNumero) &&
    mesmaTabela(a.outrasMetricas, b.outrasMetricas, mesmoNumero)
  );
}

/** Of longer lists looking for each of the one in the other is no shortcut. */
const POUCOS = 16;

/** Whether each of ours, of which no two are alike, is one of theirs, and these are no more; false too where they are many. */
function saoOsMesmos<T>(nossos: readonly T[], deles: readonly T[], mesmo: (a: T, b: T) => boolean): boolean {
  if (nossos.length !== deles.length || nossos.length > POUCOS) return false;
  for (const nosso of nossos) if (!deles.some((dele) => mesmo(nosso, dele))) return false;
  return true;
}

/** In every field there is, so that whatever is made of the one is made of the other. */
const mesmoPortador = (a: Portador, b: Portador): boolean =>
  a.time === b.time &&
  a.id === b.id &&
  a.source === b.source &&
  a.desfeito === b.desfeito &&
  a.chave === b.chave &&
  a.tipoSolucao === b.tipoSolucao &&
  a.unidade === b.unidade &&
  a.modalidade === b.modalidade &&
  a.quantidade === b.quantidade &&
  a.comPj === b.comPj &&
  a.ladoDePf === b.ladoDePf;

const mesmaOutra = (a: OutraMetrica, b: OutraMetrica): boolean =>
  a.n === b.n && a.metrica === b.metrica && a.ano === b.ano;

/**
 * Whether a client's years are the same. All that they are made of being the same is enough, and mostly so; where it is
 * not, of two copies of an event each side may have seen another one first.
 */
function mesmosAnos(nosso: ContaDoCliente, dele: ContaDoCliente): boolean {
  const mesmasOutras = saoOsMesmos(nosso.outrasMetricas, dele.outrasMetricas, mesmaOutra);
  if (mesmasOutras && saoOsMesmos(nosso.portadores, dele.portadores, mesmoPortador)) return true;
  return mesmaTabela(anosDe(nosso), anosDe(dele), mesmoAno);
}

/**
 * Compares the years of every client that Redis holds in these shards, or that the recount knows.
 * @returns how many clients Redis holds, and the differences
 */
export async function comparaClientes(
  leitor: LeitorDeEstado,
  shards: ReadonlySet<number>,
  estados: Reagregacao['estados'],
): Promise<[clientes: number, diferencas: Diferenca[]]> {
  const vistos = new Set<string>();
  const diferencas: Diferenca[] = [];
  for await (const { titular, estado } of leitor.titulares(shards)) {
    if (publicoDe(titular) === 'nao-identificado') continue;
    vistos.add(titular);
    const nosso = estados.get(titular);
    if (nosso !== undefined && mesmosAnos(nosso, estado)) continue;
    const recontagem = nosso === undefined ? null : anosDe(nosso);
    diferencas.push({ onde: 'cliente', chave: titular, redis: anosDe(estado), recontagem });
  }
  for (const [chave, estado] of estados) {
    if (publicoDe(chave) === 'nao-identificado' || vistos.has(chave)) continue;
    diferencas.push({ onde: 'cliente', chave, redis: null, recontagem: anosDe(estado) });
  }
  return [vistos.size, diferencas];
}
