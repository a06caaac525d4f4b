import { type AnoDoCliente, anosDe, publicoDe } from '#domain/cliente.ts';
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
    const [redis, recontagem] = [anosDe(estado), nosso === undefined ? null : anosDe(nosso)];
    const igual = recontagem !== null && mesmaTabela(redis, recontagem, mesmoAno);
    if (!igual) diferencas.push({ onde: 'cliente', chave: titular, redis, recontagem });
  }
  for (const [chave, estado] of estados) {
    if (publicoDe(chave) === 'nao-identificado' || vistos.has(chave)) continue;
    diferencas.push({ onde: 'cliente', chave, redis: null, recontagem: anosDe(estado) });
  }
  return [vistos.size, diferencas];
}
