import { type Saida, atendido as start } from '../integration/comando.ts';

/** Starts `atendido` on the line under test, which is that of this process. */
export const atendido = (args: readonly string[], env: Record<string, string> = {}) =>
  start(args, { ...process.env, ...env });

/** Runs it to its end. @returns its exit code and what it wrote as JSON */
export async function asJson(...args: string[]) {
  const { codigo, saida, erros }: Saida = await atendido([...args, '--json']).fim;
  if (saida === '') throw new Error(erros);
  return { codigo, resultado: JSON.parse(saida) };
}
