import { readFileSync } from 'node:fs';

/** Linux counts CPU in ticks of 10 ms. */
const TICKS_POR_SEGUNDO = 100;

export interface Uso {
  /** User and system, seconds. */
  cpu: number;
  /** Largest resident memory since the process began, MiB. */
  picoMiB: number;
}

/** What a process has used so far, from /proc; zeros once it has gone. */
export function usoDe(pid: number): Uso {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const campos = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const pico = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return { cpu: (Number(campos[11]) + Number(campos[12])) / TICKS_POR_SEGUNDO, picoMiB: Number(pico ?? 0) / 1024 };
  } catch {
    return { cpu: 0, picoMiB: 0 };
  }
}

/** CPU seconds that the whole machine has used, of all processes, ours or not. */
function cpuDaMaquina(): number {
  const [usuario = 0, nice = 0, sistema = 0, , , irq = 0, softirq = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)
    .join('')
    .trim()
    .split(/ +/)
    .slice(1)
    .map(Number);
  return (usuario + nice + sistema + irq + softirq) / TICKS_POR_SEGUNDO;
}

/** CPU by process between two moments, with what others on the machine took meanwhile. */
export interface Gasto {
  segundos: number;
  cpu: Record<string, number>;
  picoMiB: Record<string, number>;
  /** CPU seconds of everything that is none of these processes: neighbours, and the bench itself. */
  outros: number;
}

/** Starts a stretch of measurement over processes by name; the answer ends it. */
export function mede(pids: ReadonlyMap<string, number>): () => Gasto {
  const inicio = performance.now();
  const maquina = cpuDaMaquina();
  const antes = new Map([...pids].map(([nome, pid]) => [nome, usoDe(pid).cpu]));
  return () => {
    const segundos = (performance.now() - inicio) / 1000;
    const cpu: Record<string, number> = {};
    const picoMiB: Record<string, number> = {};
    for (const [nome, pid] of pids) {
      const uso = usoDe(pid);
      cpu[nome] = uso.cpu - (antes.get(nome) ?? 0);
      picoMiB[nome] = uso.picoMiB;
    }
    const nossos = Object.values(cpu).reduce((a, b) => a + b, 0);
    return { segundos, cpu, picoMiB, outros: Math.max(0, cpuDaMaquina() - maquina - nossos) };
  };
}

export const cpuTotal = (gasto: Gasto): number => Object.values(gasto.cpu).reduce((a, b) => a + b, 0);
