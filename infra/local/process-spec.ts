import type { ProcessState } from '#platform/config-stack.ts';

/** How one process of the stack is run and known to be ready. */
export interface ProcessSpec {
  nome: string;
  tipo: ProcessState['tipo'];
  porta: number | null;
  endereco: string | null;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** What must be done before each start: files, formatting. */
  before?: () => Promise<void>;
  /** One question about the process started: null when ready, else why not yet (in Portuguese). */
  probe: (pid: number | undefined) => Promise<string | null>;
  /** Not ready after this many milliseconds: it is killed and started again. Null: it may wait for others as long as it takes. */
  readyWithinMs: number | null;
}
