import { isAlive } from '#platform/config-pid.ts';
import type { ProcessState, StackState } from '#platform/config-stack.ts';
import { tabela } from './tabela.ts';

/** The state of the processes as a table for a person. */
export function stackTable(state: StackState): string {
  const linhas = state.processos.map((one) => [
    one.nome,
    one.estado,
    one.endereco ?? '',
    String(one.processo?.pid ?? ''),
    String(one.reinicios),
  ]);
  return tabela(['processo', 'estado', 'endereço', 'pid', 'reinícios'], 3, linhas);
}

/** A state that nobody keeps up to date any more, with what has ended since told apart from what still runs. */
export function withoutSupervisor(state: StackState | null): StackState | null {
  if (!state) return null;
  const processos = state.processos.map(
    (one): ProcessState => (one.processo && !isAlive(one.processo) ? { ...one, processo: null, estado: 'caiu' } : one),
  );
  return { ...state, processos };
}

function troubleOf(one: ProcessState): string | null {
  if (['no-ar', 'externo', 'concluido'].includes(one.estado)) return null;
  return `PROCESSO_FORA_DO_AR: ${one.nome} está ${one.estado}${one.causa ? ` (${one.causa})` : ''}; veja ${one.log}`;
}

/** One line for each thing that is not as it should be. */
export function troubles(state: StackState | null, supervisorRuns: boolean): string[] {
  if (supervisorRuns && state) return state.processos.flatMap((one) => troubleOf(one) ?? []);
  const orphans = state?.processos.filter((one) => one.processo && isAlive(one.processo)).map((one) => one.nome) ?? [];
  if (orphans.length === 0) return ['PILHA_PARADA: a pilha local não está no ar: rode `atendido up`'];
  return [
    `SUPERVISOR_CAIU: o supervisor não está no ar e deixou ${orphans.join(', ')}: rode \`atendido up\` ou \`atendido down\``,
  ];
}
