import { type AnoDoCliente, anosDe, type ContaDoCliente, publicoDe } from '#domain/cliente.ts';
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
 * Whether a client's years are the same. All that they are made of being the same is enough, and mostly so; where it is
 * not, of two copies of an event each side may have seen another one first.
 */
function mesmosAnos(titular: string, { reagregacao, esquecidos }: Recontados, dele: ContaDoCliente): boolean {
  if (esquecidos.has(titular)) return false;
  if (reagregacao.ehIgual(titular, dele)) return true;
  const nossa = reagregacao.conta(titular);
  return nossa !== undefined && mesmaTabela(anosDe(nossa), anosDe(dele), mesmoAno);
}

/** What the recount knows of clients. */
export interface Recontados {
  reagregacao: Reagregacao;
  /** Of the forgotten the totals stay, and nothing else: nobody is to know them. */
  esquecidos: ReadonlySet<string>;
}

/**
 * Compares the years of every client that Redis holds in these shards, or that the recount knows.
 * @returns how many clients Redis holds, and the differences
 */
export async function comparaClientes(
  leitor: Pick<LeitorDeEstado, 'titulares'>,
  shards: ReadonlySet<number>,
  recontados: Recontados,
): Promise<[clientes: number, diferencas: Diferenca[]]> {
  const { reagregacao, esquecidos } = recontados;
  const vistos = new Set<string>();
  const diferencas: Diferenca[] = [];
  const anosDoTitular = (titular: string) => {
    const conta = esquecidos.has(titular) ? undefined : reagregacao.conta(titular);
    return conta === undefined ? null : anosDe(conta);
  };
  for await (const { titular, estado } of leitor.titulares(shards)) {
    if (publicoDe(titular) === 'nao-identificado') continue;
    vistos.add(titular);
    if (mesmosAnos(titular, recontados, estado)) continue;
    diferencas.push({ onde: 'cliente', chave: titular, redis: anosDe(estado), recontagem: anosDoTitular(titular) });
  }
  for (const chave of reagregacao.titulares()) {
    if (publicoDe(chave) === 'nao-identificado' || vistos.has(chave) || esquecidos.has(chave)) continue;
    diferencas.push({ onde: 'cliente', chave, redis: null, recontagem: anosDoTitular(chave) });
  }
  return [vistos.size, diferencas];
}
