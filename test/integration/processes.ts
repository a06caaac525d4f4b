import type { ProcessIdentity } from '#platform/config-pid.ts';
import type { StackState } from '#platform/config-stack.ts';

/** @throws Error it does not run */
export function processOf(state: StackState | null, name: string): ProcessIdentity {
  const found = state?.processos.find((one) => one.nome === name)?.processo;
  if (!found) throw new Error(`${name} does not run`);
  return found;
}

export const pidsOf = (state: StackState) => state.processos.flatMap((one) => one.processo ?? []);
