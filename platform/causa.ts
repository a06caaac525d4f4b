const POR_CODIGO: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'ninguém atende neste endereço',
  ECONNRESET: 'a conexão caiu',
  EPIPE: 'a conexão caiu',
  ETIMEDOUT: 'sem resposta a tempo',
  UND_ERR_CONNECT_TIMEOUT: 'sem resposta a tempo',
  UND_ERR_HEADERS_TIMEOUT: 'sem resposta a tempo',
  ENOTFOUND: 'não há máquina com este nome',
  EAI_AGAIN: 'o nome da máquina não pôde ser procurado',
  EHOSTUNREACH: 'não há caminho até a máquina',
  ENETUNREACH: 'não há caminho até a máquina',
  ENOENT: 'não existe',
  ENOTDIR: 'uma parte do caminho não é uma pasta',
  EISDIR: 'é uma pasta',
  EACCES: 'sem permissão',
  EPERM: 'sem permissão',
  EROFS: 'nada se grava ali',
  ENOSPC: 'não há mais espaço no disco',
};

function codigoDe(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, cause, errors } = error as Error & { code?: unknown; errors?: unknown };
  if (typeof code === 'string' && Object.hasOwn(POR_CODIGO, code)) return code;
  const dentro: unknown[] = Array.isArray(errors) ? [cause, ...errors] : [cause];
  return dentro.map(codigoDe).find((c) => c !== null) ?? null;
}

/**
 * Why a server did not answer, or a file could not be used, for a person: in Portuguese, with the system's code where it
 * is a known one; else what the error says.
 */
export function causaDe(error: unknown): string {
  const codigo = codigoDe(error);
  if (codigo !== null) return `${POR_CODIGO[codigo]} (${codigo})`;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
